"""The engine: handshakes, the gate, and what a peer sees of a refusal."""

import gc
import weakref

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError, PeerError
from lab.pki.identity import Identity
from lab.pki.keys import make_key
from lab.tls.context import MAX_CHAIN, ClientAuth, ClientRole, Context, ServerRole
from lab.tls.engine import MAX_EARLY, Engine, State
from lab.tls.extension import ClientIdSettings
from tests.unit.tls.pair import CLIENT, SERVER, Pair, handshake


def let_in(pair: Pair) -> Pair:
    """Open both gates."""
    pair.client.verified(ok=True)
    pair.server.verified(ok=True)
    pair.pump()
    return pair


def test_after_the_handshake_both_ends_wait_for_their_gates() -> None:
    pair = handshake()
    assert (pair.server.state, pair.client.state) == (State.VERIFY, State.VERIFY)


def test_each_end_sees_the_chain_of_the_other() -> None:
    pair = handshake()
    assert pair.server.peer_chain == CLIENT.chain
    assert pair.client.peer_chain == SERVER.chain


def test_version_cipher_and_server_name_are_known() -> None:
    pair = handshake()
    assert pair.server.version == "TLSv1.3"
    assert pair.server.cipher == pair.client.cipher != ""
    assert pair.server.server_name == "js.afnic.example"


@pytest.mark.parametrize("request_data", [b"", b"\0"], ids=["huque-08", "ietf-13"])
def test_the_name_reaches_the_server_under_both_drafts(request_data: bytes) -> None:
    assert handshake(request_data, b"\x03abc").server.client_id == b"\x03abc"


def test_no_octets_are_not_the_same_as_no_extension() -> None:
    assert handshake(b"", b"").server.client_id == b""
    assert handshake(b"", None).server.client_id is None


def test_the_name_is_not_sent_to_a_server_that_does_not_ask() -> None:
    pair = handshake(None, b"\x03abc")
    assert (pair.server.client_id, pair.server.state) == (None, State.VERIFY)


def test_ends_with_different_code_points_do_not_understand_each_other() -> None:
    pair = handshake(code_points=(0xFF5D, 0xFF5E))
    assert pair.server.client_id is None


def test_another_code_point_may_be_agreed_on() -> None:
    assert handshake(code_points=(0xFF5E, 0xFF5E)).server.client_id == b"\x01a"


def test_a_client_refuses_a_request_that_holds_a_name() -> None:
    pair = handshake(b"\x01x")
    assert pair.client.state is State.CLOSED
    assert pair.server.alert == "decode_error (50)"


def test_data_flow_when_both_gates_are_open() -> None:
    pair = let_in(handshake())
    pair.client.write(b"question")
    pair.server.write(b"answer" * 10_000)
    pair.pump()
    assert pair.server.read() == b"question"
    assert pair.client.read() == b"answer" * 10_000
    assert pair.client.read() == b""


def test_nothing_is_readable_before_the_gate_opens() -> None:
    pair = handshake()
    pair.client.verified(ok=True)
    pair.client.write(b"question")
    pair.pump()
    assert pair.server.read() == b""
    pair.server.verified(ok=True)
    assert pair.server.read() == b"question"


def test_nothing_can_be_written_before_the_gate_opens() -> None:
    with pytest.raises(AssertionError):
        handshake().server.write(b"answer")


def test_a_refused_client_learns_it_by_an_alert_after_its_handshake() -> None:
    pair = handshake()
    pair.client.verified(ok=True)
    pair.client.write(b"question")
    pair.server.verified(ok=False)
    pair.pump()
    assert pair.client.alert == "handshake_failure (40)"
    assert (pair.server.state, pair.client.state) == (State.CLOSED, State.CLOSED)
    assert pair.server.read() == b""


def test_an_alert_that_came_before_the_client_s_own_gate_is_not_lost() -> None:
    pair = handshake()
    pair.server.verified(ok=False)
    pair.pump()
    assert pair.client.state is State.VERIFY
    pair.client.verified(ok=True)
    assert pair.client.alert == "handshake_failure (40)"


def test_a_refused_server_learns_it_by_an_alert() -> None:
    pair = handshake()
    pair.server.verified(ok=True)
    pair.client.verified(ok=False)
    pair.pump()
    assert pair.server.alert == "handshake_failure (40)"


def test_a_verdict_that_is_not_true_refuses() -> None:
    pair = handshake()
    pair.server.verified(1)  # type: ignore[arg-type]  # what a careless caller might pass
    assert pair.server.state is State.CLOSED


def test_the_gate_decides_once() -> None:
    pair = let_in(handshake())
    with pytest.raises(AssertionError):
        pair.server.verified(ok=True)


def test_early_data_are_bounded() -> None:
    pair = handshake()
    with pytest.raises(PeerError, match="before the peer was let in"):
        pair.server.feed(bytes(MAX_EARLY + 1))
    assert pair.server.state is State.CLOSED


def test_a_client_without_certificate_is_refused_in_the_handshake() -> None:
    pair = handshake(identity=None)
    assert pair.server.state is State.CLOSED
    assert "certificate" in pair.server.failure
    pair.client.verified(ok=True)
    assert pair.client.alert == "certificate_required (116)"


def test_a_chain_beyond_the_limit_is_not_read() -> None:
    size = sum(len(one.public_bytes(Encoding.DER)) + 5 for one in CLIENT.chain)
    for times, state in ((MAX_CHAIN // size, State.VERIFY), (MAX_CHAIN // size + 1, State.CLOSED)):
        pair = handshake(identity=Identity(CLIENT.private_key, CLIENT.chain * times))
        assert pair.server.state is state


def test_a_certificate_may_be_optional() -> None:
    pair = handshake(identity=None, auth=ClientAuth.OPTIONAL)
    assert pair.server.state is State.VERIFY
    assert pair.server.peer_chain == ()


def test_a_server_may_not_ask_at_all() -> None:
    pair = handshake(None, auth=ClientAuth.NONE)
    assert pair.server.peer_chain == ()


@pytest.mark.parametrize("position", [5, 40, 100])
def test_a_changed_byte_of_the_handshake_ends_it(position: int) -> None:
    server, client = Context(ServerRole(SERVER)), Context(ClientRole(CLIENT))
    pair = Pair(Engine(server), Engine(client))
    pair.server.feed(pair.client.out())
    flight = bytearray(pair.server.out())
    flight[-position] ^= 1
    pair.client.feed(bytes(flight))
    assert pair.client.state is State.CLOSED
    assert pair.client.failure


def test_a_changed_byte_of_data_ends_the_connection() -> None:
    pair = let_in(handshake())
    pair.client.write(b"question")
    record = bytearray(pair.client.out())
    record[-1] ^= 1
    pair.server.feed(bytes(record))
    assert (pair.server.state, pair.server.read()) == (State.CLOSED, b"")


def test_what_is_not_tls_is_refused() -> None:
    server = Engine(Context(ServerRole(SERVER)))
    server.feed(b"GET / HTTP/1.1\r\n\r\n")
    assert server.state is State.CLOSED
    assert server.failure


def test_bytes_may_come_one_by_one() -> None:
    server = Engine(Context(ServerRole(SERVER, client_id=ClientIdSettings(b"\0"))))
    client = Engine(Context(ClientRole(CLIENT, ClientIdSettings(b"\x01a"))))
    while (upstream := client.out()) or (downstream := server.out()):
        sender, receiver = (upstream, server) if upstream else (downstream, client)
        for octet in sender:
            receiver.feed(bytes([octet]))
    assert (server.state, client.state) == (State.VERIFY, State.VERIFY)


def test_a_goodbye_closes_both_ends_without_alert() -> None:
    pair = let_in(handshake())
    pair.client.close()
    pair.pump()
    assert (pair.server.state, pair.server.alert, pair.server.failure) == (State.CLOSED, "", "")


def test_a_closed_engine_ignores_what_still_comes() -> None:
    pair = handshake()
    pair.server.close()
    pair.server.feed(b"late")
    assert pair.server.read() == b""


def test_no_session_ticket_follows_the_handshake() -> None:
    pair = let_in(handshake())
    assert (pair.server.out(), pair.client.out()) == (b"", b"")


def test_a_key_of_another_certificate_is_refused() -> None:
    with pytest.raises(InputError, match="private key"):
        Context(ServerRole(Identity(make_key(SeededEntropy("other")), SERVER.chain)))


def test_a_code_point_that_libssl_uses_itself_is_refused() -> None:
    with pytest.raises(InputError, match="0x0000"):
        Context(ServerRole(SERVER, client_id=ClientIdSettings(b"\0", 0)))


def test_connections_are_forgotten_when_they_are_dropped() -> None:
    pair = let_in(handshake())
    gone = weakref.ref(pair.server)
    del pair
    gc.collect()
    assert gone() is None

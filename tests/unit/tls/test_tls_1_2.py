"""TLS 1.2, which only the drafts of 2022 allow: names in clear, and the same gate."""

import hmac
import struct
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from lab.core.errors import InputError
from lab.dane.client_id import Profile
from lab.tls import abi
from lab.tls.alert import Alert
from lab.tls.alert_1_2 import Secrets, second_record_alert
from lab.tls.authentication import presented_by
from lab.tls.context import ClientAuth, ClientRole, Context, ServerRole
from lab.tls.engine import Engine, State
from lab.tls.extension import ClientIdSettings
from lab.tls.libssl import Library
from lab.tls.loader import load
from lab.tls.version import Version
from tests.unit.tls.newer import newer
from tests.unit.tls.pair import CLIENT, SERVER, Pair

SEEDS, OLD = Profile.SEEDS_2022, Version.TLS1_2
NAME = b"\x01a"


def context(role: ServerRole | ClientRole, library: Library | None = None) -> Context:
    """Return a context that speaks nothing newer than TLS 1.2."""
    made = Context(role, library)
    made.library.ssl.SSL_CTX_ctrl(made.pointer, abi.SET_MAX_VERSION, OLD, None)
    return made


def server_role(request: bytes | None = b"", auth: ClientAuth = ClientAuth.REQUIRED) -> ServerRole:
    settings = None if request is None else ClientIdSettings(request, profile=SEEDS)
    return ServerRole(SERVER, auth, settings, minimum=OLD)


def client_role(client_id: bytes | None = NAME) -> ClientRole:
    settings = None if client_id is None else ClientIdSettings(client_id, profile=SEEDS)
    return ClientRole(CLIENT, settings, minimum=OLD)


def joined(server: Context, client: Context) -> Pair:
    """Return two ends after all that they have to say by themselves."""
    pair = Pair(Engine(server), Engine(client, "js.afnic.example"))
    pair.pump()
    return pair


def handshake(
    server: ServerRole | None = None,
    client: ClientRole | None = None,
    library: Library | None = None,
) -> Pair:
    return joined(
        context(server or server_role(), library), context(client or client_role(), library)
    )


def test_the_name_reaches_the_server_and_both_wait_for_their_gates() -> None:
    pair = handshake()
    assert (pair.server.version, pair.server.client_id) == ("TLSv1.2", NAME)
    assert (pair.server.state, pair.client.state) == (State.VERIFY, State.VERIFY)
    presented = presented_by(pair.server)
    assert (presented.chain, presented.tls_version) == (CLIENT.chain, (1, 2))


def test_the_client_says_its_name_in_clear_and_the_server_answers_in_clear() -> None:
    pair = Pair(Engine(context(server_role())), Engine(context(client_role(b"\x06secret"))))
    hello = pair.client.out()
    assert bytes.fromhex("ff5d0007") + b"\x06secret" in hello
    pair.server.feed(hello)
    assert bytes.fromhex("ff5d0000") in pair.server.out()


@pytest.mark.parametrize(("asked", "said"), [(None, NAME), (b"", None)])
def test_who_does_not_know_the_extension_interoperates(
    asked: bytes | None, said: bytes | None
) -> None:
    pair = handshake(server_role(asked), client_role(said))
    assert (pair.server.state, pair.client.state) == (State.VERIFY, State.VERIFY)
    assert pair.server.client_id is None


def test_data_flow_when_both_gates_are_open() -> None:
    pair = handshake()
    pair.client.verified(ok=True)
    pair.client.write(b"question")
    pair.pump()
    assert pair.server.read() == b""
    pair.server.verified(ok=True)
    pair.server.write(b"answer")
    pair.pump()
    assert (pair.server.read(), pair.client.read()) == (b"question", b"answer")


@pytest.mark.parametrize("load_library", [load, newer], ids=["the machine's", "newer"])
@pytest.mark.parametrize("cipher", ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"])
@pytest.mark.parametrize("who", ["server", "client"])
def test_a_refusal_is_an_alert_in_every_cipher_suite(
    load_library: Callable[[], Library], cipher: str, who: str
) -> None:
    library = load_library()
    client = context(client_role(), library)
    library.ssl.SSL_CTX_set_cipher_list(client.pointer, f"ECDHE-ECDSA-{cipher}".encode())
    pair = joined(context(server_role(), library), client)
    assert pair.server.cipher == f"ECDHE-ECDSA-{cipher}"
    refusing, refused = (
        (pair.server, pair.client) if who == "server" else (pair.client, pair.server)
    )
    refused.verified(ok=True)
    refusing.verified(ok=False)
    pair.pump()
    assert refused.alert == "handshake_failure (40)"
    assert (refusing.state, refused.state) == (State.CLOSED, State.CLOSED)


def test_where_both_speak_tls_1_3_it_is_spoken() -> None:
    pair = joined(Context(server_role()), Context(client_role()))
    assert (pair.server.version, pair.server.client_id) == ("TLSv1.3", NAME)


def test_in_tls_1_3_the_name_of_the_client_hello_does_not_count() -> None:
    """Nothing but a Certificate may name the client, and this one shows none."""
    server = Context(server_role(auth=ClientAuth.OPTIONAL))
    role = ClientRole(None, ClientIdSettings(NAME, profile=SEEDS), minimum=OLD)
    pair = joined(server, Context(role))
    assert (pair.server.version, pair.server.client_id) == ("TLSv1.3", None)


def test_the_newer_draft_forbids_it_on_both_sides() -> None:
    settings = ClientIdSettings(b"\0")
    for role in (
        ServerRole(SERVER, client_id=settings, minimum=OLD),
        ClientRole(CLIENT, settings, minimum=OLD),
    ):
        with pytest.raises(InputError, match=r"client-auth-13 allows no version of TLS before"):
            Context(role)


def test_it_is_not_spoken_unless_it_is_asked_for() -> None:
    pair = joined(Context(ServerRole(SERVER)), context(client_role()))
    assert (pair.server.state, pair.client.alert) == (State.CLOSED, "protocol_version (70)")


def test_only_suites_with_fresh_keys_and_aead_are_spoken() -> None:
    client = context(client_role())
    client.library.ssl.SSL_CTX_set_cipher_list(client.pointer, b"ECDHE-ECDSA-AES128-SHA256")
    assert joined(context(server_role()), client).server.state is State.CLOSED


def test_no_ticket_is_given_out() -> None:
    """Nothing but the second flight of the handshake comes from the server: a ticket has type 4."""
    pair = Pair(Engine(context(server_role())), Engine(context(client_role())))
    pair.server.feed(pair.client.out())
    pair.client.feed(pair.server.out())
    pair.server.feed(pair.client.out())
    assert [kind for kind, _ in records(pair.server.out())] == [20, 22]


def records(octets: bytes) -> list[tuple[int, bytes]]:
    """Return type and fragment of each record."""
    found = []
    while octets:
        kind, _, size = struct.unpack("!BHH", octets[:5])
        found.append((kind, octets[5 : 5 + size]))
        octets = octets[5 + size :]
    return found


def test_the_alert_record_is_the_one_of_rfc_5246() -> None:
    """The keys are derived a second time here, by the formulas of RFC 5246 sections 5 and 6.3."""
    secrets = Secrets(bytes(range(48)), b"c" * 32, b"s" * 32)
    seed = b"key expansion" + secrets.server_random + secrets.client_random
    a1 = hmac.digest(secrets.master, seed, "sha256")
    a2 = hmac.digest(secrets.master, a1, "sha256")
    a3 = hmac.digest(secrets.master, a2, "sha256")
    block = b"".join(hmac.digest(secrets.master, a + seed, "sha256") for a in (a1, a2, a3))
    additional = bytes.fromhex("0000000000000001 15 0303 0002")
    gcm = second_record_alert(
        Alert.HANDSHAKE_FAILURE, "ECDHE-ECDSA-AES128-GCM-SHA256", secrets, of_server=True
    )
    assert gcm[:5] == bytes.fromhex("150303001a")
    nonce = block[36:40] + gcm[5:13]
    assert AESGCM(block[16:32]).decrypt(nonce, gcm[13:], additional) == bytes([2, 40])
    chacha = second_record_alert(
        Alert.HANDSHAKE_FAILURE, "ECDHE-RSA-CHACHA20-POLY1305", secrets, of_server=False
    )
    assert chacha[:5] == bytes.fromhex("1503030012")
    iv = block[64:76]
    nonce = iv[:-1] + bytes([iv[-1] ^ 1])
    assert ChaCha20Poly1305(block[:32]).decrypt(nonce, chacha[5:], additional) == bytes([2, 40])


def test_secrets_are_not_shown() -> None:
    assert "zz" not in repr(Secrets(b"zz", b"zz", b"zz"))

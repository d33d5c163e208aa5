"""Resumed sessions: off by default, and never past the gate."""

import gc
from collections.abc import Callable

import pytest

from lab.core.errors import InputError
from lab.dane.client_id import Profile
from lab.pki.der import subject_public_key_info
from lab.tls.authentication import presented_by
from lab.tls.certificate_types import CERTIFICATES_ONLY, CertificateType, CertificateTypes
from lab.tls.context import ClientRole, Context, ServerRole
from lab.tls.engine import Engine, State
from lab.tls.extension import ClientIdSettings
from lab.tls.libssl import Library
from lab.tls.loader import load
from lab.tls.resumption import MAX_REMEMBERED, Remembered, Resumption, Session
from lab.tls.version import Version
from tests.unit.tls.newer import newer
from tests.unit.tls.pair import CLIENT, SERVER, Pair

HOST = "js.afnic.example"
NAME = b"\x01a"
BARE = CertificateTypes((CertificateType.RAW_PUBLIC_KEY,), (CertificateType.RAW_PUBLIC_KEY,))


def server(
    resumption: Resumption = Resumption.BY_TICKET,
    library: Library | None = None,
    types: CertificateTypes = CERTIFICATES_ONLY,
) -> Context:
    role = ServerRole(SERVER, client_id=ClientIdSettings(b"\0"), types=types, resumption=resumption)
    return Context(role, library)


def client(library: Library | None = None, types: CertificateTypes = CERTIFICATES_ONLY) -> Context:
    return Context(ClientRole(CLIENT, ClientIdSettings(NAME), types=types), library)


def meet(serving: Context, asking: Context, session: Session | None = None) -> Pair:
    """Return two ends whose gates have not decided yet."""
    pair = Pair(Engine(serving), Engine(asking, HOST, session))
    pair.pump()
    return pair


def let_in(pair: Pair) -> Pair:
    pair.client.verified(ok=True)
    pair.server.verified(ok=True)
    pair.pump()
    return pair


def ticket(serving: Context, asking: Context) -> Session:
    """Return what a client gets that was let in."""
    session = let_in(meet(serving, asking)).client.session
    assert session is not None
    return session


def test_by_default_nobody_gets_a_ticket() -> None:
    assert let_in(meet(server(Resumption.OFF), client())).client.session is None


def test_a_ticket_is_given_only_after_the_gate_has_let_the_client_in() -> None:
    pair = meet(server(), client())
    pair.client.verified(ok=True)
    pair.pump()
    assert pair.client.session is None
    pair.server.verified(ok=True)
    pair.pump()
    assert pair.client.session is not None


def test_who_is_refused_gets_no_ticket() -> None:
    pair = meet(server(), client())
    pair.client.verified(ok=True)
    pair.server.verified(ok=False)
    pair.pump()
    assert (pair.client.session, pair.client.alert) == (None, "handshake_failure (40)")


@pytest.mark.parametrize("library", [load, newer], ids=["machine", "newer"])
def test_after_a_resumption_both_gates_see_what_was_shown_before(
    library: Callable[[], Library],
) -> None:
    loaded = library()
    serving, asking = server(library=loaded), client(loaded)
    first = meet(serving, asking)
    again = meet(serving, asking, ticket(serving, asking))
    assert (again.server.is_resumed, again.client.is_resumed) == (True, True)
    assert (again.server.state, again.client.state) == (State.VERIFY, State.VERIFY)
    assert presented_by(again.server) == presented_by(first.server)
    assert presented_by(again.client) == presented_by(first.client)
    assert presented_by(again.server).client_id == NAME


def test_a_raw_public_key_is_remembered_too() -> None:
    serving, asking = server(library=newer(), types=BARE), client(newer(), BARE)
    again = meet(serving, asking, ticket(serving, asking))
    assert again.server.is_resumed
    assert again.server.peer_key == subject_public_key_info(CLIENT.leaf)
    assert again.client.peer_key == subject_public_key_info(SERVER.leaf)


def test_a_ticket_may_be_used_again() -> None:
    serving, asking = server(), client()
    session = ticket(serving, asking)
    for _ in range(3):
        assert let_in(meet(serving, asking, session)).server.is_resumed
        # The ends are forgotten without a goodbye.
        gc.collect()


def test_data_flow_after_a_resumption() -> None:
    serving, asking = server(), client()
    again = let_in(meet(serving, asking, ticket(serving, asking)))
    again.client.write(b"question")
    again.server.write(b"answer")
    again.pump()
    assert (again.server.read(), again.client.read()) == (b"question", b"answer")


def test_nothing_is_readable_before_the_gate_has_let_a_resumed_client_in() -> None:
    serving, asking = server(), client()
    again = meet(serving, asking, ticket(serving, asking))
    again.client.verified(ok=True)
    again.client.write(b"question")
    again.pump()
    assert again.server.read() == b""
    again.server.verified(ok=True)
    assert again.server.read() == b"question"


@pytest.mark.parametrize("who", ["server", "client"])
def test_a_resumed_peer_can_be_refused_with_the_alert(who: str) -> None:
    serving, asking = server(), client()
    again = meet(serving, asking, ticket(serving, asking))
    ends = (again.server, again.client)
    refusing, refused = ends if who == "server" else reversed(ends)
    refused.verified(ok=True)
    refusing.verified(ok=False)
    again.pump()
    assert refused.alert == "handshake_failure (40)"


def test_a_resumption_gives_no_other_ticket() -> None:
    serving, asking = server(), client()
    pair = meet(serving, asking, ticket(serving, asking))
    pair.client.verified(ok=True)
    pair.server.verified(ok=True)
    assert pair.server.out() == b""


def test_a_server_that_resumes_nothing_makes_a_full_handshake_of_it() -> None:
    asking = client()
    session = ticket(server(), asking)
    for other in (server(Resumption.OFF), server()):
        pair = meet(other, asking, session)
        assert not pair.server.is_resumed
        assert pair.server.peer_chain == CLIENT.chain


def test_a_session_is_of_use_only_with_the_server_that_gave_it() -> None:
    serving, asking = server(), client()
    session = ticket(serving, asking)
    pair = Pair(Engine(serving), Engine(asking, "other.afnic.example", session))
    pair.pump()
    assert not pair.server.is_resumed


def test_somebody_else_s_ticket_is_of_no_use_without_its_secret() -> None:
    """The ticket alone, as it travels in clear, is replayed: the server has no proof, and stops."""
    serving, asking = server(), client()
    recorded = Engine(asking, HOST, ticket(serving, asking)).out()
    replayed = Engine(serving)
    replayed.feed(recorded)
    assert replayed.out()
    assert replayed.state is State.HANDSHAKE


def test_for_what_does_not_fit_there_is_no_ticket() -> None:
    asking = Context(ClientRole(CLIENT, ClientIdSettings(bytes(MAX_REMEMBERED))))
    pair = let_in(meet(server(), asking))
    assert (pair.server.state, pair.client.session) == (State.OPEN, None)


def test_tls_1_2_has_no_resumption() -> None:
    settings = ClientIdSettings(b"", profile=Profile.SEEDS_2022)
    with pytest.raises(InputError, match=r"only in TLS 1\.3"):
        Context(
            ServerRole(
                SERVER,
                client_id=settings,
                minimum=Version.TLS1_2,
                resumption=Resumption.BY_TICKET,
            )
        )


def test_a_ticket_that_remembers_nothing_shows_nothing() -> None:
    assert Remembered.pull(b"") == Remembered()


def test_a_session_stays_in_the_library_that_made_it() -> None:
    session = ticket(server(), client())
    with pytest.raises(AssertionError, match="memory of its library"):
        Engine(client(newer()), HOST, session)

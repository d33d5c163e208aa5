"""Properties of handshakes: whatever is changed on the way, nobody reaches the gate."""

from functools import lru_cache

from hypothesis import given
from hypothesis import strategies as st

from lab.core.errors import PeerError
from lab.tls.context import ClientRole, Context, ServerRole
from lab.tls.engine import Engine, State
from lab.tls.extension import ClientIdSettings
from lab.tls.resumption import Remembered
from tests.unit.tls.pair import CLIENT, SERVER


@lru_cache
def contexts() -> tuple[Context, Context]:
    server = Context(ServerRole(SERVER, client_id=ClientIdSettings(b"\0")))
    return server, Context(ClientRole(CLIENT, ClientIdSettings(b"\x01a")))


def before_the_client_answers() -> tuple[Engine, bytes]:
    """Return a server, and the flight of the client that would finish the handshake."""
    server, client = (Engine(context) for context in contexts())
    server.feed(client.out())
    client.feed(server.out())
    assert client.state is State.VERIFY
    return server, client.out()


# RFC 8446 section 5: receivers ignore the version of a record, and a change_cipher_spec record.
_CHANGE_CIPHER_SPEC = 6
_IGNORED = {7, 8}


@given(st.integers(min_value=0), st.integers(0, 7))
def test_one_changed_bit_of_the_client_s_flight_keeps_it_out(position: int, bit: int) -> None:
    server, flight = before_the_client_answers()
    changed = bytearray(flight)
    at = _CHANGE_CIPHER_SPEC + position % (len(flight) - _CHANGE_CIPHER_SPEC)
    changed[at] ^= 1 << bit
    server.feed(bytes(changed))
    assert server.state is not State.VERIFY


@given(st.lists(st.integers(1, 4000), max_size=5))
def test_pieces_of_any_size_make_the_same_handshake(sizes: list[int]) -> None:
    server, flight = before_the_client_answers()
    for size in sizes:
        server.feed(flight[:size])
        flight = flight[size:]
    server.feed(flight)
    assert (server.state, server.client_id) == (State.VERIFY, b"\x01a")


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_noise_never_reaches_the_gate(pieces: list[bytes]) -> None:
    server = Engine(contexts()[0])
    for piece in pieces:
        server.feed(piece)
    assert server.state in {State.HANDSHAKE, State.CLOSED}


@given(st.binary(max_size=70_000))
def test_noise_at_the_gate_is_neither_read_nor_fatal_to_us(noise: bytes) -> None:
    server, flight = before_the_client_answers()
    server.feed(flight)
    try:
        server.feed(noise)
    except PeerError:
        assert server.state is State.CLOSED
        return
    assert server.read() == b""
    server.verified(ok=True)
    assert server.read() == b""


@given(
    st.builds(
        Remembered,
        st.none() | st.binary(max_size=30),
        st.binary(max_size=30),
        st.lists(st.binary(max_size=300), max_size=3).map(tuple),
    )
)
def test_what_a_ticket_remembers_comes_back(shown: Remembered) -> None:
    assert Remembered.pull(shown.push()) == shown

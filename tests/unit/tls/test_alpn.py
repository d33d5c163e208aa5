"""ALPN as Python's own ssl sees it."""

import ssl
from contextlib import suppress

import pytest

from lab.tls.alpn import protocol_names
from lab.tls.context import ClientAuth, Context, ServerRole
from lab.tls.engine import Engine, State
from tests.unit.tls.pair import SERVER


class Client:
    """Shake hands with an engine over memory."""

    def __init__(self, engine: Engine, *protocols: str) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if protocols:
            context.set_alpn_protocols(list(protocols))
        self._engine = engine
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.connection = context.wrap_bio(self._incoming, self._outgoing)

    def shake_hands(self) -> str | None:
        """Return the protocol that was agreed on."""
        for _ in range(4):
            with suppress(ssl.SSLWantReadError):
                self.connection.do_handshake()
            self._engine.feed(self._outgoing.read())
            self._incoming.write(self._engine.out())
        return self.connection.selected_alpn_protocol()


def engine(*protocols: str) -> Engine:
    return Engine(Context(ServerRole(SERVER, ClientAuth.NONE, protocols=protocols)))


AGREED = {
    # offered by us, asked for by the client: agreed
    (("dot",), ("dot",)): "dot",
    (("dot",), ("h2", "dot")): "dot",
    (("dot", "h2"), ("h2", "dot")): "dot",
    (("dot",), ()): None,
    ((), ("h2",)): None,
}


@pytest.mark.parametrize(("offered", "asked"), AGREED)
def test_the_protocol_is_one_that_both_know(
    offered: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    server = engine(*offered)
    assert Client(server, *asked).shake_hands() == AGREED[offered, asked]
    assert server.state is State.VERIFY
    assert (server.protocol or None) == AGREED[offered, asked]


def test_without_a_protocol_in_common_there_is_no_connection() -> None:
    server = engine("dot")
    with pytest.raises(ssl.SSLError, match=r"(?i)no.application.protocol"):
        Client(server, "h2").shake_hands()
    assert server.state is State.CLOSED


def test_a_list_of_names_is_read() -> None:
    assert protocol_names(b"\x02h2\x03dot") == (b"h2", b"dot")
    assert protocol_names(b"") == ()

"""Protocols of Twisted on a TLS connection: what they write to, and how it ends."""

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import INegotiated, IPushProducer
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from zope.interface.verify import verifyObject

from lab.core.errors import PeerError
from lab.net.tls_transport import DaneTransport, ProtocolApplication
from tests.unit.net.wire import ABORTED, ACCEPTED, SlowGate, Wire, at_once


class Talker(Protocol):
    """Remember what comes, and pause at the start if told so."""

    def __init__(self, *, pauses: bool = False) -> None:
        self.data, self.pauses = b"", pauses
        self.ending: BaseException | None = None

    @property
    def line(self) -> DaneTransport:
        assert isinstance(self.transport, DaneTransport)
        return self.transport

    def connectionMade(self) -> None:  # noqa: N802 Twisted's name
        if self.pauses:
            self.line.pauseProducing()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 Twisted's name
        self.data += data

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: N802 Twisted's name
        assert reason is not None
        self.ending = reason.value


class Talk:
    """Join two protocols; the gate of the server may be slow, or refuse."""

    def __init__(self, gate: SlowGate | None = None, *, pauses: bool = False) -> None:
        self.server, self.client = Talker(pauses=pauses), Talker()
        self.wire = Wire(
            gate or at_once(ACCEPTED),
            at_server=ProtocolApplication(lambda _: self.server),
            at_client=ProtocolApplication(lambda _: self.client),
        ).pump()

    def pump(self) -> None:
        self.wire.pump()


def test_protocols_talk_and_know_who_the_other_one_is() -> None:
    talk = Talk()
    talk.client.line.writeSequence([b"a ", b"question"])
    talk.server.line.write(b"answer")
    talk.pump()
    assert (talk.server.data, talk.client.data) == (b"a question", b"answer")
    assert talk.server.line.decision is ACCEPTED
    certificate = talk.server.line.getPeerCertificate()
    assert certificate is talk.server.line.presented.chain[0]


def test_the_transport_is_what_twisted_wants() -> None:
    line = Talk().server.line
    assert verifyObject(INegotiated, line)
    assert verifyObject(IPushProducer, line)
    assert line.negotiatedProtocol is None


def test_who_sends_before_the_decision_is_held_and_loses_nothing() -> None:
    gate = SlowGate()
    talk = Talk(gate)
    talk.client.line.write(b"x" * 100_000)
    first, rest = talk.wire.client_side.sent[:60_000], talk.wire.client_side.sent[60_000:]
    talk.wire.client_side.sent = b""
    talk.wire.server.dataReceived(first)
    assert talk.wire.server_side.paused
    assert talk.server.transport is None
    gate.waiting.callback(ACCEPTED)
    assert not talk.wire.server_side.paused
    talk.wire.server.dataReceived(rest)
    assert talk.server.data == b"x" * 100_000


def test_a_refused_peer_is_read_from_again_so_that_it_gets_its_alert() -> None:
    gate = SlowGate()
    talk = Talk(gate)
    talk.client.line.write(b"hello")
    talk.pump()
    assert talk.wire.server_side.paused
    gate.waiting.callback(ABORTED)
    assert not talk.wire.server_side.paused


def test_a_protocol_that_pauses_gets_nothing_before_it_resumes() -> None:
    gate = SlowGate()
    talk = Talk(gate, pauses=True)
    talk.client.line.write(b"early")
    talk.pump()
    gate.waiting.callback(ACCEPTED)
    assert talk.server.data == b""
    assert talk.wire.server_side.paused
    talk.server.line.resumeProducing()
    assert talk.server.data == b"early"
    assert not talk.wire.server_side.paused


def test_a_producer_is_paused_by_the_socket_and_awaited_before_the_end() -> None:
    talk = Talk()
    producer = object()
    talk.server.line.registerProducer(producer, True)  # type: ignore[arg-type]  # noqa: FBT003 Twisted's
    assert talk.wire.server_side.producer is producer
    talk.server.line.loseConnection()
    talk.server.line.write(b"the last words")
    assert not talk.wire.server_side.disconnecting
    talk.server.line.unregisterProducer()
    assert talk.wire.server_side.disconnecting
    talk.pump()
    assert talk.client.data == b"the last words"


def test_nothing_is_sent_after_the_goodbye() -> None:
    talk = Talk()
    talk.server.line.loseConnection()
    talk.server.line.write(b"too late")
    talk.pump()
    assert talk.client.data == b""


def test_a_goodbye_is_a_clean_end() -> None:
    talk = Talk()
    talk.server.line.loseConnection()
    talk.pump()
    talk.wire.lose(talk.wire.client)
    assert isinstance(talk.client.ending, ConnectionDone)


def test_an_end_without_goodbye_is_a_loss() -> None:
    talk = Talk()
    talk.wire.lose(talk.wire.client)
    assert isinstance(talk.client.ending, ConnectionLost)


def test_a_refused_client_learns_the_alert() -> None:
    gate = SlowGate()
    talk = Talk(gate)
    gate.waiting.callback(ABORTED)
    talk.pump()
    talk.wire.lose(talk.wire.client)
    assert isinstance(talk.client.ending, PeerError)
    assert "handshake_failure (40)" in str(talk.client.ending)
    assert talk.server.transport is None


def test_a_factory_may_turn_a_peer_away() -> None:
    wire = Wire(at_server=ProtocolApplication(lambda _: None)).pump()
    assert wire.server_side.disconnecting

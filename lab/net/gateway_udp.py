"""Both ends of the Semtech UDP protocol: the port of a network server, and a simulated gateway.

`lab.lorawan.gateway_protocol` knows what datagrams mean. Nothing here waits for an acknowledgement
or repeats anything: the protocol does not either.
"""

from collections.abc import Callable
from typing import TypeAlias

from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import DatagramProtocol
from twisted.logger import Logger, LogLevel

from lab.core.entropy import Entropy
from lab.core.errors import PeerError, TransportError
from lab.lorawan.gateway_protocol import (
    Datagram,
    PullAck,
    PullData,
    PullResp,
    PushAck,
    PushData,
    TxAck,
    pull_datagram,
    push_datagram,
)
from lab.lorawan.identifiers import Eui64
from lab.lorawan.packets import Received, Transmit
from lab.net.ports import PortSet
from lab.net.reactor import Reactor

log = Logger()

GATEWAY_PORT = 1700
MAX_GATEWAYS = 1000
MAX_DATAGRAM = 65535

OnReceived: TypeAlias = Callable[[Eui64, Received], None]
OnTransmit: TypeAlias = Callable[[Eui64, Transmit], None]
Place: TypeAlias = tuple[str, int]


class _Datagrams(DatagramProtocol):
    """Read and write whole datagrams; drop what is malformed."""

    def datagramReceived(self, datagram: bytes, addr: Place) -> None:
        try:
            told = pull_datagram(datagram)
        except PeerError as error:
            log.debug("{addr}: {error}", addr=addr, error=str(error))
        else:
            self.told(told, addr)

    def connectionRefused(self) -> None:
        """Ignore that the other end has gone."""

    def told(self, datagram: Datagram, sender: Place) -> None:
        """Take one datagram."""
        raise NotImplementedError

    def write(self, datagram: Datagram, to: Place) -> None:
        if self.transport is not None:
            self.transport.write(push_datagram(datagram), to)


class GatewayPort(_Datagrams):
    """Serve the gateways of one network server."""

    def __init__(self, received: OnReceived, entropy: Entropy) -> None:
        """Tell *received* of each frame that a gateway heard."""
        self._received = received
        self._entropy = entropy
        self._ways: dict[Eui64, Place] = {}
        self._otherwise: dict[tuple[Eui64, int], Transmit] = {}

    def told(self, datagram: Datagram, sender: Place) -> None:
        """Acknowledge, then work, as section 3.1 of PROTOCOL.TXT wants it."""
        match datagram:
            case PushData(token, gateway, received):
                self.write(PushAck(token), sender)
                for one in received:
                    self._received(gateway, one)
            case PullData(token, gateway):
                if gateway in self._ways or len(self._ways) < MAX_GATEWAYS:
                    self._ways[gateway] = sender
                self.write(PullAck(token), sender)
            case TxAck():
                self._acknowledged(datagram)
            case _:
                pass

    def send(self, gateway: Eui64, transmit: Transmit, otherwise: Transmit | None = None) -> None:
        """Have *gateway* send a frame; if it says that it cannot, *otherwise* instead.

        Raises:
            TransportError: it has not asked for any yet, so nobody knows where it is.
        """
        if gateway not in self._ways:
            raise TransportError(f"gateway {gateway} has opened no way back")
        token = int.from_bytes(self._entropy.bytes(2))
        if otherwise is not None and len(self._otherwise) < MAX_GATEWAYS:
            self._otherwise[gateway, token] = otherwise
        self.write(PullResp(token, transmit), self._ways[gateway])

    def _acknowledged(self, told: TxAck) -> None:
        otherwise = self._otherwise.pop((told.gateway, told.token), None)
        if told.error == "NONE":
            return
        text = "gateway {gateway} sends nothing: {error}"
        log.emit(LogLevel.warn, text, gateway=told.gateway, error=told.error)
        if otherwise is not None:
            self.send(told.gateway, otherwise)


class SimulatedGateway(_Datagrams):
    """Be a gateway: forward what the simulated air brings, and send what the server wants."""

    def __init__(
        self, eui: Eui64, server: Place, transmitted: OnTransmit, entropy: Entropy
    ) -> None:
        """Belong to *server*; tell *transmitted* of each frame that is sent."""
        self._eui = eui
        self._server = server
        self._transmitted = transmitted
        self._entropy = entropy

    def forward(self, received: Received) -> None:
        """Push one frame to the server, with the way back opened first."""
        self.write(PullData(self._token(), self._eui), self._server)
        self.write(PushData(self._token(), self._eui, (received,)), self._server)

    def told(self, datagram: Datagram, sender: Place) -> None:
        """Send what the server wants; others are not listened to."""
        if isinstance(datagram, PullResp) and sender == self._server:
            self.write(TxAck(datagram.token, self._eui), sender)
            self._transmitted(self._eui, datagram.transmit)

    def _token(self) -> int:
        return int.from_bytes(self._entropy.bytes(2))


def open_udp(reactor: Reactor, ports: PortSet, where: Place, end: DatagramProtocol) -> int:
    """Open either end at *where* (address, number; 0: any free one) and return its number.

    Raises:
        BindError: it could not be opened.
    """

    def udp(port: int, *, interface: str) -> IListeningPort:
        return reactor.listenUDP(port, end, interface, MAX_DATAGRAM)

    return ports.listen(udp, *where)

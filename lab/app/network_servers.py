"""A network server of the running lab: its UDP port, its memory, its partners."""

from collections.abc import Callable
from typing import TypeAlias, assert_never

from dns.name import Name
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from lab.app.conversation import Conversation
from lab.app.lorawan_memory import Memory, Shelf
from lab.backend.deduplication import WINDOW_S, Gathering
from lab.backend.join_quota import JoinQuota
from lab.backend.message import Answer, Message
from lab.backend.needs import (
    Ask,
    Forget,
    Keep,
    Need,
    Reply,
    Send,
    SessionOf,
    SessionsAt,
    VisitorAt,
)
from lab.backend.network import Ground, Network, NetworkSession, VisitorSession
from lab.backend.network_server import handle, take
from lab.core.checks import Outcome, Report
from lab.core.entropy import Entropy
from lab.core.errors import TransportError
from lab.core.frozen import dataclass
from lab.lorawan.identifiers import Eui64
from lab.lorawan.packets import Received
from lab.net.clock import LabClock
from lab.net.drive import drive
from lab.net.gateway_udp import GatewayPort
from lab.net.reactor import Reactor

log = Logger()

OnReport: TypeAlias = Callable[[str, bytes, Report], None]
"""Is told which network server made what of which frame."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Hold what a role has from its lab.

    Attributes:
        reactor: for time.
        clock: the lab's.
        entropy: for addresses and tokens.
        memory: what is kept.
    """

    reactor: Reactor
    clock: LabClock
    entropy: Entropy
    memory: Memory


class NetworkServer:
    """Be the network server of one operator.

    Attributes:
        port: for its gateways.
        quota: bounds requests to join.
        sessions: of its own devices.
        visitors: devices of others.
    """

    def __init__(
        self,
        network: Callable[[], Network],
        around: Surroundings,
        conversation: Conversation,
        on_report: OnReport,
        gateways: frozenset[Eui64] = frozenset(),
    ) -> None:
        """Prepare; nothing is opened.

        Args:
            network: says how it works at the moment.
            around: time, randomness and memory.
            conversation: with other servers.
            on_report: is told what came of each frame.
            gateways: those of the operator.
        """
        self._network = network
        self.port = GatewayPort(self._received, around.entropy)
        own = conversation.identity
        self.sessions: Shelf[NetworkSession] = around.memory.shelf(f"{own} session", NetworkSession)
        self.visitors: Shelf[VisitorSession] = around.memory.shelf(f"{own} visitor", VisitorSession)
        self._around = around
        self._conversation = conversation
        self._on_report = on_report
        self._gathering = Gathering()
        self.quota = JoinQuota(gateways)

    @property
    def _ground(self) -> Ground:
        return Ground(self._network(), self._around.clock.now(), self._around.entropy)

    def _received(self, gateway: Eui64, received: Received) -> None:
        """Collect what gateways hear; when the window ends, work on it."""
        own = self._conversation.identity
        seen = f"{received.rssi} dBm, {received.snr} dB, {received.data_rate}"
        self._conversation.log.note((f"gateway {gateway}", own), "PUSH_DATA", seen)
        now = self._around.reactor.seconds()
        refused = self.quota.refuses(gateway, received.octets, now)
        if refused is not None:
            self._decided(received.octets, refused)
        elif self._gathering.take(gateway, received):
            self._around.reactor.callLater(WINDOW_S, self._close, received.octets)

    def _close(self, octets: bytes) -> None:
        Deferred.fromCoroutine(self._take(octets)).addErrback(
            lambda failure: log.failure("a frame was lost to a defect", failure)
        )

    async def _take(self, octets: bytes) -> None:
        uplink = self._gathering.close(octets)
        self._decided(octets, await drive(take(uplink, self._ground), self._perform))

    def _decided(self, octets: bytes, report: Report) -> None:
        own = self._conversation.identity
        good = report.outcome is Outcome.PASSED
        self._conversation.log.note(
            (own, own),
            report.title,
            report.conclusion if good else "",
            refusal="" if good else report.conclusion,
        )
        self._on_report(own, octets, report)

    async def handle(self, message: Message, identity: Name) -> Answer:
        """Answer a partner or an application server, whose SenderID is known to be true."""
        del identity
        answer, _ = await drive(handle(message, self._ground), self._perform)
        return answer

    async def _perform(self, need: Need) -> Reply:
        match need:
            case Ask(to=to, message=message):
                return await self._conversation.ask(to, message)
            case Send():
                return self._send(need)
            case Keep(session=session):
                await self._keep(session)
                return None
            case _:
                return self._remember(need)

    def _send(self, need: Send) -> bool:
        own, gateway = self._conversation.identity, need.gateway
        try:
            self.port.send(gateway, need.transmit, need.otherwise)
        except TransportError as error:
            log.info("{own}: {error}", own=own, error=str(error))
            return False
        rate = need.transmit.data_rate
        self._conversation.log.note((own, f"gateway {gateway}"), "PULL_RESP", rate)
        return True

    def _remember(self, need: SessionsAt | SessionOf | VisitorAt | Forget) -> Reply:
        match need:
            case SessionsAt(dev_addr=dev_addr):
                return self.sessions.sharing(dev_addr)
            case SessionOf(dev_eui=dev_eui):
                return self.sessions.get(dev_eui)
            case VisitorAt(dev_addr=dev_addr):
                return self.visitors.get(dev_addr)
            case Forget(dev_addr=dev_addr):
                self.visitors.drop(dev_addr)
            case _:
                assert_never(need)
        return None

    def _keep(self, session: NetworkSession | VisitorSession) -> "Deferred[None]":
        if isinstance(session, NetworkSession):
            return self.sessions.keep(session.dev_eui, session, session.dev_addr)
        return self.visitors.keep(session.dev_addr, session)

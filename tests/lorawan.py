"""What tests of LoRaWAN roles share: two networks, a join server and devices, without sockets."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from lab.backend.application_server import (
    Application,
    ApplicationNeed,
    ApplicationReply,
    ApplicationSession,
    Desk,
    Outgoing,
    Reading,
    SessionKept,
    Take,
    Wanted,
)
from lab.backend.application_server import handle as handle_as_application
from lab.backend.deduplication import Reception, Uplink
from lab.backend.header import AsId, PartyId
from lab.backend.join_messages import (
    AppSKeyAns,
    AppSKeyReq,
    HomeNSAns,
    HomeNSReq,
    JoinAns,
    JoinReq,
    RejoinAns,
)
from lab.backend.message import Answer, Message
from lab.backend.messages import refuse
from lab.backend.needs import (
    Answered,
    Ask,
    Forget,
    Keep,
    Need,
    Reply,
    Send,
    SessionOf,
    SessionsAt,
    Unreached,
    VisitorAt,
)
from lab.backend.network import Ground, Network, NetworkSession, Subscriber, VisitorSession
from lab.backend.network_server import handle, take
from lab.backend.results import SUCCESS, ResultCode
from lab.core.checks import Outcome, Report
from lab.core.dialogue import answer_all
from lab.core.entropy import SeededEntropy
from lab.core.instant import Instant
from lab.lorawan.device import Device, Saying, join, uplink
from lab.lorawan.frames import (
    JoinAccept,
    JoinRequest,
    RejoinKind,
    RejoinRequest,
    pull_frame,
)
from lab.lorawan.hearing import Hearing, Joined, hear
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.lorawan.key_envelope import KeyEnvelope, wrap
from lab.lorawan.keys import RootKeys, SessionKeys, Version, derive
from lab.lorawan.packets import Received, Transmit
from lab.lorawan.regions import EU868
from lab.lorawan.rejoining import rejoin
from lab.lorawan.security import Rejoined, seal_join_accept

NOW = Instant(1_795_660_000)
AFNIC, TSP = NetId.from_text("00050a"), NetId.from_text("00050b")
JOIN_EUI = Eui64.from_text("00005e100000002f")
DEV_EUI = Eui64.from_text("00005e1000001001")
GATEWAY = Eui64.from_text("00005e10000a0001")
OTHER_GATEWAY = Eui64.from_text("00005e10000a0002")
AS_ID = AsId("as.afnic.fr")
ROOT = RootKeys(bytes(range(16)), bytes(range(16, 32)))
AS_KEK = bytes(range(50, 66))
FREQUENCY = 868_300_000


def clear(key: bytes) -> KeyEnvelope:
    return KeyEnvelope("", key)


def device(version: Version = Version.LORAWAN_1_0) -> Device:
    root = ROOT if version is Version.LORAWAN_1_1 else RootKeys.of_1_0(ROOT.nwk_key)
    return Device(DEV_EUI, JOIN_EUI, version, root)


def network(net_id: NetId, version: Version | None = None, **agreements: int) -> Network:
    """Return a network; DEV_EUI is at home there if a version is given."""
    mac_version = "1.1.0" if version is Version.LORAWAN_1_1 else "1.0.3"
    known = {} if version is None else {DEV_EUI: Subscriber(DEV_EUI, mac_version, AS_ID)}
    partners = {NetId.from_text(name.removeprefix("n")): span for name, span in agreements.items()}
    return Network(net_id, EU868, known, partners)


@dataclass
class JoinServerOfTests:
    """Let DEV_EUI in; the home of which is AFNIC.

    Attributes:
        wraps: whether the network gets the AppSKey (wrapped); else it is asked for.
    """

    wraps: bool = True
    nonce: int = 0
    keys: dict[bytes, SessionKeys] = field(default_factory=dict)

    def handle(self, message: Message) -> Answer:
        match message:
            case HomeNSReq():
                head = message.header.back()
                return HomeNSAns(header=head, result=SUCCESS, h_net_id=AFNIC)
            case AppSKeyReq(session_key_id=session_key_id):
                key = self.keys[session_key_id].app_s_key
                head = message.header.back()
                envelope = wrap(key, "as", AS_KEK)
                return AppSKeyAns(header=head, result=SUCCESS, app_s_key=envelope)
            case JoinReq():
                return self._join(message)
            case _:
                return refuse(message, ResultCode.OTHER, "not asked")

    def _join(self, message: JoinReq) -> Answer:
        request = pull_frame(message.phy_payload)
        assert isinstance(request, JoinRequest | RejoinRequest)
        is_join = isinstance(request, JoinRequest)
        asked = request if isinstance(request, JoinRequest) else Rejoined(request, JOIN_EUI)
        version = Version.from_text(message.mac_version)
        one = device(version)
        settings = message.dl_settings
        net_id = message.header.sender_id
        assert isinstance(net_id, NetId)
        self.nonce += 1
        accept = JoinAccept(
            self.nonce, net_id, message.dev_addr, settings, message.rx_delay, message.cf_list
        )
        keys = derive(
            one.root,
            version,
            settings.opt_neg,
            self.nonce,
            net_id,
            one.join_eui,
            request.dev_nonce if isinstance(request, JoinRequest) else request.rj_count,
        )
        known = bytes([self.nonce])
        self.keys[known] = keys
        app_s_key = wrap(keys.app_s_key, "as", AS_KEK) if self.wraps else None
        is_1_0 = version is Version.LORAWAN_1_0
        return (JoinAns if is_join else RejoinAns)(
            header=message.header.back(),
            result=SUCCESS,
            phy_payload=seal_join_accept(accept, one.root, version, asked),
            lifetime=0,
            app_s_key=app_s_key,
            session_key_id=known,
            nwk_s_key=clear(keys.f_nwk_s_int_key) if is_1_0 else None,
            f_nwk_s_int_key=None if is_1_0 else clear(keys.f_nwk_s_int_key),
            s_nwk_s_int_key=None if is_1_0 else clear(keys.s_nwk_s_int_key),
            nwk_s_enc_key=None if is_1_0 else clear(keys.nwk_s_enc_key),
        )


@dataclass
class Edge:
    """Be what surrounds one network server: partners, a store, gateways.

    Attributes:
        partners: answer what the server asks.
        sent: what its gateways were told to send.
        asked: whom it asked what, in order.
    """

    network: Network
    partners: dict[PartyId, Callable[[Message], Answer | None]] = field(default_factory=dict)
    sessions: dict[Eui64, NetworkSession] = field(default_factory=dict)
    visitors: dict[DevAddr, VisitorSession] = field(default_factory=dict)
    sent: list[tuple[Eui64, Transmit]] = field(default_factory=list)
    asked: list[tuple[PartyId, str]] = field(default_factory=list)
    now: Instant = NOW
    otherwise: Transmit | None = None

    def __post_init__(self) -> None:
        self.entropy = SeededEntropy(str(self.network.net_id))

    @property
    def ground(self) -> Ground:
        return Ground(self.network, self.now, self.entropy)

    def answer(self, need: Need) -> Reply:  # noqa: PLR0911 one for each need
        match need:
            case Ask(to=to, message=message):
                self.asked.append((to, type(message).__name__))
                answer = self.partners[to](message) if to in self.partners else None
                if answer is None:
                    return Unreached(Report(str(to), Outcome.FAILED, "bogus"))
                return Answered(answer, Report(str(to)))
            case SessionsAt(dev_addr=dev_addr):
                return tuple(one for one in self.sessions.values() if one.dev_addr == dev_addr)
            case SessionOf(dev_eui=dev_eui):
                return self.sessions.get(dev_eui)
            case VisitorAt(dev_addr=dev_addr):
                return self.visitors.get(dev_addr)
            case Keep(session=session):
                self._keep(session)
            case Forget(dev_addr=dev_addr):
                self.visitors.pop(dev_addr, None)
            case Send(gateway=gateway, transmit=transmit, otherwise=otherwise):
                self.sent.append((gateway, transmit))
                self.otherwise = otherwise
                return True
        return None

    def _keep(self, session: NetworkSession | VisitorSession) -> None:
        if isinstance(session, NetworkSession):
            self.sessions[session.dev_eui] = session
        else:
            self.visitors[session.dev_addr] = session

    def hears(
        self,
        octets: bytes,
        *,
        ticks: int = 1000,
        frequency: int = FREQUENCY,
        data_rate: str = "SF7BW125",
    ) -> Report:
        received = Received(octets, ticks, frequency, data_rate, -100, 4.0)
        heard = Uplink(octets, (Reception(GATEWAY, received),))
        return answer_all(take(heard, self.ground), self.answer).result

    def handles(self, message: Message) -> Answer:
        answer, _ = answer_all(handle(message, self.ground), self.answer).result
        return answer

    @property
    def last_sent(self) -> bytes:
        return self.sent[-1][1].octets


@dataclass
class ApplicationEdge:
    """Be what surrounds an application server."""

    partners: dict[PartyId, Callable[[Message], Answer | None]] = field(default_factory=dict)
    sessions: dict[Eui64, ApplicationSession] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        application = Application(AS_ID, {DEV_EUI: JOIN_EUI}, {"as": AS_KEK})
        self.desk = Desk(application, NOW)

    def answer(self, need: ApplicationNeed) -> ApplicationReply:
        match need:
            case Ask(to=to, message=message):
                self.asked.append(type(message).__name__)
                answer = self.partners[to](message) if to in self.partners else None
                if answer is None:
                    return Unreached(Report(str(to), Outcome.FAILED, "bogus"))
                return Answered(answer, Report(str(to)))
            case SessionKept(dev_eui=dev_eui):
                return self.sessions.get(dev_eui)
            case Take(session=session, reading=reading):
                self.sessions[session.dev_eui] = session
                self.readings.append(reading)
            case Wanted():
                return self.outgoing.pop() if self.outgoing else None
        return None

    def handles(self, message: Message) -> Answer:
        answer, _ = answer_all(handle_as_application(message, self.desk), self.answer).result
        return answer


@dataclass
class World:
    """Connect Afnic, where DEV_EUI is at home, TSP, a join server and an application server."""

    version: Version = Version.LORAWAN_1_0
    lifetime: int = 0

    def __post_init__(self) -> None:
        self.join_server = JoinServerOfTests()
        self.application = ApplicationEdge()
        self.home = Edge(network(AFNIC, self.version, n00050b=self.lifetime))
        self.visited = Edge(network(TSP, None, n00050a=self.lifetime))
        self.home.partners = {
            JOIN_EUI: self.join_server.handle,
            AS_ID: self.application.handles,
            TSP: self.visited.handles,
        }
        self.visited.partners = {JOIN_EUI: self.join_server.handle, AFNIC: self.home.handles}
        self.application.partners = {
            JOIN_EUI: self.join_server.handle,
            AFNIC: self.home.handles,
        }
        self.device = device(self.version)

    def joins(self, edge: Edge) -> Hearing:
        """Let the device join where *edge*'s gateway hears it; return what it heard."""
        request, self.device = join(self.device)
        edge.hears(request.push())
        return self._listens(edge)

    def rejoins(self, edge: Edge, kind: RejoinKind) -> bytes:
        """Let the device ask for a new session, and hear the answer; return its request."""
        request, self.device = rejoin(self.device, kind)
        edge.hears(request.push())
        assert isinstance(self._listens(edge), Joined)
        return request.push()

    def says(self, edge: Edge, saying: Saying) -> Report:
        """Let the device send an uplink that *edge* hears."""
        frame, self.device = uplink(self.device, replace(saying, data_rate=5, channel=1))
        return edge.hears(frame.push())

    def _listens(self, edge: Edge) -> Hearing:
        heard = hear(self.device, edge.last_sent)
        self.device = getattr(heard, "device", self.device)
        return heard

    def listens(self, edge: Edge) -> Hearing:
        """Return what the device makes of what was sent last."""
        return self._listens(edge)

"""The running lab: a nameserver with a root, operators who meet over TLS, and a stub of its own."""

from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from dns.name import Name
from dns.rdatatype import RdataType

from lab.app.application_servers import telling
from lab.app.authorities import AuthorityStore, names_of
from lab.app.backend import BackendMeans
from lab.app.dot import open_dot
from lab.app.forwarder import Forwarder, open_forwarder
from lab.app.ground import OnDecision
from lab.app.household import Household
from lab.app.lorawan import LorawanSide, present_lorawan
from lab.app.lorawan_acts import Acts
from lab.app.lorawan_keys import LorawanKeys
from lab.app.lorawan_memory import LORAWAN_FILE, Memory
from lab.app.lorawan_plan import plan_of
from lab.app.peers import Peers
from lab.app.plan import Plan
from lab.app.server import Options, RunningServer
from lab.app.stranger import Stranger
from lab.core.checks import Report
from lab.core.dialogue import Dialogue, ResultT
from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError
from lab.core.instant import Instant
from lab.core.question import Question, Response
from lab.dane.decision import Decision
from lab.faults.clocks import RESOLVER, time_of
from lab.net.backend_http import Roles
from lab.net.broker import Broker
from lab.net.dns_client import DnsClient
from lab.net.dns_exchange import RESOLUTION_S
from lab.net.drive import drive
from lab.net.entropy import SystemEntropy
from lab.net.ports import PortSet
from lab.net.reactor import Reactor
from lab.net.resolver import Resolver
from lab.pki.ca import CertificateAuthority, Maker
from lab.pki.identity import Identity
from lab.pki.profiles import PEER
from lab.tls.handshake import DEFAULT
from lab.validator.cache import Cache
from lab.validator.resolve import Validation, resolve
from lab.validator.settings import Caching, Settings
from lab.world.build import World, build
from lab.world.certificates import with_next
from lab.world.materials import Materials
from lab.world.moments import Journey, Moment, coming, forgotten, journey, key_steps

# What keys do is noted for the trace of the next journey; so much of it at most.
_STEPS_KEPT = 10_000

if TYPE_CHECKING:
    # A lab that has just been started is not attacked, and plays nothing.
    from lab.app.mqtt_integration import MqttIntegration
    from lab.scenario.action import Connect, ConnectResult, RollKey
    from lab.scenario.attack_actions import AttackAction, AttackResult
    from lab.scenario.crowd import BeginCrowd, CrowdResult, EndCrowd
    from lab.scenario.edits import NewCertificate
    from lab.scenario.lorawan_actions import AirResult, LorawanAction


def _not_told(server: str, decision: Decision) -> None:
    """Listen to nothing."""


class RunningLab(RunningServer):
    """Hold what `RunningServer` holds, the operators' TLS servers and the stub.

    Attributes:
        on_decision: is told of each decision of a TLS server about a client.
        household: the life of the keys, and the parents that read CDS.
        cache: what the resolver keeps; None if nothing.
        roles: what answers requests of the LoRaWAN Backend Interfaces.
        lorawan: devices, gateways and their servers; None if there are none.
        mqtt: what is exchanged with a broker; None if there is none.
        on_notice: are told, in a sentence, of what has changed around the lab.
        stranger: who may stand on the way between the lab's resolvers and its nameservers.
        tls: how the operators speak TLS.
        playing: whether a scenario is being played; then nothing changes to stay.
    """

    def __init__(self, reactor: Reactor, options: Options) -> None:
        """Prepare; nothing is opened before `start`."""
        super().__init__(reactor, options)
        self.on_decision: OnDecision = _not_told
        self.household = Household(self)
        self.cache = Cache() if options.caching is Caching.UNTIL_EXPIRY else None
        self.playing = False
        self.tls = options.tls or DEFAULT
        self.desk.on_notify(self.household.on_notify)
        self._means = BackendMeans(self)
        self.roles = Roles(self._means, reactor, self.entropy)
        self.lorawan: LorawanSide | None = None
        self.mqtt: MqttIntegration | None = None
        self.on_notice: list[Callable[[str], None]] = []
        self._found_in: World | None = None
        self._steps: deque[Moment] = deque(maxlen=_STEPS_KEPT)
        self._peers = Peers(self)
        self.stranger = Stranger(self)

    def _settle(self) -> None:
        self.household.begin()
        if self.mqtt is not None:
            self.mqtt.line.begin()

    async def stop(self) -> None:
        """Take leave of the broker and of other operators, then stop as any server."""
        self._means.close()
        if self.mqtt is not None:
            mqtt, self.mqtt = self.mqtt, None
            await mqtt.line.end()
        await super().stop()

    def edit(self, edit: Callable[[World], World]) -> None:
        """Change the lab: to stay, or for the time of the scenario that is being played.

        Raises:
            LabError: *edit* refuses; nothing has changed.
        """
        before = self.world
        if self.playing:
            self.world = edit(self.world)
        else:
            self.change(edit)
        self._steps.extend(key_steps(before, self.world, self.clock.now()))

    async def roll(self, action: "RollKey") -> None:
        """Begin to replace a key, and do what can be done of it now."""
        await self.household.perform(action)

    def prepare(self, action: "NewCertificate") -> None:
        """Make a new key and certificate for an identity, and lay it ready.

        Raises:
            InputError: there is no such identity.
        """
        made = self.certified(action)
        self.edit(lambda world: with_next(world, action.identity, made))

    def certified(self, action: "NewCertificate") -> Identity:
        """Return a new key with a certificate for an identity.

        Raises:
            InputError: there is no such identity.
        """
        identity = action.identity
        authority = self.authority_of(identity)
        maker = Maker(self.clock.now(), self.entropy)
        names = (*names_of(self.world.materials.identities[identity].leaf), *action.names)
        return authority.certify(maker.key(), names, PEER, maker)

    def authority_of(self, identity: str) -> CertificateAuthority:
        """Return the CA of the operator of *identity*."""
        return AuthorityStore(self.state).authority(self.world.operator_of(identity).name)

    async def travel(self, seconds: int) -> Journey:
        """Move the lab's clock, with everything that falls due on the way, and tell of it."""
        since = self.clock.now()
        moments = [*coming(self.world, since, since + seconds)]
        for cache in filter(None, (self.cache, self.stranger.victims)):
            moments += forgotten(cache.ends())
        self._steps.clear()
        # A story changes zones without telling anybody; on the way everybody looks once.
        self.keeper.wake()
        await self.keeper.travel(seconds)
        return journey(since, self.clock.now(), (*moments, *self._steps))

    def _build(self, materials: Materials) -> World:
        return build(materials)

    async def _open(self) -> None:
        await super()._open()
        self._begin_lorawan()
        await self._open_tls()
        await self._open_dot()
        self._open_resolver()
        if self.lorawan is not None:
            await self.lorawan.open(self._ports, self.options.gateway_port)

    def _begin_lorawan(self) -> None:
        """Give the operators' servers their roles, before anybody can ask them."""
        materials = self.world.materials
        if not materials.lorawan.networks:
            if self.options.webhook is not None or self.options.mqtt is not None:
                raise InputError(
                    "--webhook and --mqtt tell of devices, and lorawan.toml of these zones has none"
                )
            return
        path, later = self.state.file(LORAWAN_FILE), partial(self.reactor.callLater, 0)
        memory = self._files.enter_context(closing(Memory(path, later)))
        keys = LorawanKeys(self.state, self.entropy)
        self.lorawan = LorawanSide(self, plan_of(materials, keys), memory)
        if self.options.webhook is not None:
            self.lorawan.on_reading(telling(self.reactor, self.options.webhook))
        if self.options.mqtt is not None:
            self.mqtt = self._integration(self.options.mqtt, self.lorawan)

    def _integration(self, broker: Broker, side: LorawanSide) -> "MqttIntegration":
        from lab.app.mqtt_integration import MqttIntegration  # noqa: PLC0415 few labs have a broker

        return MqttIntegration(self.reactor, broker, side, self._notice)

    def _notice(self, sentence: str) -> None:
        for listener in self.on_notice:
            listener(sentence)

    async def lorawan_act(self, action: "LorawanAction") -> "AirResult | Report":
        """Let a device speak, or a server in somebody's name.

        Raises:
            LabError: there is no LoRaWAN here, or no such device.
        """
        return await Acts(present_lorawan(self.lorawan), self, self._means)(action)

    async def _open_tls(self) -> None:
        if not self.world.endpoints:
            return
        wanted = self.world.materials.tls_port
        ports, number = await self._peers.listen(wanted)
        self._ports.append(ports)
        if number != wanted:
            # The owner names of the servers' TLSA records carry the port.
            self._begin(replace(self._read, tls_port=number))

    async def _open_dot(self) -> None:
        if not self.world.dot:
            return
        wanted = self.options.dot_port
        ports, number = await open_dot(
            self.reactor, self.world.dot, self.answering.responder, wanted, self.tls.keylog
        )
        self._ports.append(ports)
        if number != self.world.materials.dot_port:
            # As above: the port stands in the owner names of TLSA records.
            self._begin(replace(self._read, dot_port=number))

    def _open_resolver(self) -> None:
        if self.options.resolver is None:
            return
        address, port = self.options.resolver
        ports = PortSet()
        self._ports.append(ports)
        where = (address, port or self.port)
        forwarder = Forwarder(self.reactor, self.plan, self.cache)
        self.resolver = open_forwarder(ports, where, forwarder)

    def plan(self) -> Plan:
        """Return where a validation that begins now starts: at the DS, as other programs do."""
        anchors = tuple(replace(one, dnskeys=()) for one in self.world.anchors)
        settings = replace(self.settings, anchors=anchors)
        dot_port = self.world.materials.dot_port
        return Plan(settings, self.port, self.resolver_time(), dot_port, way=self.stranger.way)

    def resolver_time(self) -> Instant:
        """Return what the clock of the lab's resolver shows."""
        return time_of(self.world.hooks, RESOLVER, self.clock.now())

    @property
    def settings(self) -> Settings:
        """Return what the lab's own stub starts from: root hints and trust anchor."""
        return Settings(self.world.hints, (self.world.anchor,))

    @property
    def client(self) -> DnsClient:
        """Return the stub's sockets."""
        # Anew each time: how many questions there were before depends on what got lost.
        seed = self.options.seed
        chance = SeededEntropy(f"questions of {seed}") if seed else SystemEntropy()
        return DnsClient(self.reactor, self.port, chance, way=self.stranger.way)

    @property
    def finder(self) -> Resolver:
        """Return validated lookups that remember nothing from before the last change of the lab."""
        if self._found_in is not self.world:
            self._found_in = self.world
            self._finder = Resolver(self.client, self.settings, self.resolver_time)
        return self._finder

    def forget(self) -> None:
        """Let the lookups of TLS servers and clients begin anew."""
        self._found_in = None

    async def attack(self, action: "AttackAction") -> "AttackResult":
        """Let the attacker begin or end, or his victim ask."""
        return await self.stranger.attacker.act(action)

    async def validate(self, qname: Name, rdtype: RdataType) -> Validation:
        """Walk from the root to *qname* over real sockets and judge what was found."""
        dialogue = resolve(qname, rdtype, self.settings, self.resolver_time())
        return await drive(dialogue, self.client.within(RESOLUTION_S).ask)

    async def look(self, dialogue: Dialogue[Question, Response, ResultT]) -> ResultT:
        """Answer the questions of *dialogue* by the stub of the lab."""
        return await drive(dialogue, self.client.within(RESOLUTION_S).ask)

    async def connect(self, action: "Connect") -> "ConnectResult":
        """Make one HTTPS request between two operators, certificates on both sides."""
        return await self._peers.connect(action)

    async def crowd(self, action: "BeginCrowd | EndCrowd") -> "CrowdResult | None":
        """Let a crowd of strangers come to a server; or wait for its end and tell of it."""
        return await self._peers.crowd(action)

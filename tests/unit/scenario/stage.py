"""A lab without sockets: the zones of the repository, asked by function calls."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import assert_never

import dns.message
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType
from twisted.internet.defer import Deferred

from lab.attacks.plot import Asked, Plot, Seen
from lab.core.checks import Report
from lab.core.dialogue import Dialogue, answer_all
from lab.core.entropy import SeededEntropy
from lab.core.errors import TransportError
from lab.core.instant import Instant
from lab.core.question import Question, Response
from lab.dane.bounds import LookupLimits
from lab.dane.client_id import push_client_id
from lab.dane.decision import Decision
from lab.dane.policy import ClientPolicy, Identified, ServerPolicy, identify
from lab.dnssec.keys import KeySet, generate
from lab.faults.clocks import RESOLVER, time_of
from lab.nameserver.query import Peer, Transport
from lab.nameserver.tree import ds_rdatas, parent_of
from lab.net.turns import Turns
from lab.pki.ca import CertificateAuthority, Maker
from lab.pki.contents import read
from lab.pki.identity import Identity
from lab.pki.path import Expected
from lab.pki.profiles import PEER, Purpose
from lab.scenario.action import (
    Action,
    AddRecords,
    AdvanceClock,
    AskFirstDs,
    Begin,
    Connect,
    ConnectResult,
    Finished,
    Haste,
    PublishTlsa,
    RemoveRecords,
    Result,
    RollKey,
    Side,
    Validate,
    WithdrawTlsa,
)
from lab.scenario.attack_actions import (
    AskOverTls,
    BeginAttack,
    EndAttacks,
    LookUp,
    Remembers,
)
from lab.scenario.crowd import BeginCrowd, CrowdResult, EndCrowd
from lab.scenario.edits import (
    ClearFaults,
    Edit,
    NewCertificate,
    PrepareZone,
    SeedChance,
    SetFault,
    SetMoment,
    WorldAction,
)
from lab.scenario.lorawan_actions import LorawanAct
from lab.scenario.pki_actions import (
    CheckCertificate,
    IssueCertificate,
    MakeCa,
    RequestCertificate,
    RevokeCertificate,
    WatchLog,
)
from lab.scenario.pki_scene import (
    enacted,
    judged,
    prepared,
    remembered,
)
from lab.tls.authentication import Presented, authenticate_client, authenticate_server, claim_of
from lab.tls.pkix import decide_by_path
from lab.validator.cache import Cache, resolve_cached
from lab.validator.resolve import Settings, Validation, resolve
from lab.world.build import World, build
from lab.world.certificates import with_next
from lab.world.config import read_hierarchy
from lab.world.delays import FirstDs
from lab.world.first_ds import first_ds
from lab.world.keylife import Succession, forced, lived, next_event, rolled
from lab.world.materials import Materials
from lab.world.moments import coming, journey
from lab.world.operating import keys_of
from lab.world.operators import OperatorConfig, read_operators
from lab.world.parental import Ruling
from lab.world.publishing import tlsa_owner, with_tlsa
from lab.world.showing import shown
from lab.world.wishes import with_wish

ROOT = Path(__file__).parents[3]
ZONES = ROOT / "zones"
SCENARIOS = ROOT / "scenarios"
START = Instant(1_795_000_000)
TLS_PORT = 8003


@cache
def honest_world() -> World:
    """Return the zones and operators of the repository, with fresh keys."""
    configs = read_hierarchy(_text("hierarchy.toml"), "hierarchy.toml")
    operators = read_operators(_text("operators.toml"), "operators.toml")
    keys = {
        config.apex: KeySet(
            tuple(generate(config.apex, role, config.algorithm) for role in config.key_roles)
        )
        for config in configs
        if config.signed
    }
    identities = {
        name: identity for one in operators for name, identity in _identities(one).items()
    }
    texts = {config.apex: _text(config.file) for config in configs}
    return build(Materials(configs, texts, operators, keys, identities, TLS_PORT))


def _text(file: str) -> str:
    return (ZONES / file).read_text(encoding="utf-8")


def _identities(operator: OperatorConfig) -> dict[str, Identity]:
    entropy = SeededEntropy(f"leaves of {operator.name}")
    authority = _authority(operator)
    issued = {}
    for config in operator.identities:
        names = tuple(one.to_text(omit_final_dot=True) for one in (config.host, config.client))
        issued[config.name] = authority.issue(names, Purpose.BOTH, START, entropy)
    return issued


def _authority(operator: OperatorConfig) -> CertificateAuthority:
    return CertificateAuthority.create(operator.title, START, SeededEntropy(operator.name))


class Stage:
    """Perform actions on a world of its own."""

    def __init__(self) -> None:
        self.world = honest_world()
        self.now = START
        self.entropy = SeededEntropy("stage")
        self.turns: Turns | None = None
        self.came = 0
        self.plot = Plot()
        self.victims = Cache()
        self.recorded: dict[Asked, Message] = {}

    def perform(self, action: Action) -> Result:
        match action:
            case Validate() | AskFirstDs() | Connect() | BeginCrowd() | EndCrowd():
                return self.meet(action)
            case AdvanceClock(seconds=seconds):
                return self.travel(seconds)
            case RollKey():
                self.roll(action)
            case BeginAttack() | EndAttacks() | LookUp():
                return self.attack(action)
            case Edit() | NewCertificate() | PrepareZone() | SetMoment() | SeedChance():
                self.set(action)
            case Begin() | Finished():
                pass
            case CheckCertificate() | RequestCertificate() | WatchLog():
                return self.judge(action)
            case MakeCa() | IssueCertificate() | RevokeCertificate():
                self.world = enacted(self.world, action, Maker(self.now, self.entropy))
            case LorawanAct() | AskOverTls():
                raise AssertionError("only a running lab has devices, and DNS over TLS")
            case _:
                self.world = self._changed(action)
        return None

    def set(self, action: WorldAction) -> None:
        match action:
            case Edit(edit=edit):
                self.world = edit(self.world)
            case PrepareZone(wish=wish):
                self.world = with_wish(self.world, wish, self.entropy)
            case NewCertificate():
                self.prepare(action)
            case SetMoment(moment=moment):
                self.travel(moment - self.now)
            case SeedChance(seed=seed):
                self.entropy = SeededEntropy(seed)

    def meet(self, action: Validate | AskFirstDs | Connect | BeginCrowd | EndCrowd) -> Result:
        match action:
            case Validate(qname=qname, rdtype=rdtype):
                return self.validate(qname, rdtype)
            case AskFirstDs(zone=zone):
                return self.first(zone)
            case Connect():
                return self.connect(action)
            case _:
                return self.crowd(action)

    def judge(self, action: CheckCertificate | RequestCertificate | WatchLog) -> Report:
        self.world = prepared(self.world, action)
        dialogue = judged(self.world, action, self.settings, self.now)
        report = answer_all(dialogue, self.ask).result
        self.world = remembered(self.world, action)
        return report

    def roll(self, action: RollKey) -> None:
        """Do as the household of a running lab does."""
        config = self.world.config(action.zone)
        key = generate(action.zone, action.role, config.algorithm)
        order = config.delays.orders[action.role]
        change = Succession(action.zone, (key,), (action.role,), order)
        self.world = rolled(self.world, change, self.now)
        if action.how in {Haste.FORCE, Haste.CARELESS}:
            self.world = forced(self.world, action.zone, self.now)
        if action.how is not Haste.CARELESS:
            self.obey()

    def prepare(self, action: NewCertificate) -> None:
        """Lay a new certificate ready."""
        authority = _authority(self.world.operator_of(action.identity))
        old = read(self.world.materials.identities[action.identity].leaf)
        maker = Maker(self.now, SeededEntropy("next"))
        names = (*old.dns_names, *action.names)
        made = authority.certify(maker.key(), names, PEER, maker)
        self.world = with_next(self.world, action.identity, made)

    def travel(self, seconds: int) -> Report:
        """Move the clock; keys do what falls due, and parents what they are asked for."""
        since, target = self.now, self.now + seconds
        moments = coming(self.world, since, target)
        while self.now < target:
            self.world = lived(self.world, self.now)
            self.obey()
            self.world = lived(self.world, self.now)
            event = next_event(self.world)
            self.now = target if event is None else min(target, event)
        self.now = target
        return journey(since, target, moments).report()

    def obey(self) -> None:
        """Let every parent publish the DS RRset that its child wants, the first one if it may."""
        for apex in self.world.lives:
            if parent_of(apex, self.world.sources) is None:
                continue
            wanted = ds_rdatas(apex, keys_of(self.world, apex))
            if not self.world.delegations.get(apex):
                looks = self.world.config(apex).delays.first_ds is FirstDs.BY_SIGNAL
                wanted = self.first(apex).ds if looks else ()
            self.world = self.world.with_delegation(apex, wanted)

    def first(self, apex: Name) -> Ruling:
        dialogue = first_ds(self.world, apex, self.settings, self.now)
        return answer_all(dialogue, self.ask).result

    def _changed(
        self,
        action: SetFault | ClearFaults | AddRecords | RemoveRecords | PublishTlsa | WithdrawTlsa,
    ) -> World:
        match action:
            case SetFault(fault=fault, server=server):
                return self.world.with_fault(fault, server)
            case ClearFaults(which=which):
                return self.world.without_faults(which)
            case AddRecords(zone=zone, text=text):
                return self.world.with_records(zone, text)
            case RemoveRecords(owner=owner, rdtype=rdtype):
                return self.world.without_records(owner, rdtype)
            case PublishTlsa(identity=identity, side=side, form=form):
                return with_tlsa(self.world, identity, of_server=side is Side.SERVER, form=form)
            case WithdrawTlsa(identity=identity, side=side):
                owner = tlsa_owner(self.world, identity, of_server=side is Side.SERVER)
                return self.world.without_records(owner, RdataType.TLSA)
            case _:
                assert_never(action)

    def ask(self, question: Question) -> Response:
        query = dns.message.make_query(question.qname, question.rdtype, want_dnssec=True)
        server = self.world.name_servers.get(question.server.address)
        if server is None:
            raise TransportError(f"{question.server} does not listen")
        wire = server.respond(query.to_wire(), Peer("127.0.0.1", 4711, Transport.TCP), self.now)
        if wire is None:
            raise TransportError(f"no answer from {question.server}")
        return Response(self._on_the_way(query, dns.message.from_wire(wire)), question.server)

    def _on_the_way(self, query: Message, response: Message) -> Message:
        """Let the relay play its part."""
        seen = Seen(query, response, self.recorded, self.now)
        deliveries, self.plot = self.plot.play(seen)
        self.recorded.setdefault(seen.asked, response)
        if deliveries is None:
            return response
        head = query.to_wire()[:2], query.question
        arrived = (dns.message.from_wire(one.wire) for one in deliveries if one.port is None)
        for message in arrived:
            if (message.id.to_bytes(2, "big"), message.question) == head:
                return message
        raise TransportError("lost on the way")

    def attack(self, action: BeginAttack | EndAttacks | LookUp) -> Validation | Report | None:
        match action:
            case BeginAttack(attack=attack):
                self.plot = self.plot.plus(attack.rules)
                return None
            case EndAttacks():
                self.plot, self.recorded = Plot(), {}
                return Report("the relay")
            case _:
                settings = replace(self.settings, anchors=())
                cache = self.victims if action.remembers is Remembers.ANSWERS else None
                dialogue = resolve_cached(action.qname, action.rdtype, settings, self.now, cache)
                return answer_all(dialogue, self.ask).result

    @property
    def settings(self) -> Settings:
        return Settings(self.world.hints, (self.world.anchor,))

    def validate(self, qname: Name, rdtype: RdataType) -> Validation:
        now = self.time_of(RESOLVER)
        return answer_all(resolve(qname, rdtype, self.settings, now), self.ask).result

    def time_of(self, whose: str) -> Instant:
        return time_of(self.world.hooks, whose, self.now)

    def connect(self, action: Connect) -> ConnectResult:
        """Let both sides decide about what the other would show; without a handshake."""
        if action.trusts:
            return self.connect_by_path(action)
        host = self.world.identity(action.server).host
        server = Presented(self.shown(action.server).chain)
        about_server = self.decide(
            authenticate_server(
                host, TLS_PORT, server, ServerPolicy(), self.settings, self.time_of(action.client)
            )
        )
        if not about_server.lets_in:
            return ConnectResult(about_server, None, refusal="the client closed the connection")
        claims = action.claims or self.world.identity(action.client).client
        chain = self.shown(action.certificate or action.client).chain
        client = Presented(chain, push_client_id(claims))
        policy = self.policy_of(action.server)
        answers = self.ask if self.finds_a_turn(claims) else _nobody_answers
        now = self.time_of(action.server)
        now = self.time_of(RESOLVER) if now == self.now else now
        dialogue = authenticate_client(client, policy, self.settings, now)
        about_client = answer_all(dialogue, answers).result
        if not about_client.lets_in:
            return ConnectResult(about_server, about_client, refusal="handshake_failure")
        return ConnectResult(about_server, about_client, http_status=200)

    def shown(self, name: str) -> Identity:
        return shown(self.world, name, lambda: _authority(self.world.operator_of(name)), self.now)

    def crowd(self, action: BeginCrowd | EndCrowd) -> CrowdResult | None:
        """Let a crowd take the turns of a server's lookups, and keep them until it goes."""
        if isinstance(action, EndCrowd):
            assert self.turns is not None
            tally, self.turns = self.turns.tally, None
            return CrowdResult(self.came, 0, tally, 0.0)
        self.turns = Turns(self.world.limits.get(action.server, LookupLimits()))
        self.came = action.count
        policy = self.policy_of(action.server)
        chain = self.world.materials.identities[action.client].chain
        for claim in action.claims:
            identified = identify(claim_of(Presented(chain, push_client_id(claim))), policy)
            if isinstance(identified, Identified):
                Deferred.fromCoroutine(self.turns.take(identified.name))
        return None

    def policy_of(self, server: str) -> ClientPolicy:
        return self.world.policies.get(server, self.world.identity(server).policy)

    def finds_a_turn(self, claim: Name) -> bool:
        """Tell whether a server that has a crowd looks *claim* up."""
        taken: list[bool] = []
        if self.turns is not None:
            Deferred.fromCoroutine(self.turns.take(claim)).addCallback(taken.append)
        return taken != [False]

    def connect_by_path(self, action: Connect) -> ConnectResult:
        chains, roots = self.world.materials.identities, self.world.scene.trust_store(action.trusts)
        host, name = (
            self.world.identity(action.server).host,
            self.world.identity(action.client).client,
        )
        server, client = (
            decide_by_path(
                Presented(chains[one].chain),
                Expected(who, purpose, self.time_of(other), roots),
            )
            for one, other, who, purpose in (
                (action.server, action.client, host, Purpose.SERVER),
                (action.client, action.server, name, Purpose.CLIENT),
            )
        )
        fine = server.lets_in and client.lets_in
        return ConnectResult(server, client, http_status=200 if fine else None)

    def decide(self, dialogue: Dialogue[Question, Response, Decision]) -> Decision:
        return answer_all(dialogue, self.ask).result


def _nobody_answers(question: Question) -> Response:
    raise TransportError(f"too many ask; {question.server} is not asked")

"""Do what a scenario's steps ask for: one performer for each kind of action."""

from collections.abc import Callable
from typing import Protocol, assert_never

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.checks import Report
from lab.core.dialogue import Dialogue, ResultT
from lab.core.entropy import Entropy, SeededEntropy
from lab.core.question import Question, Response
from lab.net.clock import LabClock
from lab.pki.ca import Maker
from lab.scenario.action import (
    Action,
    AddRecords,
    AdvanceClock,
    AskFirstDs,
    Begin,
    Connect,
    ConnectResult,
    Finished,
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
    AttackAction,
    AttackResult,
    BeginAttack,
    EndAttacks,
    LookUp,
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
from lab.scenario.lorawan_actions import AirResult, LorawanAct, LorawanAction
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
from lab.validator.resolve import Validation
from lab.validator.settings import Settings
from lab.world.build import World
from lab.world.first_ds import first_ds
from lab.world.moments import Journey
from lab.world.publishing import tlsa_owner, with_tlsa
from lab.world.wishes import with_wish


class Stage(Protocol):
    """Name what performers need of a running lab.

    Attributes:
        world: assigning another one changes what the lab answers, for the time of a play.
        base: what the world is set back to.
        clock: the lab's.
        playing: whether a scenario is being played; then nothing changes to stay.
        entropy: for the keys of a story's CAs; a play may seed it.
    """

    world: World
    base: World
    clock: LabClock
    playing: bool
    entropy: Entropy

    async def validate(self, qname: Name, rdtype: RdataType) -> Validation:
        """Walk the chain of trust over real sockets."""
        ...

    async def roll(self, action: RollKey) -> None:
        """Begin to replace a key."""
        ...

    def prepare(self, action: NewCertificate) -> None:
        """Make a new key and certificate for an identity, and lay it ready."""
        ...

    async def travel(self, seconds: int) -> Journey:
        """Move the clock, with everything that falls due on the way, and tell of it."""
        ...

    async def connect(self, action: Connect) -> ConnectResult:
        """Make one HTTPS request with certificates on both sides."""
        ...

    async def crowd(self, action: BeginCrowd | EndCrowd) -> CrowdResult | None:
        """Let a crowd come and wait until it is there; or wait for its end and tell of it."""
        ...

    async def lorawan_act(self, action: LorawanAction) -> AirResult | Report:
        """Let a device speak, or a server in somebody's name."""
        ...

    @property
    def settings(self) -> Settings:
        """Return root hints and trust anchor."""
        ...

    async def attack(self, action: AttackAction) -> AttackResult:
        """Let an attacker begin or end, or his victim ask."""
        ...

    async def look(self, dialogue: Dialogue[Question, Response, ResultT]) -> ResultT:
        """Answer the questions of *dialogue* over real sockets."""
        ...


class Performer:
    """Perform actions on a stage and tell an observer how the play goes on."""

    def __init__(self, stage: Stage, observe: Callable[[Begin | Finished], None]) -> None:
        """Act on *stage*; *observe* is told when a step begins and when it is finished."""
        self._stage = stage
        self._observe = observe

    async def __call__(self, action: Action) -> Result:
        """Perform one action and return its result.

        Raises:
            LabError: it cannot be done.
        """
        match action:
            case Begin() | Finished():
                self._observe(action)
            case Validate() | AskFirstDs() | Connect() | BeginCrowd() | EndCrowd():
                return await self._meet(action)
            case Edit() | NewCertificate() | PrepareZone() | SetMoment() | SeedChance():
                await self._set(action)
            case BeginAttack() | EndAttacks() | LookUp() | AskOverTls():
                return await self._stage.attack(action)
            case LorawanAct():
                return await self._stage.lorawan_act(action)
            case RollKey():
                await self._stage.roll(action)
            case AdvanceClock(seconds=seconds):
                return (await self._stage.travel(seconds)).report()
            case CheckCertificate() | RequestCertificate() | WatchLog():
                return await self._judge(action)
            case MakeCa() | IssueCertificate() | RevokeCertificate():
                maker = Maker(self._stage.clock.now(), self._stage.entropy)
                self._stage.world = enacted(self._stage.world, action, maker)
            case _:
                self._stage.world = _changed(self._stage.world, action)
        return None

    async def _set(self, action: WorldAction) -> None:
        match action:
            case Edit(edit=edit):
                self._stage.world = edit(self._stage.world)
            case PrepareZone(wish=wish):
                self._stage.world = with_wish(self._stage.world, wish, self._stage.entropy)
            case NewCertificate():
                self._stage.prepare(action)
            case SetMoment(moment=moment):
                await self._stage.travel(moment - self._stage.clock.now())
            case SeedChance(seed=seed):
                self._stage.entropy = SeededEntropy(seed)

    async def _meet(
        self, action: Validate | AskFirstDs | Connect | BeginCrowd | EndCrowd
    ) -> Result:
        stage = self._stage
        match action:
            case Validate(qname=qname, rdtype=rdtype):
                return await stage.validate(qname, rdtype)
            case AskFirstDs(zone=zone):
                dialogue = first_ds(stage.world, zone, stage.settings, stage.clock.now())
                return await stage.look(dialogue)
            case Connect():
                return await stage.connect(action)
            case _:
                return await stage.crowd(action)

    async def _judge(self, action: CheckCertificate | RequestCertificate | WatchLog) -> Report:
        self._stage.world = prepared(self._stage.world, action)
        now = self._stage.clock.now()
        dialogue = judged(self._stage.world, action, self._stage.settings, now)
        report = await self._stage.look(dialogue)
        self._stage.world = remembered(self._stage.world, action)
        return report


def _changed(
    world: World,
    action: SetFault | ClearFaults | AddRecords | RemoveRecords | PublishTlsa | WithdrawTlsa,
) -> World:
    match action:
        case SetFault(fault=fault, server=server):
            return world.with_fault(fault, server)
        case ClearFaults(which=which):
            return world.without_faults(which)
        case AddRecords(zone=zone, text=text):
            return world.with_records(zone, text)
        case RemoveRecords(owner=owner, rdtype=rdtype):
            return world.without_records(owner, rdtype)
        case PublishTlsa(identity=identity, side=side, form=form):
            return with_tlsa(world, identity, of_server=side is Side.SERVER, form=form)
        case WithdrawTlsa(identity=identity, side=side):
            owner = tlsa_owner(world, identity, of_server=side is Side.SERVER)
            return world.without_records(owner, RdataType.TLSA)
        case _:
            assert_never(action)

from collections.abc import Coroutine
from typing import Any

import pytest
from dns.name import Name
from dns.rdatatype import RdataType
from twisted.internet.defer import Deferred

from lab.attacks.replays import Eavesdropping
from lab.core.checks import Report
from lab.core.dialogue import Dialogue, ResultT, answer_all
from lab.core.entropy import Entropy, SeededEntropy
from lab.core.errors import ZoneError
from lab.core.parameters import Seconds
from lab.core.question import Question, Response
from lab.dane.bounds import Tally
from lab.faults.signatures import RrsigExpired
from lab.net.clock import LabClock
from lab.net.perform import Performer
from lab.scenario.action import (
    Action,
    AddRecords,
    AdvanceClock,
    Begin,
    Connect,
    ConnectResult,
    Finished,
    IdentityName,
    PublishTlsa,
    RemoveRecords,
    Result,
    RollKey,
    Side,
    Validate,
    WithdrawTlsa,
)
from lab.scenario.attack_actions import AttackAction, BeginAttack, EndAttacks
from lab.scenario.crowd import BeginCrowd, CrowdResult, EndCrowd
from lab.scenario.edits import ClearFaults, Edit, NewCertificate, SetFault
from lab.scenario.lorawan_actions import LetJoin, LorawanAction
from lab.validator.resolve import Validation
from lab.validator.settings import Settings
from lab.world.build import build
from lab.world.moments import Journey
from tests.fakes import NOW, Internet, name
from tests.unit.world.small import materials

OP = name("op.")
HEARD = Report("as the test says")
CONNECTED = ConnectResult(None, None, refusal="as the test says")
GONE = CrowdResult(3, 0, Tally(), 1.0)
BEGIN = Begin(1, 2, "validate", "title", "words")


class FakeStage:
    """Stand for a running lab."""

    def __init__(self) -> None:
        self.world = self.base = build(materials())
        self.clock = LabClock(lambda: float(NOW))
        self.playing = False
        self.attacked: list[AttackAction] = []
        self.rolled: list[RollKey] = []
        self.entropy: Entropy = SeededEntropy("perform")
        self.prepared: list[NewCertificate] = []

    async def validate(self, qname: Name, rdtype: RdataType) -> Validation:
        return self._internet.resolve(qname, rdtype)

    @property
    def _internet(self) -> Internet:
        root = self.world.served[name(".")]
        return Internet(self.world.name_servers, root, self.world.hints)

    @property
    def settings(self) -> Settings:
        return Settings(self.world.hints, (self._internet.anchor,))

    async def attack(self, action: AttackAction) -> Report | None:
        self.attacked.append(action)
        return HEARD if isinstance(action, EndAttacks) else None

    async def look(self, dialogue: Dialogue[Question, Response, ResultT]) -> ResultT:
        return answer_all(dialogue, self._internet.ask).result

    def prepare(self, action: NewCertificate) -> None:
        self.prepared.append(action)

    async def travel(self, seconds: int) -> Journey:
        since = self.clock.now()
        self.clock.shift(seconds)
        return Journey(since, self.clock.now())

    async def roll(self, action: RollKey) -> None:
        self.rolled.append(action)

    async def lorawan_act(self, action: LorawanAction) -> Report:
        del action
        return HEARD

    async def connect(self, action: Connect) -> ConnectResult:
        del action
        return CONNECTED

    async def crowd(self, action: BeginCrowd | EndCrowd) -> CrowdResult | None:
        return GONE if isinstance(action, EndCrowd) else None


class Played:
    """Perform actions and remember what was told."""

    def __init__(self) -> None:
        self.stage = FakeStage()
        self.news: list[Begin | Finished] = []
        self._perform = Performer(self.stage, self.news.append)

    def __call__(self, action: Action) -> Result:
        got: list[Result] = []
        failed: list[BaseException] = []
        coroutine: Coroutine[Any, Any, Result] = self._perform(action)
        Deferred.fromCoroutine(coroutine).addCallbacks(
            got.append, lambda failure: failed.append(failure.value)
        )
        if failed:
            raise failed[0]
        return got[0]

    def has(self, owner: str, rdtype: RdataType) -> bool:
        return self.stage.world.sources[OP].rrset(name(owner), rdtype) is not None


@pytest.fixture
def play() -> Played:
    return Played()


def test_the_observer_is_told_of_steps(play: Played) -> None:
    assert play(BEGIN) is None
    assert play.news == [BEGIN]


def test_a_validation_and_a_connection_are_the_stages_to_make(play: Played) -> None:
    validation = play(Validate(name("js.op."), RdataType.A))
    assert isinstance(validation, Validation)
    assert validation.status.value == "secure"
    action = Connect(IdentityName("op.js"), IdentityName("op.as"))
    assert play(action) is CONNECTED


def test_a_crowd_is_the_stages_to_make(play: Played) -> None:
    assert play(BeginCrowd("op.as", "op.js", 3, name("x."))) is None
    assert play(EndCrowd()) is GONE


def test_devices_speak_on_the_stage(play: Played) -> None:
    assert play(LetJoin("meter")) is HEARD


def test_an_edit_changes_the_world_and_a_certificate_is_the_stages_to_make(play: Played) -> None:
    play(Edit(lambda world: world.with_delegation(OP, ())))
    assert play.stage.world.delegations[OP] == ()
    play(NewCertificate("op.js", ("x.op",)))
    assert play.stage.prepared == [NewCertificate("op.js", ("x.op",))]


def test_the_clock_is_moved(play: Played) -> None:
    told = play(AdvanceClock(Seconds(60)))
    assert play.stage.clock.now() == NOW + 60
    assert told == Journey(NOW, NOW + 60).report()


def test_attacks_are_the_stages_to_make(play: Played) -> None:
    assert play(BeginAttack(Eavesdropping())) is None
    assert play(EndAttacks()) == HEARD
    assert play.stage.attacked == [BeginAttack(Eavesdropping()), EndAttacks()]


def test_faults_are_set_and_cleared(play: Played) -> None:
    play(SetFault(RrsigExpired(owner=name("js.op."), type=RdataType.A)))
    broken = play(Validate(name("js.op."), RdataType.A))
    play(ClearFaults())
    mended = play(Validate(name("js.op."), RdataType.A))
    assert isinstance(broken, Validation)
    assert isinstance(mended, Validation)
    assert (broken.status.value, mended.status.value) == ("bogus", "secure")


def test_records_come_and_go(play: Played) -> None:
    play(AddRecords(OP, "new 60 A 192.0.2.1\n"))
    assert play.has("new.op.", RdataType.A)
    play(RemoveRecords(name("new.op."), RdataType.A))
    assert not play.has("new.op.", RdataType.A)


SIDES = {Side.SERVER: "_8003._tcp.js.op.", Side.CLIENT: "_client.js.op."}


@pytest.mark.parametrize("side", SIDES)
def test_tlsa_records_come_and_go(side: Side, play: Played) -> None:
    identity = IdentityName("op.js")
    play(WithdrawTlsa(identity, side))
    assert not play.has(SIDES[side], RdataType.TLSA)
    play(PublishTlsa(identity, side, "3 0 1"))
    assert play.has(SIDES[side], RdataType.TLSA)


def test_what_cannot_be_done_is_raised_and_changes_nothing(play: Played) -> None:
    before = play.stage.world
    with pytest.raises(ZoneError):
        play(RemoveRecords(name("nobody.op."), RdataType.A))
    assert play.stage.world is before

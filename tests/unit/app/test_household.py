"""The life of keys in a lab without sockets: what a start makes of hierarchy.toml."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest
from dns.name import Name
from dns.rdatatype import RdataType
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from lab.app.household import Household
from lab.app.keeper import Keeper
from lab.app.running import RunningLab
from lab.core.dialogue import Dialogue, ResultT, answer_all
from lab.core.entropy import SeededEntropy
from lab.core.errors import LabError
from lab.core.question import Question, Response
from lab.core.status import SecurityStatus
from lab.dnssec.algorithms import algorithm
from lab.dnssec.keylife import Goal, Member
from lab.dnssec.keys import KeyRole
from lab.net.clock import LabClock
from lab.validator.resolve import Validation, resolve
from lab.validator.settings import Settings
from lab.world.bootstrap import with_signal
from lab.world.build import World, build
from lab.world.config import read_hierarchy
from lab.world.wishes import ZoneWish, with_wish
from tests.fakes import NOW, TCP_PEER, name, query, tell
from tests.unit.world.small import HIERARCHY, materials

OP = name("op.")
OTHER_ALGORITHM = HIERARCHY.replace("ED25519", "ECDSAP256SHA256")
OTHER_ROLES = HIERARCHY.replace('keys = "csk"', 'keys = "ksk+zsk"')


class FakeLab:
    """Be as much of a running lab as a household needs: time passes by `travel` alone."""

    def __init__(self, world: World) -> None:
        self.world = self.base = world
        self.clock = LabClock(lambda: float(NOW))
        self.keeper = Keeper(Clock(), self.clock)
        self.entropy = SeededEntropy("house")
        self.household = Household(cast("RunningLab", self))

    @property
    def settings(self) -> Settings:
        return Settings(self.world.hints, (self.world.anchor,))

    def edit(self, edit: Callable[[World], World]) -> None:
        self.world = self.base = edit(self.world)

    async def look(self, dialogue: Dialogue[Question, Response, ResultT]) -> ResultT:
        return answer_all(dialogue, self.ask).result

    def ask(self, question: Question) -> Response:
        """Ask as the lab's stub does, at the lab's present."""
        server = self.world.name_servers[question.server.address]
        asked = query(question.qname, question.rdtype)
        return Response(tell(server, asked, TCP_PEER, self.clock.now()), question.server)

    async def validate(self, qname: Name, rdtype: RdataType) -> Validation:
        return self.resolve(qname, rdtype)

    def resolve(self, qname: Name, rdtype: RdataType) -> Validation:
        dialogue = resolve(qname, rdtype, self.settings, self.clock.now())
        return answer_all(dialogue, self.ask).result

    def travel(self, seconds: int) -> None:
        done: list[object] = []
        Deferred.fromCoroutine(self.keeper.travel(seconds)).addBoth(done.append)
        assert done == [None]

    @property
    def members(self) -> tuple[Member, ...]:
        return self.world.lives[OP].life.members

    def next_start(self, hierarchy: str) -> "FakeLab":
        """Return the lab that is started after this one, with another file."""
        configs = read_hierarchy(hierarchy, "hierarchy.toml")
        kept = replace(
            materials(),
            configs=configs,
            keys={apex: signer.keys for apex, signer in self.world.signers.items()},
            lives=self.world.lives,
            delegations=self.world.delegations,
        )
        lab = FakeLab(build(kept))
        lab.clock.set(self.clock.now())
        lab.household.begin()
        return lab


@pytest.fixture
def lab() -> FakeLab:
    first = FakeLab(build(materials()))
    first.household.begin()
    first.travel(3600)
    return first


def wait_until_settled(lab: FakeLab) -> None:
    """Let time pass until all old keys are gone; a resolver without cache never minds."""
    for _ in range(200):
        lab.travel(10)
        assert lab.resolve(name("js.op."), RdataType.A).status is SecurityStatus.SECURE
        if all(one.goal is Goal.ACTIVE for one in lab.members):
            return
    pytest.fail("old keys stay")


def test_the_same_file_at_the_next_start_rolls_nothing(lab: FakeLab) -> None:
    again = lab.next_start(HIERARCHY)
    assert again.members == lab.members
    assert [one.algorithm for one in again.members] == [15]


def test_another_algorithm_in_the_file_begins_a_rollover_at_the_next_start(lab: FakeLab) -> None:
    again = lab.next_start(OTHER_ALGORITHM)
    assert {(one.id, one.algorithm, one.goal) for one in again.members} == {
        ("csk", 15, Goal.WITHDRAWN),
        ("csk-2", 13, Goal.ACTIVE),
    }
    wait_until_settled(again)
    assert [one.id for one in again.members] == ["csk-2"]
    assert {int(one.algorithm) for one in again.world.delegations[OP]} == {13}
    assert {int(one.algorithm) for one in again.world.signers[OP].keys.dnskeys} == {13}


def test_a_start_in_the_middle_goes_on_and_begins_no_second_rollover(lab: FakeLab) -> None:
    begun = lab.next_start(OTHER_ALGORITHM)
    again = begun.next_start(OTHER_ALGORITHM)
    assert again.members == begun.members
    wait_until_settled(again)
    assert [one.id for one in again.members] == ["csk-2"]


def test_the_file_has_the_last_word_about_the_algorithm(lab: FakeLab) -> None:
    lab.household.roll(OP, (KeyRole.CSK,), algorithm(13), None)
    again = lab.next_start(HIERARCHY)
    assert {one.algorithm for one in again.members if one.goal is Goal.ACTIVE} == {15}
    wait_until_settled(again)
    assert {one.algorithm for one in again.members} == {15}


def test_other_roles_in_the_file_begin_a_rollover_too(lab: FakeLab) -> None:
    again = lab.next_start(OTHER_ROLES)
    wait_until_settled(again)
    assert {one.role.value for one in again.members} == {"ksk", "zsk"}
    assert {one.algorithm for one in again.members} == {15}


def test_another_algorithm_of_the_root_is_refused_for_the_sake_of_the_anchor(lab: FakeLab) -> None:
    words = '[zone."."]\n'
    with pytest.raises(LabError, match="is the trust anchor"):
        lab.next_start(HIERARCHY.replace(words, words + 'algorithm = "ED25519"\n'))


CHILD = name("new.op.")
BY_SIGNAL = HIERARCHY.replace('keys = "csk"', 'keys = "csk"\nkey_life = { first_ds = "by-signal" }')


def family(hierarchy: str) -> FakeLab:
    """Return a lab with a child that is signed, has no DS, and is served by its parent's server."""
    configs = read_hierarchy(hierarchy, "hierarchy.toml")
    world = with_wish(build(replace(materials(), configs=configs)), ZoneWish(CHILD))
    lab = FakeLab(world.with_delegation(CHILD, ()))
    lab.household.begin()
    return lab


def status(lab: FakeLab) -> SecurityStatus:
    return lab.resolve(CHILD, RdataType.SOA).status


def test_a_parent_looks_by_itself_and_takes_a_first_ds_once_it_is_vouched_for() -> None:
    lab = family(BY_SIGNAL)
    lab.travel(120)
    assert status(lab) is SecurityStatus.INSECURE
    failed = [one.rule.id for one in lab.household.rulings[CHILD].checks if one.failed]
    assert failed == ["cds.signal-secure", "cds.signal-agrees"]
    lab.edit(lambda world: with_signal(world, CHILD, name("ns.op.")))
    lab.travel(60)
    assert status(lab) is SecurityStatus.SECURE


def test_a_parent_to_whom_a_first_ds_is_given_by_hand_does_not_take_one() -> None:
    lab = family(HIERARCHY)
    lab.edit(lambda world: with_signal(world, CHILD, name("ns.op.")))
    lab.travel(120)
    assert status(lab) is SecurityStatus.INSECURE
    assert lab.household.rulings[CHILD].conclusion == "given by hand only"

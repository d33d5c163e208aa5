"""What the lab does for its secondaries, with sockets that are lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import dns.message
import dns.opcode
import pytest
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType
from dns.tsig import Key
from twisted.internet.defer import Deferred

from lab.app.hosted import HostedZones
from lab.app.keeper import Keeper
from lab.app.secondaries import Secondaries
from lab.app.server import Options, RunningServer, Source
from lab.app.state import StateFolder
from lab.core.errors import InputError
from lab.core.instant import DAY, Instant
from lab.nameserver.history import Snapshot
from lab.net.clock import LabClock
from lab.world.build import World, build
from lab.world.config import read_hierarchy
from lab.world.distribution import read_distribution
from lab.world.serials import with_new_serials
from tests.fakes import NOW, name
from tests.unit.net.sockets import FakeReactor
from tests.unit.world.small import materials

TARGET = ("127.0.0.1", 5301)
TEXT = """\
[defaults]
notify = { to = ["127.0.0.1:5301"], key = "lab-key." }
[distribution]
address = "127.53.0.54"
catalog = "catalog.lab."
"""
NEW = "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n"
APEX = name("new.example.")


def small_world(*, hidden: bool) -> World:
    made = materials()
    distribution = read_distribution(TEXT, "h.toml") if hidden else None
    table = '[zone."."]\nfile = "f"\nnameservers = { "ns." = "127.0.0.1" }\n'
    (told,) = read_hierarchy(TEXT + table, "h.toml")
    configs = tuple(replace(one, access=told.access) for one in made.configs)
    return build(replace(made, configs=configs, distribution=distribution))


@dataclass
class FakeDesk:
    keys: Mapping[Name, Key]
    secondaries: Secondaries


class FakeLab:
    """Be as much of a running lab as secondaries need."""

    def __init__(self, state: StateFolder, *, hidden: bool = True) -> None:
        self.reactor = FakeReactor()
        self.reactor.advance(int(NOW))
        self.clock = LabClock(self.reactor.seconds)
        self.keeper = Keeper(self.reactor, self.clock)
        self.base = self.world = small_world(hidden=hidden)
        self.state = state
        self.options = Options(cast("Source", None), state)
        self.on_change: list[Callable[[tuple[Name, ...]], None]] = []
        key = Key("lab-key.", b"0123456789abcdef")
        self.secondaries = Secondaries(cast("RunningServer", self))
        self.desk = FakeDesk({key.name: key}, self.secondaries)
        self.hosted = HostedZones(cast("RunningServer", self))

    def change(self, edit: Callable[[World], World]) -> None:
        after = with_new_serials(self.base, edit(self.base))
        changed = tuple(
            apex for apex in after.sources if after.sources[apex] is not self.base.sources[apex]
        )
        self.base = self.world = after
        for listener in self.on_change:
            listener(changed)

    def told(self) -> list[Message]:
        """Return the NOTIFY of each socket that was opened so far."""
        wires = [self.reactor.datagrams(at)[0] for at in range(len(self.reactor.udp))]
        assert all(to == TARGET for _, to in wires)
        return [dns.message.from_wire(wire, keyring=self.desk.keys) for wire, _ in wires]


@pytest.fixture
def lab(tmp_path: Path) -> FakeLab:
    state = StateFolder(tmp_path / "state")
    state.prepare()
    return FakeLab(state)


def travel(lab: FakeLab, seconds: int) -> None:
    """Move the clock, as the step `advance-clock` does."""
    done: list[object] = []
    Deferred.fromCoroutine(lab.keeper.travel(seconds)).addBoth(done.append)
    while not done:
        lab.reactor.advance(0)
    assert done == [None]


def published(lab: FakeLab, apex: Name, now: Instant) -> Snapshot:
    """Return what is transferred, once it is there."""
    turns = lab.secondaries.published(apex, now)
    while (history := next(turns)) is None:
        lab.reactor.advance(0)
    return history.latest


def catalog_members(lab: FakeLab) -> set[Name]:
    zone = lab.secondaries.served(name("catalog.lab.")).zone
    rrsets = [one for owner in zone.version.nodes for one in zone.rrsets(owner)]
    return {one.rdatas[0].target for one in rrsets if one.rdtype == RdataType.PTR}  # type: ignore[attr-defined]  # rdata of a PTR


def test_at_the_start_everybody_is_told_of_every_zone_and_of_the_catalog(lab: FakeLab) -> None:
    lab.secondaries.start()
    told = lab.told()
    assert {one.question[0].name for one in told} == {*lab.base.sources, name("catalog.lab.")}
    assert all(one.opcode() == dns.opcode.NOTIFY and one.had_tsig for one in told)
    assert {port.interface for port, _ in lab.reactor.udp} == {"127.53.0.54"}
    assert catalog_members(lab) == set(lab.base.sources)
    lab.secondaries.stop()
    assert lab.reactor.getDelayedCalls() == []
    assert not any(port.open for port, _ in lab.reactor.udp)


def test_without_a_hidden_primary_the_zones_own_nameserver_tells(lab: FakeLab) -> None:
    other = FakeLab(lab.state, hidden=False)
    other.secondaries.start()
    own = {one.nameservers[0].address for one in other.base.materials.configs}
    assert {port.interface for port, _ in other.reactor.udp} == own
    assert other.secondaries.beside("127.53.0.54") == {}
    with pytest.raises(InputError, match="there is no catalog"):
        other.hosted.add("new.example", NEW, "new.zone")
    other.secondaries.stop()


def test_a_newer_change_takes_the_place_of_a_notify_on_its_way(lab: FakeLab) -> None:
    lab.secondaries.start()
    before = len(lab.reactor.udp)
    apex = name("op.")
    for _ in range(2):
        lab.change(
            lambda world: world.with_source(
                world.sources[apex].with_serial(world.sources[apex].serial + 1)
            )
        )
    first, second = lab.reactor.udp[before:]
    assert not first[0].open
    assert second[0].open
    latest = lab.told()[-1]
    assert latest.answer[0][0].serial == lab.base.sources[apex].serial
    lab.secondaries.stop()


def test_signatures_that_secondaries_hold_are_renewed_under_a_greater_serial(lab: FakeLab) -> None:
    lab.secondaries.start()
    apex = name("op.")
    lab.hosted.add("new.example", NEW, "new.zone")
    history = published(lab, apex, lab.clock.now())
    added = published(lab, APEX, lab.clock.now())
    assert lab.keeper.next_due == lab.clock.now()
    lab.keeper.start()
    assert lab.base.sources[apex].serial == history.serial
    assert lab.keeper.next_due == history.due
    assert history.due is not None
    travel(lab, history.due - lab.clock.now() - 1)
    assert lab.base.sources[apex].serial == history.serial
    travel(lab, 1)
    assert lab.base.sources[apex].serial == history.serial + 1
    renewed = published(lab, apex, lab.clock.now())
    assert renewed.expires is not None
    assert renewed.expires > lab.clock.now() + 6 * DAY
    assert renewed.signed_at == lab.clock.now()
    travel(lab, 13 * DAY)
    assert lab.secondaries.served(APEX).zone.serial > added.serial
    lab.secondaries.stop()


def test_signatures_are_renewed_each_time_they_come_to_their_end_on_the_way(lab: FakeLab) -> None:
    lab.secondaries.start()
    apex = name("op.")
    first = published(lab, apex, lab.clock.now())
    assert first.due is not None
    lab.keeper.start()
    travel(lab, 365 * DAY)
    serial = lab.base.sources[apex].serial
    assert 20 < serial - first.serial < 80
    travel(lab, -180 * DAY)
    lab.reactor.advance(1)
    again = published(lab, apex, lab.clock.now())
    assert again.serial == serial + 1
    assert again.signed_at == lab.clock.now()
    assert again.due is not None
    assert again.due > lab.clock.now()
    lab.secondaries.stop()


def test_an_added_zone_is_in_the_catalog_signed_and_kept_for_the_next_run(lab: FakeLab) -> None:
    lab.secondaries.start()
    before = lab.secondaries.served(name("catalog.lab.")).zone.serial
    assert lab.hosted.add("new.example", NEW, "new.zone") == APEX
    assert APEX in catalog_members(lab)
    assert lab.secondaries.served(name("catalog.lab.")).zone.serial > before
    assert lab.secondaries.beside("127.53.0.54")[APEX].signer is not None
    assert lab.secondaries.beside("127.53.0.1") == {}
    assert {one.question[0].name for one in lab.told()[-2:]} == {APEX, name("catalog.lab.")}
    first = lab.secondaries.served(APEX).zone.serial
    lab.hosted.add("new.example.", NEW, "new.zone")
    assert lab.secondaries.served(APEX).zone.serial == first + 1
    lab.secondaries.stop()
    again = FakeLab(lab.state)
    again.reactor.advance(10)
    again.secondaries.start()
    again.hosted.start()
    assert again.secondaries.served(APEX).zone.serial > first
    again.hosted.remove("new.example")
    assert APEX not in catalog_members(again)
    with pytest.raises(InputError, match=r"new\.example\. was not added; added are: none"):
        again.hosted.remove("new.example")
    again.hosted.start()
    assert APEX not in again.secondaries.hosted
    again.secondaries.stop()


def test_a_zone_of_the_lab_and_a_wrong_file_cannot_be_added(lab: FakeLab) -> None:
    lab.secondaries.start()
    with pytest.raises(InputError, match=r"op\. is a zone of the lab already"):
        lab.hosted.add("op", NEW, "new.zone")
    with pytest.raises(InputError, match=r"new\.zone:1"):
        lab.hosted.add("new.example", "this is no record\n", "new.zone")
    assert APEX not in lab.secondaries.hosted
    lab.secondaries.stop()

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest
from dns.rdatatype import RdataType
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from lab.app.asking import Event
from lab.app.journal import JOURNAL
from lab.app.keeper import Keeper
from lab.app.keystore import KeyStore
from lab.app.lab_commands import commands_of
from lab.app.lasting import Lasting
from lab.app.later import LATER, maker
from lab.app.running import RunningLab
from lab.app.server import OnChange
from lab.app.state import StateFolder
from lab.app.stranger import Stranger
from lab.core.errors import InputError, LabError, TransportError
from lab.validator.cache import Cache
from lab.validator.resolve import Validation
from lab.world.build import World
from tests.fakes import name
from tests.unit.app.test_play import TEXT
from tests.unit.net.test_perform import FakeStage


class FakeAsker:
    """Stand for who sent a request; says "go" as often as it was told to."""

    def __init__(self, events: list[Event], *replies: Event) -> None:
        self.events = events
        self.replies = list(replies)

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    async def reply(self) -> Event:
        if not self.replies:
            raise LabError("who asked has left")
        return self.replies.pop(0)


class FakeLab(FakeStage):
    """Stand for a running lab with its state folder."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.state = StateFolder(path)
        self.port = 5300
        self.stranger = Stranger(cast("RunningLab", self))
        self.resolver: tuple[str, int] | None = None
        self.cache: Cache | None = Cache()
        self.keystore = KeyStore(self.state)
        self.keeper = Keeper(Clock(), self.clock)
        self.on_change: list[OnChange] = []
        self.lasting = Lasting(path / JOURNAL)
        self.world, _ = self.lasting.begin(self.world)
        self.base = self.world
        self.lasting.keep()

    def change(self, edit: Callable[[World], World]) -> None:
        RunningLab.change(cast("RunningLab", self), edit)

    def do(self, name: str, /, **parts: object) -> list[Event]:
        """Return the events of one command."""
        events: list[Event] = []
        command = commands_of(cast("RunningLab", self))[name]
        (error,) = outcomes(command({"do": name, **parts}, FakeAsker(events)))
        if error is not None:
            raise error
        return events


def outcomes(waiting: Awaitable[None]) -> list[BaseException | None]:
    """Return what has become of a command: nothing yet, None for good, or its error."""

    async def main() -> None:
        try:
            await waiting
        except LabError as error:
            found.append(error)
        else:
            found.append(None)

    found: list[BaseException | None] = []
    Deferred.fromCoroutine(main())
    return found


@pytest.fixture
def lab(tmp_path: Path) -> FakeLab:
    return FakeLab(tmp_path)


def test_the_status_is_that_of_now(lab: FakeLab) -> None:
    (event,) = lab.do("status")
    assert event["status"]["port"] == 5300


def test_a_zone_is_written_out_signed(lab: FakeLab) -> None:
    (event,) = lab.do("zone", name="op.")
    assert "RRSIG" in event["zone"]


def test_a_scenario_is_played_to_its_record(lab: FakeLab) -> None:
    events = lab.do("run", text=TEXT, file="small.toml")
    assert [next(iter(one)) for one in events] == ["begin", "finished"] * 2 + ["record"]


def test_a_fault_acts_until_it_is_cleared(lab: FakeLab) -> None:
    (event,) = lab.do("fault", fault="rrsig-expired", owner="js.op.", type="A")
    assert len(event["faults"]) == len(lab.world.hooks.faults) == 1
    assert lab.do("faults") == [event]
    (event,) = lab.do("fault", fault=None, which=event["ids"][0])
    assert event["faults"] == []
    assert not lab.world.hooks.faults


REFUSED: dict[str, tuple[str, dict[str, object], str]] = {
    "no zone": ("zone", {"name": "nowhere."}, "there is no zone nowhere.; there are ., op."),
    "no name": ("zone", {"name": "a..b"}, "there is no zone a..b"),
    "a zone without name": ("zone", {}, 'expected "name" with a text'),
    "a scenario without text": ("run", {"file": "x"}, 'expected "text" with a text'),
    "a scenario of nothing": ("run", {"file": "x", "text": ""}, "x:1"),
    "no such zone": ("fault", {"fault": "denial-missing", "zone": "opp."}, "did you mean 'op.'"),
    "no such fault": ("fault", {"fault": "gremlins"}, "gremlins"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_request_that_makes_no_sense_is_refused(case: str, lab: FakeLab) -> None:
    command, parts, words = REFUSED[case]
    with pytest.raises(InputError) as caught:
        lab.do(command, **parts)
    assert words in str(caught.value)


def test_the_world_changes_for_one_at_a_time(lab: FakeLab) -> None:
    commands = commands_of(cast("RunningLab", lab))
    waiting: Deferred[None] = Deferred()

    async def slowly(*_about: object) -> None:
        await waiting

    lab.validate = slowly  # type: ignore[assignment, method-assign]  # a validation that takes long
    playing = outcomes(commands["run"]({"text": TEXT, "file": "small.toml"}, FakeAsker([])))
    assert playing == []
    (error,) = outcomes(commands["fault"]({"fault": None}, FakeAsker([])))
    assert "a scenario is being played" in str(error)
    waiting.errback(TransportError("enough"))
    assert len(playing) == 1
    assert outcomes(commands["fault"]({"fault": None}, FakeAsker([]))) == [None]


GO, STOP = {"go": True}, {"go": False}


def paced(lab: FakeLab, *replies: Event) -> tuple[list[str], BaseException | None]:
    """Return what kinds of events a play step by step has, and how it ended."""
    asker = FakeAsker([], *replies)
    request = {"text": TEXT, "file": "small.toml", "paced": True}
    (error,) = outcomes(commands_of(cast("RunningLab", lab))["run"](request, asker))
    return [next(iter(one)) for one in asker.events], error


def test_a_play_step_by_step_waits_before_each_step_and_at_the_end(lab: FakeLab) -> None:
    one = ["begin", "waiting", "finished"]
    assert paced(lab, GO, GO, GO) == ([*one, *one, "waiting", "record"], None)


def test_a_play_that_is_stopped_leaves_the_lab_as_it_was(lab: FakeLab) -> None:
    before = lab.clock.now()
    assert paced(lab, GO, STOP) == (
        ["begin", "waiting", "finished", "begin", "waiting", "stopped"],
        None,
    )
    assert lab.world is lab.base
    assert lab.clock.now() == before
    assert not lab.playing


def test_a_play_whose_audience_has_left_ends(lab: FakeLab) -> None:
    _, error = paced(lab, GO)
    assert str(error) == "who asked has left"
    assert lab.world is lab.base
    assert not lab.playing
    assert paced(lab, STOP)[1] is None


def test_a_record_is_added_to_stay_and_the_serial_told(lab: FakeLab) -> None:
    (told,) = lab.do("add-record", zone="op.", text="new 60 A 192.0.2.1")
    assert told == {"changed": [{"name": "op.", "serial": 8}]}
    assert lab.base.sources[name("op.")].rrset(name("new.op."), RdataType.A)


def test_a_record_that_is_there_already_changes_nothing(lab: FakeLab) -> None:
    assert lab.do("add-record", zone="op.", text="js 60 A 127.53.0.11") == [{"changed": []}]


def test_an_rrset_is_removed_to_stay(lab: FakeLab) -> None:
    lab.do("remove-record", owner="js.op.", type="A")
    assert lab.base.sources[name("op.")].rrset(name("js.op."), RdataType.A) is None


@pytest.mark.parametrize(
    ("command", "parts", "words"),
    [
        ("add-record", {"zone": "no.", "text": "a 60 A 192.0.2.1"}, "no. is no zone of this lab"),
        ("add-record", {"zone": "a..b", "text": ""}, "'a..b' is not a domain name"),
        ("add-record", {"zone": "op.", "text": "a 60 A x"}, "records for op.:1"),
        ("remove-record", {"owner": "js.op.", "type": "nonsense"}, "'nonsense' is no type"),
        ("remove-record", {"owner": "op.", "type": "NS"}, "op. is no zone without NS records"),
        ("remove-record", {"owner": "op.", "type": "SOA"}, "op. is no zone without its SOA"),
        ("remove-record", {"owner": "js.op.", "type": "MX"}, "there is no RRset js.op. MX"),
    ],
)
def test_what_cannot_be_changed_is_said_in_one_sentence(
    lab: FakeLab, command: str, parts: dict[str, object], words: str
) -> None:
    before = lab.base
    with pytest.raises(InputError, match=words):
        lab.do(command, **parts)
    assert lab.base is before


def test_the_resolver_forgets_when_it_is_told_to(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    lab.resolver = ("127.53.0.53", 5300)
    assert lab.cache is not None
    about = name("www.example.fr."), RdataType.A
    lab.cache.answers.put(about, cast("Validation", None), lab.clock.now(), 60)
    assert lab.do("flush") == [{"forgotten": 1}]
    assert lab.cache.answers.get(about, lab.clock.now()) is None


def test_without_a_resolver_or_a_cache_there_is_nothing_to_forget(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    with pytest.raises(LabError, match="start it with --stub"):
        lab.do("flush")
    lab.resolver, lab.cache = ("127.53.0.53", 5300), None
    with pytest.raises(LabError, match="start it with --stub"):
        lab.do("flush")


def test_the_clock_is_moved_and_the_journey_told(lab: FakeLab) -> None:
    (shown,) = lab.do("clock")
    assert shown["clock"]["ahead"] == 0
    (moved,) = lab.do("clock", change="advance", seconds=90)
    assert moved["clock"]["ahead"] == 90
    assert moved["journey"]["until"] - moved["journey"]["since"] == 90
    (moved,) = lab.do("clock", change="set", to=shown["clock"]["now"] + 7)
    assert moved["clock"]["ahead"] == 7
    (stopped,) = lab.do("clock", change="freeze")
    assert stopped["clock"]["frozen"]
    (back,) = lab.do("clock", change="reset")
    assert (back["clock"]["ahead"], back["clock"]["frozen"]) == (0, False)


@pytest.mark.parametrize("parts", [{"change": "stop"}, {"change": "advance", "seconds": "30d"}])
def test_a_clock_is_not_moved_by_nonsense(parts: dict[str, object], lab: FakeLab) -> None:
    with pytest.raises(InputError):
        lab.do("clock", **parts)


def test_the_clock_is_not_moved_under_a_scenario(lab: FakeLab) -> None:
    lab.playing = True
    with pytest.raises(LabError, match="a scenario is being played"):
        lab.do("clock", change="advance", seconds=90)


@pytest.mark.parametrize("place", LATER)
def test_what_is_loaded_later_is_known_by_its_name_before(place: str, lab: FakeLab) -> None:
    assert tuple(maker(place)(cast("RunningLab", lab))) == LATER[place]

"""Who walks through a zone finds what its denials give away, and the step compares it."""

import pytest

from lab.core.dialogue import answer_all
from lab.core.question import Server
from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.nameserver.server import NameServer
from lab.scenario.action import Action, Observation, Validate
from lab.scenario.step import Step
from lab.scenario.steps_walk import CrackNsec3Step, WalkZoneStep
from lab.validator.resolve import Validation
from tests.fakes import Internet, name, served

ROOT = """\
$TTL 60
. SOA a.root. hostmaster. 1 1 1 1 60
. NS a.root.
. NS b.root.
a.root. A 192.0.2.1
b.root. A 192.0.2.2
cut. NS a.root.
signed. NS a.root.
signed. DS 1 13 2 00000000000000000000000000000000000000000000000000000000000000ff
*.wild. TXT "any"
www. A 192.0.2.3
"""
SIGNED = """\
$TTL 60
@ SOA a.root. hostmaster. 1 1 1 1 60
@ NS a.root.
below A 192.0.2.4
"""
NAMES = ("@", "cut", "a.root", "b.root", "signed", "*.wild", "www")
WORDS = ("admin", "wild", "www")


def played(step: Step, mode: DenialMode) -> tuple[Observation, int]:
    """Play *step* in a tree whose zones deny by *mode*; return how many questions it took."""
    zones = served({".": ROOT, "signed.": SIGNED}, denial=DenialPolicy(mode))
    root = zones[name(".")]
    internet = Internet(
        {"192.0.2.1": NameServer(zones)}, root, (Server(name("a.root."), "192.0.2.1"),)
    )

    def perform(action: Action) -> Validation:
        assert isinstance(action, Validate)
        return internet.resolve(action.qname, action.rdtype)

    transcript = answer_all(step.play(), perform)
    return transcript.result, len(transcript.exchanges)


def test_a_walk_along_nsec_lists_every_name_also_behind_zone_cuts() -> None:
    shown, _ = played(WalkZoneStep(zone=name("."), finds=NAMES), DenialMode.NSEC)
    assert shown.seen == "@ cut a.root b.root signed *.wild www"
    assert shown.as_expected
    assert shown.report.parts[0].title == "the chain is closed"


def test_a_walk_through_a_child_keeps_to_the_child() -> None:
    shown, _ = played(WalkZoneStep(zone=name("signed."), finds=("@", "below")), DenialMode.NSEC)
    assert shown.as_expected


def test_a_walk_that_finds_other_names_than_expected_fails() -> None:
    shown, _ = played(WalkZoneStep(zone=name("."), finds=("@", "www")), DenialMode.NSEC)
    assert not shown.as_expected


@pytest.mark.parametrize("mode", [DenialMode.COMPACT, DenialMode.NSEC_MINIMAL])
def test_a_walk_is_lost_where_denials_are_made_for_the_question(mode: DenialMode) -> None:
    shown, asked = played(WalkZoneStep(zone=name("."), finds=("@",)), mode)
    assert shown.as_expected
    assert shown.report.parts[0].title == r"lost at \000."
    assert asked < 10


def test_the_case_that_a_resolver_draws_by_chance_is_not_shown() -> None:
    step = WalkZoneStep(zone=name("SiGned."), finds=("@",))
    shown, _ = played(step, DenialMode.NSEC_MINIMAL)
    assert shown.report.parts[0].title == r"lost at \000.signed."


def test_a_walk_finds_nothing_behind_hashes() -> None:
    shown, _ = played(WalkZoneStep(zone=name("."), finds=()), DenialMode.NSEC3)
    assert (shown.seen, shown.as_expected) == ("nothing", True)


def test_words_are_found_among_the_hashes_and_cost_no_question() -> None:
    step = CrackNsec3Step(zone=name("."), words=WORDS, finds=("wild", "www"), hashes=9)
    shown, asked = played(step, DenialMode.NSEC3)
    assert shown.as_expected, shown.report
    more = CrackNsec3Step(zone=name("."), words=WORDS * 50, finds=("wild", "www") * 50)
    assert played(more, DenialMode.NSEC3)[1] == asked


@pytest.mark.parametrize(
    "step",
    [
        CrackNsec3Step(zone=name("."), words=WORDS, finds=("www",)),
        CrackNsec3Step(zone=name("."), words=WORDS, finds=("wild", "www"), hashes=8),
    ],
)
def test_other_words_or_another_number_of_hashes_than_expected_fail(step: Step) -> None:
    assert not played(step, DenialMode.NSEC3)[0].as_expected


def test_hashes_made_for_the_question_give_no_word_away() -> None:
    step = CrackNsec3Step(zone=name("."), words=WORDS, finds=())
    shown, _ = played(step, DenialMode.NSEC3_MINIMAL)
    assert shown.as_expected


def test_the_titles_say_whose_names_are_wanted() -> None:
    assert WalkZoneStep(zone=name("fr."), finds=()).title == "walk through fr."
    step = CrackNsec3Step(zone=name("fr."), words=(), finds=())
    assert step.title == "crack the hashes of fr."

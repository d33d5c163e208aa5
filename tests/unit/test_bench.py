"""The arithmetic of the benchmarks: what is read, divided, and written down."""

from itertools import islice
from xml.etree import ElementTree as ET

import pytest

from tests.bench.figures import Findings, medians
from tests.bench.goals import GOALS, Bound, Goal, Outcome
from tests.bench.load import read
from tests.bench.plot import to_svg
from tests.bench.questions import HOSTS, absent, first, hot, is_absent, mix, zone
from tests.bench.report import number, to_markdown

SAID = """\
Statistics:

  Queries sent:         1200
  Queries completed:    1000 (83.33%)
  Queries lost:         200 (16.67%)

  Response codes:       NOERROR 700 (70.00%), NXDOMAIN 300 (30.00%)
  Average packet size:  request 48, response 201
  Run time (s):         2.000000
  Queries per second:   500.000000

  Average Latency (s):  0.000250 (min 0.000060, max 0.004870)
  Latency StdDev (s):   0.000198
"""


def goal(bound: Bound, aim: float) -> Goal:
    return Goal("G0", "theirs / ours", ("theirs", "us"), ("ours", "us"), bound, aim)


def test_statistics_of_dnsperf_are_read() -> None:
    outcome = read(SAID, cpu_s=0.05)
    assert (outcome.completed, outcome.lost, outcome.seconds) == (1000, 200, 2.0)
    assert outcome.rcodes == {"NOERROR": 700, "NXDOMAIN": 300}
    assert outcome.latency_ms == pytest.approx(0.25)
    assert outcome.cpu_us == pytest.approx(50)
    assert outcome.per_second == pytest.approx(500)


def test_words_without_statistics_are_refused() -> None:
    with pytest.raises(ValueError, match="no statistics"):
        read("[Error] failed to open the file", cpu_s=0)


@pytest.mark.parametrize(
    ("bound", "aim", "outcome"),
    [
        (Bound.LEAST, 2.5, Outcome.MET),
        (Bound.LEAST, 2.6, Outcome.MISSED),
        (Bound.MOST, 2.5, Outcome.MET),
        (Bound.MOST, 2.4, Outcome.MISSED),
    ],
)
def test_a_goal_is_met_on_its_side_of_the_bound(bound: Bound, aim: float, outcome: Outcome) -> None:
    found = Findings({"theirs": {"us": 25}, "ours": {"us": 10}})
    assert goal(bound, aim).value(found) == 2.5
    assert goal(bound, aim).outcome(found) is outcome


def test_a_goal_without_its_figures_is_not_measured() -> None:
    found = Findings({"theirs": {"us": 25}})
    assert goal(Bound.MOST, 9).outcome(found) is Outcome.UNKNOWN


def test_nothing_lost_is_a_figure_too() -> None:
    none = Goal("G0", "lost", ("ours", "lost"), None, Bound.MOST, 0)
    assert none.outcome(Findings({"ours": {"lost": 0}})) is Outcome.MET
    assert none.outcome(Findings({"ours": {"lost": 1}})) is Outcome.MISSED


def test_the_median_is_taken_of_each_figure() -> None:
    assert medians([{"a": 1, "b": 5}, {"a": 9}, {"a": 2}]) == {"a": 2, "b": 5}


def test_names_that_are_not_there_come_once() -> None:
    names = list(islice(absent(1), 10_000))
    assert len(set(names)) == len(names)
    assert not set(names) & set(islice(absent(2), 10_000))


def test_questions_have_the_shares_that_they_say() -> None:
    owners = {line.split()[0] + ".bench.example." for line in zone().splitlines()}
    asked = list(islice(mix(1), 10_000))
    nobody = [name for name, _ in asked if name not in owners]
    assert nobody == [name for name, _ in asked if is_absent(name)]
    nothing = [name for name, rdtype in asked if rdtype == "TXT"]
    assert 0.28 < len(nobody) / len(asked) < 0.32
    assert 0.08 < len(nothing) / len(asked) < 0.12
    assert len(set(islice(hot(), 1000))) == 100
    assert {name for name, _ in islice(hot(), 100)} <= owners


def test_everything_that_the_mix_may_ask_for_is_asked_first() -> None:
    asked = set(first())
    assert len(asked) == 4 * HOSTS
    assert {one for one in islice(mix(1), 10_000) if not is_absent(one[0])} <= asked


def test_the_zone_has_four_rrsets_for_each_host() -> None:
    assert len(zone().splitlines()) == len(zone(0).splitlines()) + 4 * HOSTS


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0, "0"), (7, "7"), (0.066, "0.07"), (2.345, "2.35"), (12345.6, "12,346")],
)
def test_numbers_have_three_digits_that_tell_something(value: float | None, text: str) -> None:
    assert number(value) == text


def test_the_page_names_goals_that_are_not_met_and_who_was_left_out() -> None:
    first = GOALS[0]
    assert first.under is not None
    slow = {first.over[0]: {first.over[1]: 1.0}, first.under[0]: {first.under[1]: 1.0}}
    page = to_markdown(Findings(slow, {"NSD": "nsd is not installed"}), "now.")
    assert f"| {first.number} | {first.text} | ≥ 5 | 1 | **not met** |" in page
    assert "- NSD: nsd is not installed" in page


def test_the_longest_bar_is_that_of_the_fastest() -> None:
    found = Findings({"lab serve": {"hot us": 10}, "<peer>": {"hot us": 40}})
    drawn = ET.fromstring(to_svg(found))  # noqa: S314 ours
    bars = [float(one.get("width", "")) for one in drawn.findall(".//{*}rect")]
    assert bars == [pytest.approx(420), pytest.approx(105)]
    texts = [one.text for one in drawn.findall(".//{*}text")]
    assert texts[1:] == ["lab serve", "100,000", "<peer>", "25,000"]

"""Differences and journals: what was changed can be told, written, read, and done again."""

import dns.name
import dns.rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.core.errors import InputError
from lab.core.rrsets import RRset
from lab.nameserver.difference import Difference, difference
from lab.nameserver.journal import pull_difference, push_difference
from lab.nameserver.zone import Zone, load

APEX = dns.name.from_text("z.")
START = load(
    "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n"
    + "".join(f"{one:03} 60 A 192.0.2.1\n" for one in range(0, 120, 2)),
    APEX,
    "z.zone",
)


@st.composite
def rrsets(draw: st.DrawFn) -> RRset:
    owner = dns.name.from_text(f"{draw(st.integers(0, 119)):03}", APEX)
    numbers = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True))
    rdatas = [
        dns.rdata.from_text(RdataClass.IN, RdataType.A, f"192.0.2.{number}") for number in numbers
    ]
    return RRset(owner, RdataType.A, draw(st.sampled_from([60, 61])), tuple(rdatas))


few = st.lists(rrsets(), max_size=5)
steps = st.lists(st.tuples(few, few), max_size=4)


def content(zone: Zone) -> dict[tuple[str, int], tuple[int, frozenset[str]]]:
    return {
        (str(name), one.rdtype): (one.ttl, frozenset(rdata.to_text() for rdata in one))
        for name, node in zone.version.nodes.items()
        for one in node
    }


@settings(max_examples=100)  # each example builds several versions of a zone
@given(steps)
def test_a_difference_leads_from_one_version_to_the_other_and_back(
    plan: list[tuple[list[RRset], list[RRset]]],
) -> None:
    zone = START
    for removed, added in plan:
        zone = zone.with_changes(removed, added)
    change = difference(START, zone)
    assert content(change.applied_to(START)) == content(zone)
    back = Difference(change.added, change.removed)
    assert content(back.applied_to(zone)) == content(START)
    assert bool(change) == (content(START) != content(zone))


@given(st.lists(rrsets()), st.lists(rrsets()))
def test_what_was_written_is_read_again(removed: list[RRset], added: list[RRset]) -> None:
    change = Difference(tuple(removed), tuple(added))
    assert pull_difference(push_difference(change)) == change


@given(st.binary(max_size=200))
def test_octets_that_are_no_change_are_refused_and_nothing_else_happens(octets: bytes) -> None:
    try:
        change = pull_difference(octets)
    except InputError:
        return
    assert pull_difference(push_difference(change)) == change

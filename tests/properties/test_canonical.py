"""Canonical order and form, against the definition and against dnspython."""

from dataclasses import replace
from random import Random

import dns.rdata
import dns.rrset
from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from hypothesis import given
from hypothesis import strategies as st

from lab.core.rrsets import RRset
from lab.dnssec.canonical import labels, name_octets, signed_octets, signed_owner
from lab.dnssec.nsec import covers
from lab.dnssec.signing import SigningJob, SigningPolicy, sign
from tests.fakes import NOW, keys_of, name

APEX = name("example.")
(KEY,) = keys_of(APEX).keys
WINDOW = SigningPolicy().window(NOW)

octets = st.binary(min_size=1, max_size=4)
names = st.lists(octets, max_size=5).map(lambda few: Name((*few, b"")))
rdatas = st.lists(st.binary(max_size=12), min_size=1, max_size=6, unique=True)


def sort_key(one: Name) -> list[bytes]:
    """Return what RFC 4034 section 6.1 compares: labels from the right, A to Z as a to z."""
    return [label.lower() for label in reversed(one.labels)]


def rrset_of(values: list[bytes], owner: Name = APEX) -> RRset:
    made = (dns.rdata.GenericRdata(RdataClass.IN, RdataType.make(65280), one) for one in values)
    return RRset(owner, RdataType.make(65280), 60, tuple(made))


@given(st.lists(names, max_size=12))
def test_the_order_of_names_is_that_of_the_rfc(given_names: list[Name]) -> None:
    ours = sorted(given_names, key=sort_key)
    assert sorted(given_names) == ours
    assert [sort_key(one) for one in sorted(given_names)] == [sort_key(one) for one in ours]


@given(names, names)
def test_of_two_names_one_comes_first_or_they_are_the_same(one: Name, other: Name) -> None:
    assert (one < other) + (one == other) + (one > other) == 1
    assert (one == other) == (name_octets(one) == name_octets(other))


@given(st.lists(names, min_size=1, max_size=8, unique_by=name_octets), names)
def test_a_circle_of_owners_has_one_gap_for_each_other_name(
    owners: list[Name], asked: Name
) -> None:
    circle = sorted(owners)
    pairs = zip(circle, [*circle[1:], circle[0]], strict=True)
    gaps = [owner for owner, following in pairs if covers(owner, following, asked)]
    assert len(gaps) == (asked not in circle)


@given(rdatas, st.randoms())
def test_order_and_repetition_of_records_change_nothing(
    values: list[bytes],
    random: Random,
) -> None:
    rrset = rrset_of(values)
    rrsig = sign(SigningJob(rrset, KEY, WINDOW, APEX))
    shuffled = [*rrset.rdatas, rrset.rdatas[0]]
    random.shuffle(shuffled)
    assert signed_octets(replace(rrset, rdatas=tuple(shuffled)), rrsig) == signed_octets(
        rrset, rrsig
    )


@given(names.filter(lambda one: len(one) > 1))
def test_case_of_the_owner_changes_nothing(owner: Name) -> None:
    upper = Name(label.upper() for label in owner.labels)
    rrset = rrset_of([b"x"], owner)
    rrsig = sign(SigningJob(rrset, KEY, WINDOW, APEX))
    assert signed_octets(replace(rrset, owner=upper), rrsig) == signed_octets(rrset, rrsig)


@given(names.filter(lambda one: len(one) > 1 and not one.is_wild()), st.data())
def test_an_expanded_name_leads_back_to_its_wildcard(below: Name, data: st.DataObject) -> None:
    depth = data.draw(st.integers(1, len(below) - 1))
    wildcard = Name((b"*", *below.labels[depth:]))
    assert signed_owner(below, labels(wildcard)) == wildcard
    assert signed_owner(below, labels(below)) == below

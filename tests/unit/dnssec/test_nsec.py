"""NSEC and NSEC3 records: bitmaps, intervals, hashes."""

import pytest
from dns.name import from_text
from dns.rdatatype import RdataType

from lab.dnssec import nsec, nsec3
from lab.dnssec.nsec3 import Nsec3Parameters, from_label, make_nsec3, parameters, to_label

TYPES = frozenset({RdataType.A, RdataType.TLSA, RdataType.CAA, RdataType.make(65534)})


def test_a_bitmap_gives_back_its_types() -> None:
    record = nsec.make_nsec(from_text("b.example."), TYPES)
    assert nsec.types(record) == TYPES
    assert nsec.lists(record, RdataType.CAA)
    assert not nsec.lists(record, RdataType.AAAA)
    hashed = make_nsec3(b"\x01" * 20, TYPES)
    assert nsec.types(hashed) == TYPES


@pytest.mark.parametrize(
    ("owner", "following", "name", "expected"),
    [
        ("a.", "c.", "b.", True),
        ("a.", "c.", "a.", False),
        ("a.", "c.", "c.", False),
        ("a.", "c.", "d.", False),
        ("a.example.", "c.example.", "x.b.example.", True),
        ("a.example.", "c.example.", "x.a.example.", True),
        ("y.example.", "example.", "z.example.", True),
        ("y.example.", "example.", "b.example.", False),
        ("y.example.", "example.", "y.example.", False),
        ("y.example.", "example.", "example.", False),
        ("z.", ".", "zz.", True),
        ("example.", "example.", "b.example.", True),
        ("A.example.", "c.example.", "B.example.", True),
    ],
)
def test_a_gap_is_open_at_both_ends_and_wraps(
    owner: str, following: str, name: str, *, expected: bool
) -> None:
    names = (from_text(one) for one in (owner, following, name))
    assert nsec.covers(*names) is expected


@pytest.mark.parametrize(
    ("start", "following", "digest", "expected"),
    [
        (1, 3, 2, True),
        (1, 3, 1, False),
        (1, 3, 3, False),
        (3, 1, 4, True),
        (3, 1, 0, True),
        (3, 1, 2, False),
        (3, 1, 3, False),
        (3, 1, 1, False),
        (5, 5, 6, True),
        (5, 5, 5, False),
    ],
)
def test_a_gap_of_hashes_does_so_too(
    start: int, following: int, digest: int, *, expected: bool
) -> None:
    octets = (bytes([one]) * 20 for one in (start, following, digest))
    assert nsec3.covers(*octets) is expected


def test_a_label_holds_a_hash_in_any_case() -> None:
    digest = bytes(range(20))
    label = to_label(digest)
    assert label == label.lower()
    assert from_label(label) == from_label(label.upper()) == digest


@pytest.mark.parametrize("label", [b"", b"www", b"zzzzzzzz" * 4, b"00000000", b"\xff" * 32])
def test_other_labels_hold_none(label: bytes) -> None:
    assert from_label(label) is None


def test_parameters_are_those_of_the_record() -> None:
    hashing = Nsec3Parameters(3, b"\xaa")
    record = make_nsec3(b"\x01" * 20, (), hashing, opt_out=True)
    assert parameters(record) == hashing
    assert record.flags == nsec3.OPT_OUT
    assert make_nsec3(b"\x01" * 20, ()).flags == 0


def test_the_owner_is_the_hash_below_the_apex() -> None:
    hashing, apex = Nsec3Parameters(), from_text("example.")
    owner = hashing.owner(from_text("WWW.example."), apex)
    assert owner.parent() == apex
    assert from_label(owner.labels[0]) == hashing.hash(from_text("www.example."))

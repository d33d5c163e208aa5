"""RFC 4034: the DS example (5.4), canonical order (6.1) and key tags (appendix B)."""

import random

import pytest
from dns.name import from_text
from dns.rdata import from_text as rdata
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.NSEC import NSEC

from lab.core.instant import Instant, not_after
from lab.dnssec.delegation import ds_digest, make_ds, matches
from lab.dnssec.keys import key_tag
from lab.dnssec.nsec import types

# Section 5.4; algorithm 5 is retired, which does not change what its DS looks like.
DSKEY = (
    "256 3 5 AQOeiiR0GOMYkDshWoSKz9Xz fwJr1AYtsmx3TGkJaNXVbfi/ 2pHm822aJ5iI9BMzNXxeYCmZ"
    " DRD99WYwYqUSdjMmmAphXdvx egXd/M5+X7OrzKBaMbCVdFLU Uh6DhweJBjEVv5f2wwjM9Xzc nOf+EPbtG9DM"
    "BmADjFDc2w/r ljwvFw=="
)
DS_RDATA = "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"


def dskey() -> DNSKEY:
    made = rdata("IN", "DNSKEY", DSKEY)
    assert isinstance(made, DNSKEY)
    return made


def test_section_5_4_the_ds_of_the_example_key() -> None:
    owner = from_text("dskey.example.com.")
    ds = rdata("IN", "DS", DS_RDATA)
    assert isinstance(ds, DS)
    assert key_tag(dskey()) == 60485
    assert make_ds(owner, dskey(), 1) == ds
    assert matches(ds, owner, dskey())


def test_rfc4509_section_2_3_the_same_key_with_sha256() -> None:
    owner = from_text("dskey.example.com.")
    expected = "D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A"
    assert ds_digest(owner, dskey(), 2).hex().upper() == expected


def test_section_6_1_canonical_order() -> None:
    ordered = [
        "example.",
        "a.example.",
        "yljkjljk.a.example.",
        "Z.a.example.",
        "zABC.a.EXAMPLE.",
        "z.example.",
        "\\001.z.example.",
        "*.z.example.",
        "\\200.z.example.",
    ]
    names = [from_text(one) for one in ordered]
    shuffled = names[:]
    random.Random(4034).shuffle(shuffled)
    assert sorted(shuffled) == names


def test_section_4_3_the_bitmap_of_the_example() -> None:
    made = rdata("IN", "NSEC", "host.example.com. A MX RRSIG NSEC TYPE1234")
    assert isinstance(made, NSEC)
    assert sorted(types(made)) == [1, 15, 46, 47, 1234]
    bitmap = bytes.fromhex("0006400100000003041b" + "00" * 26 + "20")
    wire = made.to_wire()
    assert wire is not None
    assert wire.endswith(bitmap)


@pytest.mark.parametrize(
    ("first", "second"), [(0, 1), (0xFFFFFFFF, 0), (0x80000000, 0xFFFFFFFF), (0, 0x7FFFFFFF)]
)
def test_section_3_1_5_times_compare_as_serial_numbers(first: int, second: int) -> None:
    assert not_after(Instant(first), second)
    assert not not_after(second, first)

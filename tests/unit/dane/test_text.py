"""TLSA records as text: every way to write one, and what is said about those that are none."""

import dns.name
import dns.zone
import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.TLSA import TLSA

from lab.core.errors import InputError
from lab.dane.text import (
    described,
    generic,
    generic_line,
    line,
    parse_record,
    presentation,
)
from lab.dane.tlsa import TlsaRecord

DATA = bytes(range(32))
RECORD = TlsaRecord(3, 1, 1, DATA)
OWNER = dns.name.from_text("_443._tcp.www.example.fr")


@pytest.mark.parametrize(
    "text",
    [
        f"3 1 1 {DATA.hex()}",
        f"3 1 1 {DATA.hex()[:20]} {DATA.hex()[20:].upper()}",
        f"TLSA 3 1 1 ( {DATA.hex()[:20]}\n {DATA.hex()[20:]} )",
        f"_443._tcp.www.example.fr. 3600 IN TLSA 3 1 1 {DATA.hex()}",
        f"dane-ee SPKI SHA2-256 {DATA.hex()}",
        f"\\# 35 030101{DATA.hex()}",
        f"_443._tcp.www.example.fr. 3600 IN TYPE52 \\# 35 0301 01{DATA.hex()}",
    ],
)
def test_every_way_to_write_a_record_is_read(text: str) -> None:
    assert parse_record(text) == RECORD


def test_what_is_unusable_is_read_all_the_same() -> None:
    assert parse_record("9 8 7 00") == TlsaRecord(9, 8, 7, b"\0")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no TLSA record"),
        ("3 1 1", "is no TLSA record"),
        ("3 1 300 00", "0 to 255"),
        ("DANE-XY 1 1 00", "DANE-EE"),
        ("3 1 1 xyz", "hexadecimal"),
        ("\\# 34 0301010000", "LENGTH"),
        ("\\# 2 0301", "three octets"),
        ("\\#", "LENGTH"),
    ],
)
def test_what_is_no_record_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(InputError, match=f"^here: .*{told}"):
        parse_record(text, "here")


def test_what_is_written_is_read_by_dnspython_and_by_us() -> None:
    rdata = TLSA(RdataClass.IN, RdataType.TLSA, 3, 1, 1, DATA)
    assert presentation(RECORD) == rdata.to_text()
    assert parse_record(generic(RECORD)) == RECORD
    zone = dns.zone.from_text(
        f"{line(OWNER, 60, RECORD)}\n{generic_line(OWNER, 60, RECORD)}\n",
        origin="example.fr.",
        relativize=False,
        check_origin=False,
    )
    rrset = zone.find_rrset(OWNER, "TLSA")
    assert list(rrset) == [rdata], "both lines are the same record"


def test_numbers_have_words() -> None:
    assert described(TlsaRecord(2, 0, 2, b"")) == "DANE-TA CERT SHA2-512"
    assert described(TlsaRecord(3, 9, 0, b"")) == "DANE-EE 9 FULL"

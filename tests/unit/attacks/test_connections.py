"""What each attack makes of the records of a TLS connection, without a connection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.attacks.connections import (
    Blocking,
    TlsBlocked,
    TlsCut,
    TlsEavesdropping,
    TlsImpersonation,
    TlsRecordChanged,
)
from lab.attacks.records import Sender, TlsRecord, split
from lab.core.errors import InputError
from tests.fakes import name

SERVER = name("js.afnic.fr.")
HELLO = bytes.fromhex("1603030003010203")


def record(sender: Sender = Sender.SERVER, number: int = 1) -> TlsRecord:
    return TlsRecord(sender, number, HELLO)


@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(0, 4))
def test_octets_are_cut_where_records_end(fragments: list[bytes], missing: int) -> None:
    records = [b"\x17\x03\x03" + len(one).to_bytes(2, "big") + one for one in fragments]
    begun = HELLO[:missing]
    assert split(b"".join(records) + begun) == (tuple(records), begun)


def test_who_only_listens_lets_pass_what_comes() -> None:
    assert TlsEavesdropping(server=SERVER).passed(record()) == HELLO
    assert not TlsEavesdropping(server=SERVER).rules


def test_a_blocked_connection_ends_or_hears_nothing() -> None:
    hello = record(Sender.CLIENT)
    assert TlsBlocked(server=SERVER).passed(hello) is None
    assert TlsBlocked(server=SERVER, how=Blocking.SILENCE).passed(hello) == b""


def test_a_cut_comes_after_so_many_records_of_the_server() -> None:
    cut = TlsCut(server=SERVER, after=2)
    assert [cut.passed(record(number=one)) for one in (1, 2, 3)] == [HELLO, HELLO, None]
    assert cut.passed(record(Sender.CLIENT, 3)) == HELLO


def test_one_octet_of_one_record_is_changed() -> None:
    changed = TlsRecordChanged(server=SERVER, record=2, place=2)
    assert changed.passed(record(number=2)) == bytes.fromhex("160303000301fd03")
    assert changed.passed(record(number=1)) == HELLO
    assert changed.passed(record(Sender.CLIENT, 2)) == HELLO


@pytest.mark.parametrize(("number", "place"), [(0, 1), (1, 0)])
def test_records_and_places_are_counted_from_one(number: int, place: int) -> None:
    with pytest.raises(InputError, match="from 1 on"):
        TlsRecordChanged(server=SERVER, record=number, place=place)


def test_an_attack_on_tls_says_whom_it_is_about() -> None:
    assert str(TlsImpersonation(server=SERVER)) == "tls-impersonation on js.afnic.fr."

"""What a test's authority issues, and of what a TLSA record can be made."""

from pathlib import Path

import pytest

from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError
from lab.dane.tlsa import TlsaRecord, parse_parameters
from lab.pki.contents import read
from lab.testing.certificates import Certified, LabAuthority, subject_of
from lab.testing.clock import MovableClock


@pytest.fixture
def authority(tmp_path: Path) -> LabAuthority:
    return LabAuthority(tmp_path, MovableClock(lambda: 1800000000.0), SeededEntropy("ca"))


@pytest.fixture
def issued(authority: LabAuthority) -> Certified:
    return authority.issue("www.shop.example", "shop.example")


def record(certificate: object, form: str) -> TlsaRecord:
    return subject_of(certificate).record(parse_parameters(form))  # type: ignore[arg-type]  # the cases are of every kind


def test_a_certificate_holds_its_names_and_begins_on_the_clock_of_the_lab(
    issued: Certified,
) -> None:
    contents = read(issued.identity.leaf)
    assert contents.dns_names == ("www.shop.example", "shop.example")
    assert contents.window.contains(MovableClock(lambda: 1800000000.0).now())


def test_files_hold_one_certificate_its_key_and_the_whole_chain(issued: Certified) -> None:
    counts = [one.read_bytes().count(b"BEGIN") for one in (issued.cert, issued.key, issued.chain)]
    assert counts == [1, 1, 3]


def test_each_certificate_has_files_of_its_own(authority: LabAuthority) -> None:
    files = {authority.issue("a.example").key, authority.issue("a.example").key}
    assert len(files) == 2


def test_a_record_is_made_of_whatever_holds_the_certificate(issued: Certified) -> None:
    made = [record(one, "3 1 1") for one in (issued, issued.identity.leaf, issued.cert, issued.key)]
    assert made == [made[0]] * 4


def test_a_record_about_an_authority_is_made_of_the_root(
    authority: LabAuthority, issued: Certified
) -> None:
    assert (
        record(issued, "2 0 1") == record(issued.chain, "2 0 1") == record(authority.root, "2 0 1")
    )


def test_a_file_without_certificate_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    with pytest.raises(InputError, match=r"empty\.pem: expected a certificate or a key in PEM"):
        subject_of(empty)

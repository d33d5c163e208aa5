"""What holds for every certificate, list and order that our authorities deal with."""

from dataclasses import replace

import dns.name
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from lab.core.checks import Outcome
from lab.core.errors import PeerError
from lab.pki.caa import Caa, judge_caa
from lab.pki.crl import Revocation, make_crl
from lab.pki.issuance import IssuancePolicy, Order, judge_form
from lab.pki.path import Expected, find
from lab.pki.profiles import Purpose
from lab.pki.revocation import RevocationDemand
from lab.pki.signature import is_signed_by
from tests.unit.pki.chains import CA, LEAF, NOW

EXPECTED = Expected(dns.name.from_text("js.tsp.example"), Purpose.SERVER, NOW, (CA.root.leaf,))
OF_ROOT = make_crl(CA.root, (), 1, NOW)
DER = LEAF.leaf.public_bytes(Encoding.DER)
CRL_DER = make_crl(CA.intermediate, (Revocation(5, NOW),), 1, NOW).public_bytes(Encoding.DER)
SERIAL = LEAF.leaf.serial_number


@given(st.integers(0, len(DER) - 1), st.integers(1, 255))
def test_one_changed_octet_of_a_certificate_breaks_its_path(place: int, change: int) -> None:
    octets = bytearray(DER)
    octets[place] ^= change
    try:
        changed = x509.load_der_x509_certificate(bytes(octets))
        report = find(changed, LEAF.chain[1:], EXPECTED)
    except (ValueError, PeerError, x509.InvalidVersion):
        return
    assert report.outcome is Outcome.FAILED


@given(st.integers(0, len(CRL_DER) - 1), st.integers(1, 255))
def test_one_changed_octet_of_a_list_makes_it_nobodys(place: int, change: int) -> None:
    octets = bytearray(CRL_DER)
    octets[place] ^= change
    try:
        changed = x509.load_der_x509_crl(bytes(octets))
        signed = is_signed_by(changed, CA.intermediate.leaf.public_key())
    except (ValueError, x509.InvalidVersion):
        return
    assert not signed


@given(st.sets(st.integers(1, 1 << 100), max_size=5), st.booleans())
def test_exactly_what_is_listed_is_refused(others: set[int], ours: bool) -> None:  # noqa: FBT001 drawn by Hypothesis
    serials = others - {SERIAL} | ({SERIAL} if ours else set())
    own = make_crl(CA.intermediate, (Revocation(one, NOW) for one in serials), 1, NOW)
    expected = replace(EXPECTED, crls=(own, OF_ROOT), revocation=RevocationDemand.REQUIRED)
    report = find(LEAF.leaf, LEAF.chain[1:], expected)
    assert (report.outcome is Outcome.FAILED) is ours


@given(st.permutations(LEAF.chain[1:] * 2))
def test_order_and_surplus_of_a_chain_change_nothing(pool: list[x509.Certificate]) -> None:
    assert find(LEAF.leaf, tuple(pool), EXPECTED).outcome is Outcome.PASSED


@given(st.text(max_size=300))
def test_any_text_as_name_is_judged_and_never_raises(name: str) -> None:
    judge_form(Order("somebody", (name,)), IssuancePolicy("ca.example"))


@given(st.integers(0, 255), st.text(max_size=10), st.text(max_size=60))
def test_any_caa_record_is_judged_and_never_lets_a_stranger_in(
    flags: int, tag: str, value: str
) -> None:
    records = (Caa(0, "issue", "ca.example"), Caa(flags, tag.lower(), value))
    failed = [one for one in judge_caa("a.example", records, "stranger.invalid") if one.failed]
    assert failed

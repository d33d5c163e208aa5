"""Revocation lists: what they say, and what it means that there is none."""

from dataclasses import replace

import dns.name
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ReasonFlags

from lab.core.checks import Outcome, Report
from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError
from lab.core.instant import DAY
from lab.pki.ca import CertificateAuthority
from lab.pki.crl import CRL_LIFETIME, REASONS, Revocation, crls_from_pem, make_crl
from lab.pki.path import Expected, judge
from lab.pki.profiles import Purpose
from lab.pki.revocation import Issuer, RevocationDemand, judge_revocation
from tests.unit.pki.chains import CA, LEAF, NOW

CRL = x509.CertificateRevocationList
EXPECTED = Expected(
    dns.name.from_text("js.tsp.example"),
    Purpose.SERVER,
    NOW,
    revocation=RevocationDemand.REQUIRED,
)
REVOKED = Revocation(LEAF.leaf.serial_number, NOW, ReasonFlags.key_compromise)
OF_ROOT = make_crl(CA.root, (), 1, NOW)
CLEAN = make_crl(CA.intermediate, (), 1, NOW)
LISTED = make_crl(CA.intermediate, (REVOKED,), 2, NOW)


def judged(*crls: CRL, expected: Expected = EXPECTED) -> Report:
    return judge(LEAF.chain, replace(expected, crls=crls))


def failed(report: Report) -> list[str]:
    return [one.rule.id for one in report.every_check() if one.failed]


def test_a_list_without_the_certificate_lets_it_pass() -> None:
    assert judged(CLEAN, OF_ROOT).outcome is Outcome.PASSED


def test_a_listed_certificate_is_refused_with_date_and_reason() -> None:
    report = judged(LISTED, OF_ROOT)
    assert failed(report) == ["path.not-revoked"]
    facts = next(one for one in report.every_check() if one.failed).facts
    assert facts == {"revoked": str(NOW), "reason": "keyCompromise"}


def test_whoever_ignores_revocation_sees_nothing() -> None:
    report = judged(LISTED, expected=replace(EXPECTED, revocation=RevocationDemand.IGNORED))
    assert report.outcome is Outcome.PASSED
    assert not any("crl" in one.rule.id for one in report.every_check())


def test_the_absence_of_a_list_is_a_value() -> None:
    soft = replace(EXPECTED, revocation=RevocationDemand.IF_KNOWN)
    report = judged(expected=soft)
    assert report.outcome is Outcome.PASSED
    outcomes = [one.outcome for one in report.every_check() if one.rule.id == "path.crl-available"]
    assert outcomes == [Outcome.NOT_APPLICABLE] * 2
    assert failed(judged()) == ["path.crl-available"] * 2


def test_a_list_that_has_run_out_is_none_but_still_revokes() -> None:
    later = NOW + CRL_LIFETIME + 1
    hard = replace(EXPECTED, now=later)
    soft = replace(hard, revocation=RevocationDemand.IF_KNOWN)
    assert failed(judged(CLEAN, OF_ROOT, expected=hard)) == ["path.crl-available"] * 2
    assert judged(CLEAN, OF_ROOT, expected=soft).outcome is Outcome.PASSED
    assert failed(judged(LISTED, OF_ROOT, expected=soft)) == ["path.not-revoked"]


def test_a_list_of_tomorrow_says_nothing_today() -> None:
    tomorrow = make_crl(CA.intermediate, (), 3, NOW + DAY)
    assert failed(judged(tomorrow, OF_ROOT)) == ["path.crl-available"]


def test_a_list_of_another_key_says_nothing() -> None:
    namesake = CertificateAuthority.create("TSP", NOW, SeededEntropy("namesake"))
    forged = make_crl(namesake.intermediate, (REVOKED,), 9, NOW)
    soft = replace(EXPECTED, revocation=RevocationDemand.IF_KNOWN)
    report = judged(forged, expected=soft)
    assert report.outcome is Outcome.PASSED
    listed = (one for one in report.every_check() if one.rule.id == "path.crl-available")
    flaws = {one.facts["flaws"] for one in listed}
    assert "the list is not signed by the key of the issuer" in flaws


def test_a_list_of_a_key_that_may_not_sign_lists_says_nothing() -> None:
    issuer = Issuer(CA.intermediate.leaf.subject, CA.intermediate.leaf.public_key(), False)  # noqa: FBT003 a field
    checks = judge_revocation(LEAF.leaf, issuer, (LISTED,), RevocationDemand.REQUIRED, NOW)
    available, listed = checks
    assert available.facts["flaws"] == "the key of the issuer may not sign CRLs"
    assert (available.outcome, listed.outcome) == (Outcome.FAILED, Outcome.NOT_REACHED)


def test_a_partial_list_says_nothing() -> None:
    point = x509.IssuingDistributionPoint(
        None,
        None,
        only_contains_user_certs=False,
        only_contains_ca_certs=True,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
    issuer = CA.intermediate
    partial = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.leaf.subject)
        .last_update(NOW.datetime())
        .next_update((NOW + DAY).datetime())
        .add_extension(point, critical=True)
        .sign(issuer.private_key, hashes.SHA256())
    )
    report = judged(partial, OF_ROOT)
    assert failed(report) == ["path.crl-available"]
    assert "2.5.29.28" in next(one for one in report.every_check() if one.failed).facts["flaws"]


def test_a_list_has_number_and_next_update_and_no_reason_that_says_nothing() -> None:
    plain = make_crl(CA.intermediate, (Revocation(5, NOW),), 7, NOW)
    assert plain.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 7
    assert plain.next_update_utc == (NOW + CRL_LIFETIME).datetime()
    entry = plain.get_revoked_certificate_by_serial_number(5)
    assert entry is not None
    assert len(entry.extensions) == 0


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_every_reason_can_be_given(reason: ReasonFlags) -> None:
    report = judged(make_crl(CA.intermediate, (replace(REVOKED, reason=reason),), 2, NOW), OF_ROOT)
    assert next(one for one in report.every_check() if one.failed).facts["reason"] == reason.value


def test_lists_survive_pem() -> None:
    pem = b"".join(one.public_bytes(Encoding.PEM) for one in (CLEAN, LISTED))
    assert crls_from_pem(pem) == (CLEAN, LISTED)
    with pytest.raises(InputError, match="unreadable"):
        crls_from_pem(b"-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n")

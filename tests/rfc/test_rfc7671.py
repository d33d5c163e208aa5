"""RFC 7671 item by item: one test for each thing that it asks of a client."""

from dataclasses import replace

import dns.name
import pytest
from cryptography import x509

from lab.core.entropy import SeededEntropy
from lab.core.instant import DAY, Window
from lab.dane.matching import Match, match
from lab.dane.records import SMTP_USAGES, Supported
from lab.dane.tlsa import (
    STANDARD_SELECTORS,
    MatchingType,
    Selector,
    TlsaRecord,
    Usage,
    make_tlsa,
    parse_parameters,
)
from lab.dane.usages import Fate
from lab.pki.ca import CertificateAuthority
from lab.pki.keys import make_key
from lab.pki.path import Expected
from lab.pki.profiles import Purpose
from tests.unit.pki.chains import CA, LEAF, NOW, WINDOW, certificate

EXPECTED = Expected(dns.name.from_text("js.tsp.example"), Purpose.SERVER, NOW)
ROOT, INTERMEDIATE = CA.root.leaf, CA.intermediate.leaf
OTHER = CertificateAuthority.create("Other", NOW, SeededEntropy("other"))


def named_as(original: x509.Certificate, issuer: CertificateAuthority) -> x509.Certificate:
    """Return a cross-certificate: subject and key of *original*, signed by another root."""
    signer = issuer.root
    draft = (
        x509.CertificateBuilder()
        .subject_name(original.subject)
        .issuer_name(signer.leaf.subject)
        .public_key(original.public_key())
        .serial_number(77)
        .not_valid_before(WINDOW.inception.datetime())
        .not_valid_after(WINDOW.expiration.datetime())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    return draft.sign(signer.private_key, LEAF.leaf.signature_hash_algorithm)  # type: ignore[arg-type] # SHA-256


def tlsa(text: str, subject: x509.Certificate) -> TlsaRecord:
    """Return the record of *subject* with the numbers of *text*."""
    numbers = parse_parameters(text)
    rdata = make_tlsa(subject, numbers.usage, numbers.selector, numbers.matching)
    return TlsaRecord.from_rdata(rdata)


def judged(
    *records: TlsaRecord,
    chain: tuple[x509.Certificate, ...] = LEAF.chain,
    expected: Expected = EXPECTED,
) -> Match:
    """Return the match of *chain*."""
    return match(chain, records, expected)


# Section 5.1: DANE-EE.


@pytest.mark.parametrize("matching", MatchingType)
@pytest.mark.parametrize("selector", sorted(STANDARD_SELECTORS))
def test_5_1_dane_ee_ignores_name_dates_purpose_and_chain(
    selector: Selector, matching: MatchingType
) -> None:
    record = TlsaRecord.from_rdata(make_tlsa(LEAF.leaf, Usage.DANE_EE, selector, matching))
    elsewhere = Expected(dns.name.from_text("x.test"), Purpose.CLIENT, NOW + 4000 * DAY)
    assert judged(record, chain=(LEAF.leaf,), expected=elsewhere).authenticated
    assert judged(record, chain=(LEAF.leaf, OTHER.root.leaf), expected=elsewhere).authenticated


def test_5_1_dane_ee_is_about_the_first_certificate_only() -> None:
    assert not judged(tlsa("3 1 1", INTERMEDIATE)).authenticated


# Section 5.2: DANE-TA.


@pytest.mark.parametrize("form", ["2 0 0", "2 0 1", "2 0 2", "2 1 0", "2 1 1", "2 1 2"])
def test_5_2_dane_ta_takes_its_anchor_from_the_chain(form: str) -> None:
    for anchor, depth in ((ROOT, 2), (INTERMEDIATE, 1)):
        result = judged(tlsa(form, anchor))
        assert (result.authenticated, result.depth) == (True, depth)


def test_5_2_dane_ta_needs_no_trust_in_what_is_above_the_anchor() -> None:
    unrelated = (LEAF.leaf, INTERMEDIATE, OTHER.root.leaf)
    assert judged(tlsa("2 1 1", INTERMEDIATE), chain=unrelated).depth == 1


def test_5_2_2_a_digest_of_an_anchor_that_is_not_sent_matches_nothing() -> None:
    assert not judged(tlsa("2 0 1", ROOT), chain=LEAF.chain[:2]).authenticated


@pytest.mark.parametrize("length", [1, 2])
def test_5_2_2_an_anchor_in_full_in_the_dns_need_not_be_sent(length: int) -> None:
    anchor = LEAF.chain[length]
    assert judged(tlsa("2 0 0", anchor), chain=LEAF.chain[:length]).authenticated


@pytest.mark.parametrize("length", [1, 2])
def test_5_2_3_a_bare_key_vouches_for_what_it_signed(length: int) -> None:
    result = judged(tlsa("2 1 0", LEAF.chain[length]), chain=LEAF.chain[:length])
    assert (result.authenticated, result.depth) == (True, length - 1)


def test_5_2_3_a_bare_key_does_not_vouch_for_what_another_key_signed() -> None:
    assert not judged(tlsa("2 1 0", OTHER.root.leaf), chain=LEAF.chain[:2]).authenticated


def test_5_2_an_anchor_in_the_dns_of_the_same_name_but_another_key_vouches_for_nothing() -> None:
    twin = CertificateAuthority.create("TSP", NOW, SeededEntropy("twin"))
    assert twin.root.leaf.subject == ROOT.subject
    for form in ("2 0 0", "2 1 0"):
        assert not judged(tlsa(form, twin.root.leaf), chain=LEAF.chain[:2]).authenticated


def test_5_2_cross_certificates_lead_to_either_root() -> None:
    cross = named_as(INTERMEDIATE, OTHER)
    sent = (LEAF.leaf, cross, OTHER.root.leaf, INTERMEDIATE, ROOT)
    for anchor in (ROOT, OTHER.root.leaf):
        assert judged(tlsa("2 0 1", anchor), chain=sent).depth == 2
    assert judged(tlsa("2 1 1", INTERMEDIATE), chain=sent).depth == 1


def test_5_2_a_path_that_fails_does_not_hide_one_that_holds() -> None:
    expired = certificate(
        "x", CA.root, key=make_key(SeededEntropy("x")), window=Window(NOW - 9 * DAY, NOW - DAY)
    )
    assert judged(tlsa("2 1 1", ROOT), chain=(LEAF.leaf, expired, INTERMEDIATE, ROOT)).depth == 2


# Sections 5.3 and 5.4: the PKIX usages.


def test_5_3_pkix_ee_wants_the_key_and_a_trusted_path() -> None:
    trusted = replace(EXPECTED, roots=(ROOT,))
    assert judged(tlsa("1 1 1", LEAF.leaf), expected=trusted).authenticated
    assert not judged(tlsa("1 1 1", LEAF.leaf)).authenticated
    late = replace(trusted, now=NOW + 400 * DAY)
    assert not judged(tlsa("1 1 1", LEAF.leaf), expected=late).authenticated
    elsewhere = replace(trusted, name=dns.name.from_text("as.tsp.example"))
    assert not judged(tlsa("1 1 1", LEAF.leaf), expected=elsewhere).authenticated


def test_5_3_a_record_of_another_trusted_authority_stops_a_misissued_certificate() -> None:
    both = replace(EXPECTED, roots=(ROOT, OTHER.root.leaf))
    rogue = OTHER.issue(("js.tsp.example",), Purpose.SERVER, NOW, SeededEntropy("rogue"))
    for record in (tlsa("0 1 1", ROOT), tlsa("1 1 1", LEAF.leaf)):
        assert judged(record, expected=both).authenticated
        assert not judged(record, chain=rogue.chain, expected=both).authenticated


def test_5_4_the_search_goes_on_past_a_trusted_intermediate() -> None:
    both = replace(EXPECTED, roots=(INTERMEDIATE, ROOT))
    assert judged(tlsa("0 0 1", INTERMEDIATE), expected=both).depth == 1
    assert judged(tlsa("0 0 1", ROOT), expected=both).depth == 2
    # The root in the store need not be sent.
    assert judged(tlsa("0 0 1", ROOT), chain=LEAF.chain[:2], expected=both).depth == 2


def test_5_4_pkix_ta_never_names_the_leaf() -> None:
    trusted = replace(EXPECTED, roots=(ROOT,))
    assert not judged(tlsa("0 0 1", LEAF.leaf), expected=trusted).authenticated


# Section 9: digest agility.


def test_9_unusable_records_are_dropped_before_the_digests_are_compared() -> None:
    short = TlsaRecord(Usage.DANE_EE, Selector.SPKI, MatchingType.SHA2_512, bytes(63))
    unknown = TlsaRecord(Usage.DANE_EE, Selector.SPKI, 3, bytes(64))
    good = tlsa("3 1 1", LEAF.leaf)
    result = judged(short, unknown, good)
    assert result.record == good
    assert [one.fate for one in result.verdicts] == [Fate.MATCH, Fate.UNUSABLE, Fate.UNUSABLE]


def test_9_a_stronger_digest_of_another_certificate_replaces_a_weaker_one_that_matches() -> None:
    result = judged(tlsa("3 1 1", LEAF.leaf), tlsa("3 1 2", INTERMEDIATE))
    assert not result.authenticated
    assert [one.fate for one in result.verdicts] == [Fate.MISMATCH, Fate.WEAKER_DIGEST]


def test_9_usages_and_selectors_are_compared_apart() -> None:
    for other in ("3 0 2", "2 1 2"):
        assert judged(tlsa("3 1 1", LEAF.leaf), tlsa(other, OTHER.root.leaf)).authenticated


# RFC 7672 section 3.1.3: mail.


def test_mail_clients_leave_the_pkix_usages_aside() -> None:
    trusted = replace(EXPECTED, roots=(ROOT,))
    pkix, own = tlsa("1 1 1", LEAF.leaf), tlsa("3 1 1", LEAF.leaf)
    assert match(LEAF.chain, (pkix,), trusted, Supported(SMTP_USAGES)).usable == 0
    assert match(LEAF.chain, (pkix,), trusted).authenticated
    result = match(LEAF.chain, (pkix, own), trusted, Supported(SMTP_USAGES))
    assert [one.fate for one in result.verdicts] == [Fate.MATCH, Fate.UNUSABLE]


# Section 10: all of them are told.


def test_10_which_record_matched_and_why_the_others_did_not() -> None:
    result = judged(
        tlsa("3 1 1", INTERMEDIATE),
        tlsa("2 1 1", ROOT),
        tlsa("3 0 1", LEAF.leaf),
        tlsa("3 0 2", LEAF.leaf),
        TlsaRecord(9, 1, 1, bytes(32)),
    )
    told = {str(one.record).split("…")[0][:10]: one.why for one in result.verdicts}
    assert told == {
        "TLSA 3 0 2": "matches the certificate at depth 0",
        "TLSA 3 1 1": "it does not hold that the data is that of the first certificate that the "
        "peer sent",
        "TLSA 2 1 1": "matches the certificate at depth 2",
        "TLSA 3 0 1": "it does not hold that no stronger digest is published with the same usage "
        "and selector",
        "TLSA 9 1 1": "it does not hold that the certificate usage is 0, 1, 2 or 3",
    }


def test_10_why_a_path_fails_is_the_cause_and_not_its_summary() -> None:
    late = replace(EXPECTED, now=NOW + 91 * DAY)
    (verdict,) = judged(tlsa("2 1 1", ROOT), expected=late).verdicts
    assert verdict.why == "it does not hold that now lies between notBefore and notAfter"

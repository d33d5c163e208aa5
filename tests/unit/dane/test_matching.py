"""Certificate chains and TLSA RRsets: which record vouches, and what the report says."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import dns.name
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lab.core.checks import Outcome
from lab.core.entropy import SeededEntropy
from lab.core.errors import UnsupportedError
from lab.core.instant import DAY
from lab.dane.matching import Match, match, match_key
from lab.dane.records import Supported
from lab.dane.tlsa import MatchingType, Selector, TlsaRecord, Usage, make_tlsa
from lab.pki.der import subject_public_key_info
from lab.pki.keys import RSA_2048, make_key
from lab.pki.path import Expected
from lab.pki.profiles import Purpose
from tests.unit.pki.chains import CA, LEAF, NOW, certificate, with_unreadable_names

EXPECTED = Expected(dns.name.from_text("js.tsp.example"), Purpose.SERVER, NOW)
LATER = replace(EXPECTED, now=NOW + 91 * DAY)
ELSEWHERE = replace(EXPECTED, name=dns.name.from_text("as.tsp.example"))
EVERYTHING = Supported(selectors=frozenset(Selector))
ROOT, INTERMEDIATE = CA.root.leaf, CA.intermediate.leaf


def tlsa(text: str, certificate: x509.Certificate) -> TlsaRecord:
    """Return the record of *certificate* with the numbers of *text*."""
    usage, selector, matching = (int(word) for word in text.split())
    numbers = Usage(usage), Selector(selector), MatchingType(matching)
    return TlsaRecord.from_rdata(make_tlsa(certificate, *numbers))


def wrong(record: TlsaRecord) -> TlsaRecord:
    """Return *record* with its last bit flipped."""
    return replace(record, data=record.data[:-1] + bytes([record.data[-1] ^ 1]))


def judged(*records: TlsaRecord, expected: Expected = EXPECTED) -> Match:
    """Return the match of the whole chain."""
    return match(LEAF.chain, records, expected)


def failures(result: Match) -> set[str]:
    """Return the rules that failed, the summaries left aside."""
    summaries = {"tlsa.match", "tlsa.path", "tlsa.usable"}
    return {one.rule.id for one in result.report.every_check() if one.failed} - summaries


@pytest.mark.parametrize("selector", Selector)
@pytest.mark.parametrize("matching", MatchingType)
def test_every_form_of_every_usage_matches(selector: Selector, matching: MatchingType) -> None:
    trusted = replace(EXPECTED, roots=(ROOT,))
    places = {
        Usage.PKIX_TA: (ROOT, 2),
        Usage.PKIX_EE: (LEAF.leaf, 0),
        Usage.DANE_TA: (INTERMEDIATE, 1),
        Usage.DANE_EE: (LEAF.leaf, 0),
    }
    for usage, (named, depth) in places.items():
        record = TlsaRecord.from_rdata(make_tlsa(named, usage, selector, matching))
        result = match(LEAF.chain, (record,), trusted, EVERYTHING)
        assert (result.record, result.depth, result.usage) == (record, depth, usage)


@pytest.mark.parametrize("matching", MatchingType)
def test_c509_counts_only_for_who_asks_for_it(matching: MatchingType) -> None:
    record = TlsaRecord.from_rdata(make_tlsa(LEAF.leaf, Usage.DANE_EE, Selector.C509, matching))
    result = judged(record)
    assert (result.usable, failures(result)) == (0, {"tlsa.selector"})


def test_a_certificate_without_a_c509_form_is_named_by_no_c509_record() -> None:
    nothing = TlsaRecord(Usage.DANE_EE, Selector.C509, MatchingType.SHA2_256, sha256(b"").digest())
    key = make_key(SeededEntropy("RSA"), RSA_2048)
    other = certificate("leaf", None, key=key)
    result = match((other,), (nothing,), EXPECTED, EVERYTHING)
    assert failures(result) == {"tlsa.matches-leaf"}
    with pytest.raises(UnsupportedError):
        make_tlsa(other, Usage.DANE_EE, Selector.C509, MatchingType.FULL)


def test_an_authority_held_as_c509_need_not_be_sent() -> None:
    anchor = TlsaRecord.from_rdata(
        make_tlsa(INTERMEDIATE, Usage.DANE_TA, Selector.C509, MatchingType.FULL)
    )
    assert match((LEAF.leaf,), (anchor,), EXPECTED, EVERYTHING).authenticated
    broken = replace(anchor, data=anchor.data[:-1])
    assert failures(match(LEAF.chain, (broken,), EXPECTED, EVERYTHING)) == {"tlsa.data"}


@pytest.mark.parametrize("expected", [LATER, ELSEWHERE, replace(EXPECTED, purpose=Purpose.CLIENT)])
def test_dane_ee_looks_at_the_key_alone(expected: Expected) -> None:
    assert judged(tlsa("3 1 1", LEAF.leaf), expected=expected).authenticated


@pytest.mark.parametrize(
    ("expected", "rule"),
    [
        (LATER, "path.validity"),
        (ELSEWHERE, "path.name"),
        (replace(EXPECTED, purpose=Purpose.CLIENT), "path.purpose"),
    ],
)
def test_dane_ta_looks_at_the_whole_path(expected: Expected, rule: str) -> None:
    result = judged(tlsa("2 1 1", ROOT), expected=expected)
    assert not result.authenticated
    assert failures(result) == {rule}


def test_names_count_for_dane_ee_if_we_say_so() -> None:
    strict = replace(ELSEWHERE, check_ee_name=True)
    assert failures(judged(tlsa("3 1 1", LEAF.leaf), expected=strict)) == {"path.name"}


def test_a_certificate_without_readable_names_matches_by_its_key() -> None:
    chain = (with_unreadable_names(), *LEAF.chain[1:])
    record = tlsa("3 1 1", LEAF.leaf)
    assert match(chain, (record,), EXPECTED).authenticated
    assert not match(chain, (record,), replace(EXPECTED, check_ee_name=True)).authenticated


def test_a_digest_of_an_authority_that_was_not_sent_does_not_match() -> None:
    result = match(LEAF.chain[:2], (tlsa("2 1 1", ROOT),), EXPECTED)
    assert failures(result) == {"tlsa.matches-authority"}


@pytest.mark.parametrize(("numbers", "depth"), [("2 0 0", 2), ("2 1 0", 1)])
def test_an_authority_held_in_full_need_not_be_sent(numbers: str, depth: int) -> None:
    result = match(LEAF.chain[:2], (tlsa(numbers, ROOT),), EXPECTED)
    assert (result.authenticated, result.depth) == (True, depth)


def test_a_bare_key_of_an_unknown_kind_has_signed_nothing() -> None:
    unknown = TlsaRecord(2, 1, 0, bytes.fromhex("300b300506032a030403020000"))
    result = judged(unknown)
    assert (result.authenticated, result.usable) == (False, 1)
    assert failures(result) == {"tlsa.matches-authority"}


def test_the_leaf_is_not_its_own_authority() -> None:
    for numbers in ("2 1 1", "2 0 0", "2 1 0"):
        assert not match(LEAF.chain[:1], (tlsa(numbers, LEAF.leaf),), EXPECTED).authenticated


def test_pkix_usages_need_a_root_of_ours() -> None:
    for record in (tlsa("0 1 1", ROOT), tlsa("1 1 1", LEAF.leaf)):
        assert failures(judged(record)) == {"path.complete"}


def test_pkix_usages_narrow_down_what_roots_allow() -> None:
    trusted = replace(EXPECTED, roots=(ROOT,))
    for record in (tlsa("0 1 1", LEAF.leaf), tlsa("1 1 1", ROOT)):
        assert not judged(record, expected=trusted).authenticated


def test_one_match_is_enough_and_the_others_are_explained() -> None:
    result = judged(wrong(tlsa("3 1 1", LEAF.leaf)), tlsa("2 1 1", ROOT))
    assert result.usage is Usage.DANE_TA
    outcomes = [part.outcome for part in result.report.parts]
    assert outcomes == [Outcome.FAILED, Outcome.PASSED]
    assert result.report.outcome is Outcome.PASSED


def test_the_strongest_digest_alone_counts() -> None:
    result = judged(tlsa("3 1 1", LEAF.leaf), wrong(tlsa("3 1 2", LEAF.leaf)))
    assert not result.authenticated
    assert "tlsa.digest-agility" in failures(result)


def test_full_data_count_beside_digests() -> None:
    assert judged(tlsa("3 1 0", LEAF.leaf), wrong(tlsa("3 1 2", LEAF.leaf))).authenticated


def test_digests_are_compared_per_usage_and_selector() -> None:
    assert judged(tlsa("3 0 1", LEAF.leaf), wrong(tlsa("3 1 2", LEAF.leaf))).authenticated


UNUSABLE = (
    (TlsaRecord(4, 1, 1, bytes(32)), "tlsa.usage"),
    (TlsaRecord(3, 2, 1, bytes(32)), "tlsa.selector"),
    (TlsaRecord(3, 1, 3, bytes(32)), "tlsa.matching-type"),
    (TlsaRecord(3, 1, 1, bytes(31)), "tlsa.data"),
    (TlsaRecord(3, 1, 2, bytes(32)), "tlsa.data"),
    (TlsaRecord(3, 1, 1, b""), "tlsa.data"),
    (TlsaRecord(3, 0, 0, b"\x30\x00"), "tlsa.data"),
    (TlsaRecord(2, 1, 0, b"\x30\x00"), "tlsa.data"),
    (TlsaRecord(2, 0, 0, LEAF.leaf.public_bytes(Encoding.DER) + b"\0"), "tlsa.data"),
)


@pytest.mark.parametrize(("record", "rule"), UNUSABLE)
def test_an_unusable_record_alone_authenticates_nobody(record: TlsaRecord, rule: str) -> None:
    result = judged(record)
    assert (result.authenticated, result.usable) == (False, 0)
    assert failures(result) == {rule}


@pytest.mark.parametrize("record", [record for record, _ in UNUSABLE])
def test_an_unusable_record_spoils_nothing(record: TlsaRecord) -> None:
    result = judged(record, tlsa("3 1 1", LEAF.leaf))
    assert (result.authenticated, result.usable) == (True, 1)


def test_no_record_at_all_is_no_match() -> None:
    assert judged().report.conclusion == "no usable record"


@pytest.mark.parametrize("sort", [sorted, lambda records, **_: list(reversed(records))])
def test_order_of_records_does_not_matter(sort: Callable[..., list[TlsaRecord]]) -> None:
    records = (tlsa("2 1 1", ROOT), tlsa("3 1 1", LEAF.leaf), TlsaRecord(9, 9, 9, b""))
    result = judged(*sort(records, key=str))
    assert result.usage is Usage.DANE_EE


def test_a_certificate_of_an_unknown_version_is_no_certificate() -> None:
    version = bytes.fromhex("a003020102")
    octets = LEAF.leaf.public_bytes(Encoding.DER).replace(version, version[:-1] + b"\x03", 1)
    record = TlsaRecord(Usage.DANE_EE, Selector.CERT, MatchingType.FULL, octets)
    result = judged(record)
    assert not result.authenticated
    assert "tlsa.data" in failures(result)


KEY = subject_public_key_info(LEAF.leaf)


@pytest.mark.parametrize("text", ["3 1 0", "3 1 1", "3 1 2"])
def test_a_raw_public_key_is_matched_by_dane_ee_and_spki(text: str) -> None:
    record = tlsa(text, LEAF.leaf)
    assert match_key(KEY, (record,), EXPECTED).record == record
    other = tlsa(text, INTERMEDIATE)
    assert failures(match_key(KEY, (other,), EXPECTED)) == {"tlsa.matches-leaf"}


@pytest.mark.parametrize("text", ["0 1 1", "1 1 1", "2 1 0", "2 1 1", "3 0 0", "3 0 1"])
def test_no_other_record_vouches_for_a_raw_public_key(text: str) -> None:
    result = match_key(KEY, (tlsa(text, LEAF.leaf),), replace(EXPECTED, roots=(ROOT,)))
    assert not result.authenticated
    assert failures(result) == {"client.raw-public-key"}


def test_one_matching_record_is_enough_for_a_raw_public_key() -> None:
    records = tlsa("2 1 1", ROOT), tlsa("3 1 1", LEAF.leaf), tlsa("3 0 1", LEAF.leaf)
    assert match_key(KEY, records, EXPECTED).record == records[1]


def test_digest_agility_counts_for_raw_public_keys_too() -> None:
    strong, weak = wrong(tlsa("3 1 2", LEAF.leaf)), tlsa("3 1 1", LEAF.leaf)
    assert not match_key(KEY, (strong, weak), EXPECTED).authenticated

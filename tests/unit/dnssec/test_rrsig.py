from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import dns.dnssec
import dns.rrset
import pytest
from dns.name import Name, from_text
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.checks import Outcome
from lab.core.instant import DAY, Instant, Window
from lab.core.rrsets import RRset
from lab.core.rules import Ede
from lab.dnssec.algorithms import ALGORITHMS, algorithm, by_mnemonic
from lab.dnssec.keys import KeyRole, SigningKey, generate
from lab.dnssec.rrsig import (
    MAX_COLLIDING_KEYS,
    Signature,
    ZoneKeys,
    algorithm_text,
    capped_ttl,
    expanded_from,
    judge_rrsig,
)
from lab.dnssec.signing import SigningJob, at_ttl, sign, with_signature

NOW = Instant(1_800_000_000)
WINDOW = Window(NOW - DAY, NOW + DAY)
APEX = from_text("example.")


@lru_cache
def key(mnemonic: str = "ED25519") -> SigningKey:
    return generate(APEX, KeyRole.CSK, by_mnemonic(mnemonic))


def rrset(owner: str = "www.example.", rdata: str = "192.0.2.1") -> RRset:
    return RRset.from_dns(from_text(owner), dns.rrset.from_text(owner, 3600, "IN", "A", rdata))


def signature_of(what: RRset, window: Window = WINDOW, signer: Name = APEX) -> RRSIG:
    return sign(SigningJob(what, key(), window, signer))


def judge(what: RRset, rrsig: RRSIG, keys: ZoneKeys | None = None, now: Instant = NOW) -> Signature:
    return judge_rrsig(what, rrsig, keys or ZoneKeys(APEX, (key().dnskey,)), now)


def failed_rules(judged: Signature) -> list[str]:
    return [one.rule.id for one in judged.report.checks if one.failed]


def changed(rrsig: RRSIG, **fields: object) -> RRSIG:
    made = rrsig.replace(**fields)
    assert isinstance(made, RRSIG)
    return made


def test_an_honest_signature_authenticates() -> None:
    judged = judge(rrset(), signature_of(rrset()))
    assert judged.valid
    assert judged.dnskey == key().dnskey
    assert judged.verifications == 1
    assert judged.report.outcome is Outcome.PASSED
    assert not failed_rules(judged)


Change = Callable[[RRSIG], RRSIG]
FIELD_FAULTS: list[tuple[Change, str, Ede]] = [
    (lambda one: changed(one, signer=from_text("test.")), "rrsig.signer", Ede.DNSSEC_BOGUS),
    (lambda one: changed(one, signer=from_text(".")), "rrsig.signer", Ede.DNSSEC_BOGUS),
    (
        lambda one: changed(one, type_covered=RdataType.AAAA),
        "rrsig.type-covered",
        Ede.DNSSEC_BOGUS,
    ),
    (lambda one: changed(one, labels=3), "rrsig.labels", Ede.DNSSEC_BOGUS),
    (
        lambda one: changed(one, inception=int(NOW) + 3, expiration=int(NOW) + 2),
        "rrsig.order",
        Ede.SIGNATURE_EXPIRED_BEFORE_VALID,
    ),
    (
        lambda one: changed(one, expiration=int(NOW) - 1),
        "rrsig.expiration",
        Ede.SIGNATURE_EXPIRED,
    ),
    (
        lambda one: changed(one, inception=int(NOW) + 1),
        "rrsig.inception",
        Ede.SIGNATURE_NOT_YET_VALID,
    ),
    (
        lambda one: changed(one, algorithm=100),
        "rrsig.algorithm",
        Ede.UNSUPPORTED_DNSKEY_ALGORITHM,
    ),
    (
        lambda one: changed(one, key_tag=(one.key_tag + 1) % 65536),
        "rrsig.dnskey",
        Ede.DNSKEY_MISSING,
    ),
    (lambda one: with_signature(one, one.signature[::-1]), "rrsig.signature", Ede.DNSSEC_BOGUS),
    (lambda one: with_signature(one, b""), "rrsig.signature", Ede.DNSSEC_BOGUS),
    (lambda one: changed(one, original_ttl=60), "rrsig.signature", Ede.DNSSEC_BOGUS),
    (lambda one: changed(one, labels=1), "rrsig.signature", Ede.DNSSEC_BOGUS),
]


@pytest.mark.parametrize(("change", "rule_id", "ede"), FIELD_FAULTS)
def test_a_changed_field_breaks_its_rule(change: Change, rule_id: str, ede: Ede) -> None:
    judged = judge(rrset(), change(signature_of(rrset())))
    assert not judged.valid
    decisive = judged.report.first_failure()
    assert decisive is not None
    assert (decisive.rule.id, decisive.rule.ede) == (rule_id, ede)


def test_after_a_failed_field_no_signature_is_computed() -> None:
    judged = judge(rrset(), changed(signature_of(rrset()), labels=3))
    assert judged.verifications == 0
    assert judged.report.checks[-1].outcome is Outcome.NOT_REACHED
    assert judged.report.outcome is Outcome.FAILED


def test_a_zone_signs_nothing_outside_itself() -> None:
    """RFC 4035 section 5.3.1: the owner lies in the zone of the signer name."""
    foreign = rrset("www.test.")
    assert failed_rules(judge(foreign, signature_of(foreign))) == ["rrsig.signer"]


def test_the_report_says_what_was_compared() -> None:
    judged = judge(rrset(), signature_of(rrset()), now=NOW + 2 * DAY)
    decisive = judged.report.first_failure()
    assert decisive is not None
    assert decisive.facts == {"now": str(NOW + 2 * DAY), "expiration": str(NOW + DAY)}


@pytest.mark.parametrize(
    ("offset", "valid"),
    [(-DAY - 1, False), (-DAY, True), (0, True), (DAY, True), (DAY + 1, False)],
)
def test_both_ends_of_the_window_are_valid(offset: int, *, valid: bool) -> None:
    assert judge(rrset(), signature_of(rrset()), now=NOW + offset).valid is valid


def test_times_wrap_as_serial_numbers() -> None:
    late = Instant(2**32 + 1000)
    window = Window(Instant(2**32 - 1000), late + DAY)
    rrsig = signature_of(rrset(), window)
    assert rrsig.expiration < rrsig.inception
    assert judge(rrset(), rrsig, now=late).valid
    assert not judge(rrset(), rrsig, now=NOW).valid


def test_the_ttl_met_on_the_way_is_not_signed() -> None:
    assert judge(at_ttl(rrset(), 1), signature_of(rrset())).valid


def test_case_of_the_owner_and_order_of_the_rdata_do_not_matter() -> None:
    pair = dns.rrset.from_text("www.example.", 3600, "IN", "A", "192.0.2.2", "192.0.2.1")
    one = RRset.from_dns(from_text("www.example."), pair)
    other = replace(one, owner=from_text("WWW.eXample."), rdatas=one.rdatas[::-1])
    assert judge(other, signature_of(one)).valid


def test_an_expanded_wildcard_verifies_and_says_so() -> None:
    rrsig = signature_of(rrset("*.example."))
    expanded = rrset("a.b.example.")
    assert judge(expanded, rrsig).valid
    assert expanded_from(expanded, rrsig) == from_text("*.example.")


def test_a_wildcard_asked_for_by_name_is_not_expanded() -> None:
    literal = rrset("*.example.")
    rrsig = signature_of(literal)
    assert judge(literal, rrsig).valid
    assert expanded_from(literal, rrsig) is None


@pytest.mark.parametrize(
    ("fields", "rule_id"),
    [
        ({"flags": 0x0001}, "dnskey.zone-flag"),
        ({"protocol": 2}, "dnskey.protocol"),
        ({"flags": 0x0181}, "dnskey.not-revoked"),
        ({"key": b"\x01\x02"}, "dnskey.well-formed"),
    ],
)
def test_a_key_must_be_fit_to_sign(fields: dict[str, object], rule_id: str) -> None:
    unfit = key().dnskey.replace(**fields)
    keys = ZoneKeys(APEX, (unfit,))  # type: ignore[arg-type]  # replace() gives the same class
    rrsig = changed(signature_of(rrset()), key_tag=_tag(unfit))
    judged = judge(rrset(), rrsig, keys)
    assert failed_rules(judged) == [rule_id]
    assert judged.report.checks[-1].outcome is Outcome.NOT_REACHED


def _tag(dnskey: Rdata) -> int:
    return int(dns.dnssec.key_id(dnskey))  # type: ignore[arg-type]  # a DNSKEY


def test_the_sep_flag_is_no_condition() -> None:
    zsk = generate(APEX, KeyRole.ZSK, by_mnemonic("ED25519"))
    rrsig = sign(SigningJob(rrset(), zsk, WINDOW, APEX))
    assert judge(rrset(), rrsig, ZoneKeys(APEX, (zsk.dnskey,))).valid


def colliding(count: int) -> list[SigningKey]:
    """Return *count* keys of one tag: two octets change so that their sum does not."""
    tag = key().tag
    found = []
    for low in range(256):
        raw = bytearray(key().dnskey.key)
        raw[0] = (raw[0] + low) % 256
        raw[2] = (raw[2] - low) % 256
        made = key().dnskey.replace(key=bytes(raw))
        if _tag(made) == tag and made != key().dnskey:
            found.append(made)
    return found[:count]  # type: ignore[return-value]  # DNSKEYs stand in for keys here


def test_each_key_with_the_tag_is_tried() -> None:
    others = tuple(colliding(1))
    keys = ZoneKeys(APEX, (*others, key().dnskey))  # type: ignore[arg-type]  # DNSKEYs
    judged = judge(rrset(), signature_of(rrset()), keys)
    assert judged.valid
    assert judged.report.outcome is Outcome.PASSED
    assert "rrsig.signature" in failed_rules(judged)


def test_colliding_keys_are_tried_up_to_a_limit() -> None:
    others = tuple(colliding(MAX_COLLIDING_KEYS))
    keys = ZoneKeys(APEX, (*others, key().dnskey))  # type: ignore[arg-type]  # DNSKEYs
    judged = judge(rrset(), signature_of(rrset()), keys)
    assert not judged.valid
    assert judged.verifications <= MAX_COLLIDING_KEYS


@pytest.mark.parametrize("number", [one for one in ALGORITHMS if one != 10])
def test_every_algorithm_of_the_table_signs_and_verifies(number: int) -> None:
    own = generate(APEX, KeyRole.CSK, algorithm(number))
    rrsig = sign(SigningJob(rrset(), own, WINDOW, APEX))
    keys = ZoneKeys(APEX, (own.dnskey,))
    assert judge(rrset(), rrsig, keys).valid
    assert not judge(rrset(rdata="192.0.2.99"), rrsig, keys).valid
    assert not judge(rrset(), rrsig, replace(keys, algorithms=frozenset())).valid


@pytest.mark.parametrize(
    ("ttl", "rrsig_ttl", "original", "left", "expected"),
    [
        (3600, 3600, 3600, DAY, 3600),
        (100, 3600, 3600, DAY, 100),
        (3600, 50, 3600, DAY, 50),
        (3600, 3600, 40, DAY, 40),
        (3600, 3600, 3600, 30, 30),
    ],
)
def test_a_ttl_is_capped(ttl: int, rrsig_ttl: int, original: int, left: int, expected: int) -> None:
    rrsig = changed(signature_of(rrset()), original_ttl=original, expiration=int(NOW) + left)
    assert capped_ttl(at_ttl(rrset(), ttl), rrsig, rrsig_ttl, NOW) == expected


def test_algorithms_are_named_where_they_have_a_name() -> None:
    assert algorithm_text(15) == "15 ED25519"
    assert algorithm_text(100) == "100"


def test_a_key_without_the_zone_flag_is_told_of_where_none_fits() -> None:
    odd = key().dnskey.replace(flags=1)
    judged = judge(rrset(), signature_of(rrset()), ZoneKeys(APEX, (odd,)))  # type: ignore[arg-type]  # still a DNSKEY
    assert failed_rules(judged) == ["rrsig.dnskey", "dnskey.zone-flag"]

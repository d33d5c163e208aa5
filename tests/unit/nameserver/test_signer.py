from dataclasses import dataclass, replace
from typing import Any

import pytest
from dns.rdatatype import RdataType

from lab.core.instant import DAY, Instant, Window
from lab.core.rrsets import PUBLISHED_RRSET, SIGNED_RRSET, RRset, SignedRRset
from lab.core.seams import Hooks, Seam
from lab.dnssec.algorithms import by_mnemonic
from lab.dnssec.keys import KeyRole, KeySet, generate
from lab.dnssec.rrsig import ZoneKeys, judge_rrsig
from lab.dnssec.signing import SIGNING_JOB, SigningJob, SigningPolicy
from lab.nameserver.signer import SignatureCache, Signer
from lab.nameserver.zone import load
from tests.fakes import NOW, keys_of, name

APEX = name("example.")
ZONE = load("@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nwww 60 A 192.0.2.1\n", APEX, "example.zone")
KSK, ZSK = (generate(APEX, role, by_mnemonic("ED25519")) for role in (KeyRole.KSK, KeyRole.ZSK))
KEYS = KeySet((KSK, ZSK))
DNSKEY = RRset(APEX, RdataType.DNSKEY, 60, KEYS.dnskeys)


def www() -> RRset:
    rrset = ZONE.rrset(name("www.example."), RdataType.A)
    assert rrset is not None
    return rrset


(CSK,) = keys_of(APEX).keys
ROLES = {"ksk+zsk": (KEYS, KSK, ZSK), "csk": (keys_of(APEX), CSK, CSK)}


@pytest.mark.parametrize("layout", ROLES)
def test_each_role_signs_its_part(layout: str) -> None:
    keys, over_dnskey, over_rest = ROLES[layout]
    signer = Signer(APEX, keys)
    dnskey = replace(DNSKEY, rdatas=keys.dnskeys)
    assert [one.key_tag for one in signer.signed(dnskey, NOW).rrsigs] == [over_dnskey.tag]
    assert [one.key_tag for one in signer.signed(www(), NOW).rrsigs] == [over_rest.tag]


def test_a_signature_validates_now_and_not_outside_its_window() -> None:
    signed = Signer(APEX, KEYS).signed(www(), NOW)
    keys = ZoneKeys(APEX, KEYS.dnskeys)
    (rrsig,) = signed.rrsigs
    verdicts = [
        judge_rrsig(signed.rrset, rrsig, keys, NOW + shift).valid
        for shift in (0, 6 * DAY, 15 * DAY, -8 * DAY)
    ]
    assert verdicts == [True, True, False, False]


def test_a_wildcard_is_signed_under_its_own_name() -> None:
    expanded = replace(www(), owner=name("x.y.example."))
    signed = Signer(APEX, KEYS).signed(expanded, NOW, name("*.example."))
    assert signed.rrset.owner == name("x.y.example.")
    assert [one.labels for one in signed.rrsigs] == [1]
    assert judge_rrsig(signed.rrset, signed.rrsigs[0], ZoneKeys(APEX, KEYS.dnskeys), NOW).valid


def test_a_signature_is_kept_until_it_must_be_made_anew() -> None:
    policy = SigningPolicy(jitter=0)
    signer = Signer(APEX, KEYS, policy)
    start = Instant(NOW - NOW % policy.period)
    first = signer.signed(www(), start)
    assert signer.signed(www(), start + policy.period - 1).rrsigs[0] is first.rrsigs[0]
    assert signer.signed(www(), start + policy.period).rrsigs[0] is not first.rrsigs[0]
    assert len(signer.cache) == 2


def test_the_cache_is_shared_by_versions_of_a_zone_but_not_by_their_content() -> None:
    signer = Signer(APEX, KEYS)
    first = signer.signed(www(), NOW).rrsigs[0]
    other = replace(signer, hooks=Hooks())
    assert other.signed(www(), NOW).rrsigs[0] is first
    assert other.signed(replace(www(), ttl=61), NOW).rrsigs[0] is not first


def test_the_cache_forgets_what_was_not_used_for_longest() -> None:
    cache = SignatureCache(capacity=2)
    window = SigningPolicy().window(NOW)
    jobs = [SigningJob(replace(www(), ttl=ttl), ZSK, window, APEX) for ttl in (1, 2, 3)]
    first, second = cache.sign(jobs[0]), cache.sign(jobs[1])
    assert cache.sign(jobs[0]) is first
    cache.sign(jobs[2])
    assert len(cache) == 2
    assert cache.sign(jobs[0]) is first
    assert cache.sign(jobs[1]) is not second


@dataclass(frozen=True)
class Swap:
    """Put *value* in the place of what passes *seams*."""

    seams: tuple[Seam[Any], ...]
    value: object

    def acts_in(self, _apex: object) -> bool:
        return True

    def apply(self, _value: object, _now: Instant) -> object:
        return self.value


def test_a_fault_before_publishing_is_signed_like_the_truth() -> None:
    other = replace(www(), ttl=7)
    signed = Signer(APEX, KEYS, hooks=Hooks((Swap((PUBLISHED_RRSET,), other),))).signed(www(), NOW)
    assert signed.rrset is other
    assert signed.rrsig_ttl == 7
    assert judge_rrsig(other, signed.rrsigs[0], ZoneKeys(APEX, KEYS.dnskeys), NOW).valid


def test_a_fault_in_the_job_leaves_the_records_alone() -> None:
    past = Window(NOW - 2 * DAY, NOW - DAY)
    job = SigningJob(www(), ZSK, past, APEX)
    signed = Signer(APEX, KEYS, hooks=Hooks((Swap((SIGNING_JOB,), job),))).signed(www(), NOW)
    assert signed.rrset == www()
    assert signed.rrsigs[0].expiration == NOW - DAY


def test_a_fault_after_signing_has_the_last_word() -> None:
    bare = SignedRRset(www())
    signer = Signer(APEX, KEYS, hooks=Hooks((Swap((SIGNED_RRSET,), bare),)))
    assert signer.signed(www(), NOW) is bare

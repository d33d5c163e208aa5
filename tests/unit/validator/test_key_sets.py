"""DNSKEY RRsets as a DS finds them: unfit, revoked, too many, of an unknown algorithm."""

from dataclasses import replace

import pytest
from dns.dnssectypes import DSDigest
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.rrsets import RRset, SignedRRset
from lab.core.status import SecurityStatus
from lab.dnssec.algorithms import by_mnemonic
from lab.dnssec.delegation import make_ds
from lab.dnssec.keys import KeyRole, SigningKey, generate, key_tag
from lab.dnssec.signing import SigningJob, sign
from lab.validator.chain import Link, judge_keys
from lab.validator.entry import Entry
from lab.validator.settings import Settings
from tests.unit.validator.scenes import BOGUS, INSECURE, SECURE
from tests.unit.validator.zone import NOW, WINDOW, name

APEX = name("example.")
ED25519 = by_mnemonic("ED25519")
KSK, OTHER = (generate(APEX, KeyRole.KSK, ED25519) for _ in range(2))
ZSK = generate(APEX, KeyRole.ZSK, ED25519)
SETTINGS = Settings((), ())
REVOKED = 0x0080


def ds_of(dnskey: DNSKEY, digest: DSDigest = DSDigest.SHA256) -> DS:
    return make_ds(APEX, dnskey, digest)


def changed(dnskey: DNSKEY, **fields: object) -> DNSKEY:
    made = dnskey.replace(**fields)
    assert isinstance(made, DNSKEY)
    return made


def spoiled(ds: DS) -> DS:
    """Return *ds* with another digest of the same length."""
    made = ds.replace(digest=bytes([ds.digest[0] ^ 1]) + ds.digest[1:])
    assert isinstance(made, DS)
    return made


def signed(*dnskeys: DNSKEY, by: tuple[tuple[SigningKey, DNSKEY], ...]) -> SignedRRset:
    """Return the DNSKEY RRset; each of *by* is a secret half, and the key that it passes for."""
    rrset = RRset(APEX, RdataType.DNSKEY, 60, dnskeys)
    rrsigs = (_passing_for(rrset, secret, shown) for secret, shown in by)
    return SignedRRset(rrset, tuple(rrsigs), 60)


def _passing_for(rrset: RRset, secret: SigningKey, shown: DNSKEY) -> RRSIG:
    stand_in = replace(secret)
    object.__setattr__(stand_in, "dnskey", shown)
    object.__setattr__(stand_in, "tag", key_tag(shown))
    return sign(SigningJob(rrset, stand_in, WINDOW, APEX))


def judge(keys: SignedRRset, *entries: DS, anchors: tuple[DNSKEY, ...] = ()) -> Link:
    return judge_keys(Entry(APEX, entries, anchors, anchor=bool(anchors)), keys, SETTINGS, NOW)


def decisive(link: Link) -> str:
    failed = link.report.first_failure()
    assert failed is not None
    return failed.rule.id


@pytest.mark.parametrize(
    ("fields", "rule_id"),
    [
        ({"flags": 0x0001}, "dnskey.zone-flag"),
        ({"flags": 0x0101 | REVOKED}, "dnskey.not-revoked"),
        ({"protocol": 2}, "dnskey.protocol"),
    ],
)
def test_a_key_that_is_unfit_starts_no_zone_though_its_ds_fits(
    fields: dict[str, object], rule_id: str
) -> None:
    """RFC 4034 sections 2.1.1 and 2.1.2, RFC 5011 section 2.1."""
    unfit = changed(KSK.dnskey, **fields)
    link = judge(signed(unfit, ZSK.dnskey, by=((KSK, unfit),)), ds_of(unfit))
    assert (link.status, decisive(link)) == (BOGUS, rule_id)


def test_another_key_with_a_ds_starts_the_zone_all_the_same() -> None:
    """RFC 6840 section 5.11: one valid path is enough."""
    unfit = changed(KSK.dnskey, flags=0x0101 | REVOKED)
    keys = signed(unfit, OTHER.dnskey, by=((KSK, unfit), (OTHER, OTHER.dnskey)))
    link = judge(keys, ds_of(unfit), ds_of(OTHER.dnskey))
    assert (link.status, link.used_key_tags) == (SECURE, (OTHER.tag,))


def test_a_revoked_key_has_another_tag_so_its_old_ds_names_nothing() -> None:
    """RFC 5011 section 2.1: the flag is part of what is hashed."""
    revoked = changed(KSK.dnskey, flags=0x0101 | REVOKED)
    assert key_tag(revoked) != KSK.tag
    link = judge(signed(revoked, by=((KSK, revoked),)), ds_of(KSK.dnskey))
    assert (link.status, decisive(link)) == (BOGUS, "ds.matches")


def test_a_revoked_key_is_no_trust_anchor_any_more() -> None:
    """RFC 5011 section 2.1."""
    revoked = changed(KSK.dnskey, flags=0x0101 | REVOKED)
    link = judge(signed(revoked, by=((KSK, revoked),)), anchors=(KSK.dnskey,))
    assert (link.status, decisive(link)) == (BOGUS, "anchor.matches")


def test_a_ds_may_name_a_key_without_sep_flag() -> None:
    """RFC 4034 section 2.1.1: a validator does not look at it."""
    assert judge(signed(ZSK.dnskey, by=((ZSK, ZSK.dnskey),)), ds_of(ZSK.dnskey)).status is SECURE


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ((ds_of(KSK.dnskey, DSDigest.SHA384), ds_of(KSK.dnskey)), SECURE),
        ((ds_of(KSK.dnskey, DSDigest.SHA384), ds_of(KSK.dnskey, DSDigest.SHA1)), SECURE),
        # RFC 4035 section 5.2: one digest that matches is enough; only SHA-1 counts less.
        ((spoiled(ds_of(KSK.dnskey, DSDigest.SHA384)), ds_of(KSK.dnskey)), SECURE),
        ((ds_of(KSK.dnskey, DSDigest.SHA384), spoiled(ds_of(KSK.dnskey))), SECURE),
        # RFC 4509 section 3, and for SHA-384 by the same reason.
        ((spoiled(ds_of(KSK.dnskey)), ds_of(KSK.dnskey, DSDigest.SHA1)), BOGUS),
        (
            (spoiled(ds_of(KSK.dnskey, DSDigest.SHA384)), ds_of(KSK.dnskey, DSDigest.SHA1)),
            BOGUS,
        ),
        ((ds_of(OTHER.dnskey), ds_of(KSK.dnskey)), SECURE),
        ((ds_of(OTHER.dnskey), ds_of(KSK.dnskey, DSDigest.SHA1)), BOGUS),
    ],
)
def test_of_several_digests(entries: tuple[DS, ...], status: SecurityStatus) -> None:
    for order in (entries, entries[::-1]):
        keys = signed(KSK.dnskey, ZSK.dnskey, by=((KSK, KSK.dnskey),))
        assert judge(keys, *order).status is status


@pytest.mark.parametrize(("count", "status"), [(100, SECURE), (101, BOGUS)])
def test_a_zone_has_at_most_a_hundred_keys(count: int, status: SecurityStatus) -> None:
    more = tuple(
        changed(ZSK.dnskey, key=n.to_bytes(2, "big") + ZSK.dnskey.key[2:]) for n in range(count - 1)
    )
    link = judge(signed(KSK.dnskey, *more, by=((KSK, KSK.dnskey),)), ds_of(KSK.dnskey))
    assert link.status is status
    if status is BOGUS:
        assert decisive(link) == "effort.bounded"


def test_an_unknown_algorithm_beside_a_known_one_does_no_harm() -> None:
    """RFC 6840 section 5.11: the validator need not see every algorithm sign."""
    unknown = changed(OTHER.dnskey, algorithm=100)
    keys = signed(KSK.dnskey, unknown, by=((KSK, KSK.dnskey),))
    assert judge(keys, ds_of(KSK.dnskey)).status is SECURE
    assert judge(keys, ds_of(KSK.dnskey), ds_of(unknown)).status is SECURE


def test_an_unknown_algorithm_alone_makes_the_zone_insecure() -> None:
    """RFC 4035 section 5.2."""
    unknown = changed(OTHER.dnskey, algorithm=100)
    assert judge(signed(KSK.dnskey, unknown, by=((KSK, KSK.dnskey),)), ds_of(unknown)).status is (
        INSECURE
    )


def test_a_known_algorithm_that_does_not_sign_is_no_excuse() -> None:
    """RFC 4035 section 5.2: a usable DS makes signatures due."""
    keys = signed(KSK.dnskey, by=((KSK, changed(KSK.dnskey, algorithm=100)),))
    assert judge(keys, ds_of(KSK.dnskey)).status is BOGUS


def test_a_key_rrset_without_signature_is_bogus() -> None:
    link = judge(signed(KSK.dnskey, by=()), ds_of(KSK.dnskey))
    assert (link.status, decisive(link)) == (BOGUS, "rrsig.present")

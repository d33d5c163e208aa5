"""From DS or anchor to DNSKEY, and one RRset with several RRSIGs."""

from dataclasses import replace

import pytest
from dns.dnssectypes import DSDigest
from dns.rdata import from_text as rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.NSEC3 import NSEC3

from lab.core.checks import Outcome
from lab.core.rrsets import RRset, SignedRRset
from lab.core.status import SecurityStatus
from lab.dnssec.algorithms import by_mnemonic
from lab.dnssec.delegation import make_ds
from lab.dnssec.keys import KeyRole, SigningKey, generate
from lab.dnssec.nsec3 import parameters
from lab.dnssec.signing import SigningJob, sign, with_signature
from lab.validator.chain import Link, judge_keys
from lab.validator.denial import deny_type, gather
from lab.validator.effort import Effort
from lab.validator.entry import Entry, digest_text
from lab.validator.proof import Finding
from lab.validator.rrset import RRsetVerdict, judge_rrset
from lab.validator.settings import Limits, Settings
from tests.unit.validator.zone import NOW, WINDOW, key_of, name

SECURE, INSECURE = SecurityStatus.SECURE, SecurityStatus.INSECURE
BOGUS = SecurityStatus.BOGUS
APEX = name("example.")
ED25519 = by_mnemonic("ED25519")
KSK = generate(APEX, KeyRole.KSK, ED25519)
ZSK = generate(APEX, KeyRole.ZSK, ED25519)
SETTINGS = Settings((), ())


def dnskeys(*signers: SigningKey) -> SignedRRset:
    rrset = RRset(APEX, RdataType.DNSKEY, 60, (KSK.dnskey, ZSK.dnskey))
    rrsigs = tuple(sign(SigningJob(rrset, signer, WINDOW, APEX)) for signer in signers)
    return SignedRRset(rrset, rrsigs, 60)


def ds(key: SigningKey = KSK, digest: DSDigest = DSDigest.SHA256, **fields: object) -> DS:
    made = make_ds(APEX, key.dnskey, digest).replace(**fields)
    assert isinstance(made, DS)
    return made


def judge(*entries: DS, keys: SignedRRset | None = None, settings: Settings = SETTINGS) -> Link:
    return judge_keys(Entry(APEX, entries), keys or dnskeys(KSK), settings, NOW)


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ((ds(),), SECURE),
        ((ds(digest=DSDigest.SHA1),), SECURE),
        ((ds(digest=DSDigest.SHA384),), SECURE),
        ((ds(ZSK),), BOGUS),
        ((ds(digest_type=99),), INSECURE),
        ((ds(algorithm=5),), INSECURE),
        ((ds(digest_type=99), ds(algorithm=5)), INSECURE),
        ((ds(digest_type=99), ds()), SECURE),
        ((ds(algorithm=5), ds()), SECURE),
        ((ds(digest_type=99), ds(key_tag=1)), BOGUS),
        ((ds(digest=DSDigest.SHA256), ds(key_tag=1)), SECURE),
        # RFC 4509 section 3: a SHA-1 DS may not save a SHA-256 DS that fails.
        ((ds(digest=DSDigest.SHA1), ds(key_tag=1)), BOGUS),
        # It may, if the SHA-256 DS could not have been used anyway.
        ((ds(digest=DSDigest.SHA1), ds(algorithm=5)), SECURE),
    ],
)
def test_the_ds_rrset_decides(entries: tuple[DS, ...], status: SecurityStatus) -> None:
    assert judge(*entries).status is status


def test_a_key_that_no_ds_names_cannot_sign_the_keys() -> None:
    link = judge(ds(), keys=dnskeys(ZSK))
    decisive = link.report.first_failure()
    assert decisive is not None
    assert (link.status, decisive.rule.id) == (BOGUS, "dnskey.signed-by-entry")
    assert decisive.facts == {"named": str(KSK.tag), "signed_by": str(ZSK.tag)}


def test_a_superfluous_signature_does_no_harm() -> None:
    link = judge(ds(), keys=dnskeys(ZSK, KSK))
    assert (link.status, link.used_key_tags) == (SECURE, (KSK.tag,))
    assert link.dnskeys == (KSK.dnskey, ZSK.dnskey)


def test_what_cannot_be_used_does_not_decide() -> None:
    for unused in (ds(digest_type=99), ds(algorithm=5), ds(digest=DSDigest.SHA1)):
        decisive = judge(unused, ds(key_tag=1)).report.first_failure()
        assert decisive is not None
        assert decisive.rule.id == "ds.matches"


def test_a_secure_link_keeps_what_was_compared() -> None:
    link = judge(ds(digest_type=99), ds())
    failed = [one.rule.id for one in link.report.every_check() if one.failed]
    assert failed == ["ds.digest-supported"]
    assert link.report.outcome is Outcome.PASSED


def test_the_anchor_may_be_the_key_itself() -> None:
    for dnskey, status in ((KSK.dnskey, SECURE), (ZSK.dnskey, BOGUS)):
        entry = Entry(APEX, (), (dnskey,), anchor=True)
        assert judge_keys(entry, dnskeys(KSK), SETTINGS, NOW).status is status


def test_a_digest_is_named_where_it_has_a_name() -> None:
    assert digest_text(2) == "2 SHA256"
    assert digest_text(99) == "99"


def judge_address(*rrsigs: int, limits: Limits | None = None) -> RRsetVerdict:
    """Return the verdict on an A RRset whose RRSIGs are honest (1) or changed (0)."""
    rrset = RRset(APEX, RdataType.A, 60, (rdata("IN", "A", "192.0.2.1"),))
    honest = sign(SigningJob(rrset, ZSK, WINDOW, APEX))
    made = [
        honest
        if good
        else with_signature(honest, bytes([honest.signature[0] ^ (n + 1)]) + honest.signature[1:])
        for n, good in enumerate(rrsigs)
    ]
    keys = judge(ds()).keys(SETTINGS)
    return judge_rrset(SignedRRset(rrset, tuple(made), 60), keys, NOW, Effort(limits or Limits()))


def test_one_valid_signature_is_enough() -> None:
    assert judge_address(1).valid
    assert judge_address(0, 0, 1).valid
    assert not judge_address(0, 0).valid


def test_signatures_are_tried_up_to_a_limit() -> None:
    assert not judge_address(0, 0, 0, 1, limits=Limits(rrsigs=3)).valid
    assert not judge_address(0, 0, 0, 1, limits=Limits(verifications=3)).valid
    assert judge_address(0, 0, 1, limits=Limits(rrsigs=3)).valid


def test_signatures_of_no_use_do_not_use_up_the_tries() -> None:
    """RFC 4035 section 5.3.1: an RRSIG by an unknown key says nothing about the others."""
    rrset = RRset(APEX, RdataType.A, 60, (rdata("IN", "A", "192.0.2.1"),))
    honest = sign(SigningJob(rrset, ZSK, WINDOW, APEX))
    strangers = tuple(honest.replace(key_tag=tag) for tag in range(30))
    signed = SignedRRset(rrset, (*strangers, honest), 60)  # type: ignore[arg-type]  # RRSIGs
    keys = judge(ds()).keys(SETTINGS)
    assert judge_rrset(signed, keys, NOW, Effort(Limits())).valid
    verdict = judge_rrset(signed, keys, NOW, Effort(Limits(rrsigs=30)))
    decisive = verdict.report.first_failure()
    assert decisive is not None
    assert decisive.rule.id == "rrsig.effort"


def test_the_signature_that_came_farthest_is_read_first() -> None:
    rrset = RRset(APEX, RdataType.A, 60, (rdata("IN", "A", "192.0.2.1"),))
    stranger = sign(SigningJob(rrset, key_of(name("other.")), WINDOW, APEX))
    changed = with_signature(sign(SigningJob(rrset, ZSK, WINDOW, APEX)), b"\x00" * 64)
    keys = judge(ds()).keys(SETTINGS)
    report = judge_rrset(
        SignedRRset(rrset, (stranger, changed)), keys, NOW, Effort(Limits())
    ).report
    decisive = report.first_failure()
    assert decisive is not None
    assert decisive.rule.id == "rrsig.signature"


def nsec_at(owner: str, signed_as: str) -> SignedRRset:
    source = RRset(name(signed_as), RdataType.NSEC, 60, (rdata("IN", "NSEC", "z.example. A"),))
    rrsig = sign(SigningJob(source, ZSK, WINDOW, APEX))
    return SignedRRset(replace(source, owner=name(owner)), (rrsig,), 60)


def finding(*authority: SignedRRset) -> Finding:
    evidence = gather(authority, judge(ds()).keys(SETTINGS), NOW, Effort(Limits()))
    return deny_type(evidence, name("b.example."), RdataType.TXT).finding


def test_an_nsec_made_from_a_wildcard_proves_nothing() -> None:
    assert finding(nsec_at("b.example.", "b.example.")) is Finding.PROVEN
    assert finding(nsec_at("b.example.", "*.example.")) is Finding.UNPROVEN


def nsec3_at(text: str, label: str | None = None, following: str = "0" * 32) -> SignedRRset:
    """Return the NSEC3 of b.example.; *text* holds algorithm, flags, iterations and salt."""
    made = rdata("IN", "NSEC3", f"{text} {following} A")
    assert isinstance(made, NSEC3)
    hashing = parameters(made)
    owner = label or hashing.owner(name("b.example."), APEX).to_text()
    rrset = RRset(name(owner), RdataType.NSEC3, 60, (made,))
    return SignedRRset(rrset, (sign(SigningJob(rrset, ZSK, WINDOW, APEX)),), 60)


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        ("1 0 0 -", None, Finding.PROVEN),
        ("1 1 0 -", None, Finding.PROVEN),
        ("1 2 0 -", None, Finding.UNPROVEN),
        ("2 0 0 -", None, Finding.UNPROVEN),
        ("1 0 0 -", "www.example.", Finding.UNPROVEN),
        ("1 0 0 -", f"{'0' * 32}.sub.example.", Finding.UNPROVEN),
        ("1 0 151 -", None, Finding.TOO_MANY_ITERATIONS),
    ],
)
def test_only_usable_nsec3_records_prove(text: str, label: str | None, expected: Finding) -> None:
    assert finding(nsec3_at(text, label)) is expected


@pytest.mark.parametrize("following", ["00", "0" * 24, "0" * 40, "0" * 64])
def test_a_next_hash_of_another_length_proves_nothing(following: str) -> None:
    """RFC 5155 section 3.1.7: it is as long as the hash function makes it."""
    assert finding(nsec3_at("1 0 0 -", following=following)) is Finding.UNPROVEN


def test_the_label_of_a_hash_has_no_case() -> None:
    """RFC 4648 section 7 for base32hex, RFC 4343 for labels."""
    owner = nsec3_at("1 0 0 -").rrset.owner.to_text()
    assert finding(nsec3_at("1 0 0 -", owner.upper())) is Finding.PROVEN


def test_the_longest_salt_is_hashed() -> None:
    """RFC 5155 section 3.1.5: up to 255 octets."""
    assert finding(nsec3_at(f"1 0 0 {'AB' * 255}")) is Finding.PROVEN


def test_records_with_other_parameters_are_left_out() -> None:
    one, other = nsec3_at("1 0 0 -"), nsec3_at("1 0 1 AB")
    assert finding(other, one) is Finding.PROVEN
    evidence = gather((one, other), judge(ds()).keys(SETTINGS), NOW, Effort(Limits()))
    assert len(evidence.nsec3s) == 1
    assert evidence.reports[-1].checks[0].rule.id == "nsec3.same-parameters"


def test_nsec_and_nsec3_are_not_mixed() -> None:
    stranger = nsec_at("c.example.", "c.example.")
    assert finding(nsec3_at("1 0 0 -"), stranger) is Finding.UNPROVEN


def test_the_number_of_denial_records_is_limited() -> None:
    evidence = gather(
        (nsec_at("c.example.", "c.example."), nsec_at("b.example.", "b.example.")),
        judge(ds()).keys(SETTINGS),
        NOW,
        Effort(Limits(denial_rrsets=1)),
    )
    assert [str(one.owner) for one in evidence.nsecs] == ["c.example."]

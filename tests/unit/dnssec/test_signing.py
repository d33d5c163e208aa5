"""Keys, delegations, canonical form and the making of signatures."""

from dataclasses import replace

import dns.rdata
import dns.rrset
import pytest
from dns.dnssectypes import DSDigest
from dns.name import from_text
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.errors import InputError, UnsupportedError
from lab.core.instant import DAY, HOUR, Instant, Window
from lab.core.rrsets import RRset
from lab.dnssec.algorithms import algorithm, by_mnemonic, is_well_formed, verify
from lab.dnssec.canonical import labels, rdata_octets, signed_octets, signed_owner
from lab.dnssec.delegation import ds_digest, make_ds, matches
from lab.dnssec.keys import KeyRole, KeySet, from_pem, generate, key_tag
from lab.dnssec.signing import SigningJob, SigningPolicy, place_of, sign

APEX = from_text("example.")
ED25519 = by_mnemonic("ed25519")
KSK, ZSK = (generate(APEX, role, ED25519) for role in (KeyRole.KSK, KeyRole.ZSK))
NOW = Instant(1_800_000_000)
RRSIG_SLOTS = ("rdclass", "rdtype", "rdcomment", *RRSIG.__slots__)


def rrset(owner: str, rdtype: str, *rdatas: str) -> RRset:
    made = dns.rrset.from_text(owner, 300, "IN", rdtype, *rdatas)
    return RRset.from_dns(from_text(owner), made)


@pytest.mark.parametrize(
    ("owner", "count"),
    [(".", 0), ("example.", 1), ("*.example.", 1), ("www.example.", 2), ("*.a.example.", 2)],
)
def test_labels_count_neither_the_root_nor_a_leading_wildcard(owner: str, count: int) -> None:
    assert labels(from_text(owner)) == count


def test_the_signed_owner_is_the_wildcard_that_was_expanded() -> None:
    owner = from_text("a.b.example.")
    assert signed_owner(owner, 3) == owner
    assert signed_owner(owner, 1) == from_text("*.example.")
    with pytest.raises(ValueError, match="fewer than 4"):
        signed_owner(owner, 4)


def test_names_in_old_types_are_lower_cased_and_in_new_ones_are_not() -> None:
    old = dns.rdata.from_text("IN", "MX", "10 Mail.Example.")
    new = dns.rdata.from_text("IN", "SVCB", "1 Host.Example.")
    nsec = dns.rdata.from_text("IN", "NSEC", "Host.Example. A")
    assert b"mail" in rdata_octets(old)
    assert b"Host" in rdata_octets(new)
    # RFC 6840 section 5.1: the next name of NSEC keeps its case.
    assert b"Host" in rdata_octets(nsec)


def test_equal_records_are_signed_once_and_in_order() -> None:
    rrsig = sign(SigningJob(rrset("a.example.", "A", "192.0.2.1"), ZSK, _window(), APEX))
    one = rrset("a.example.", "A", "192.0.2.1", "192.0.2.9")
    twice = RRset(one.owner, one.rdtype, one.ttl, (*one.rdatas[::-1], one.rdatas[0]))
    assert signed_octets(one, rrsig) == signed_octets(twice, rrsig)


def test_an_rrsig_is_the_one_that_dnspython_reads_back() -> None:
    rrsig = sign(SigningJob(rrset("*.A.example.", "MX", "5 b.example."), ZSK, _window(), APEX))
    wire = rrsig.to_wire()
    assert wire is not None
    read = dns.rdata.from_wire(rrsig.rdclass, rrsig.rdtype, wire, 0, len(wire))
    assert {slot: getattr(rrsig, slot) for slot in RRSIG_SLOTS} == {
        slot: getattr(read, slot) for slot in RRSIG_SLOTS
    }


def _window() -> Window:
    return SigningPolicy().window(NOW)


POLICY = SigningPolicy(lifetime=10 * DAY, inception_offset=HOUR, refresh=4 * DAY, jitter=HOUR)


def test_a_window_stands_still_until_the_signature_must_be_made_anew() -> None:
    start = NOW - NOW % POLICY.period
    first = POLICY.window(start)
    assert first == Window(start - HOUR, start + 10 * DAY)
    assert POLICY.window(start + POLICY.period - 1) == first
    assert POLICY.window(start + POLICY.period) != first
    assert first.expiration - (start + POLICY.period) == POLICY.refresh


def test_jitter_spreads_the_rrsets_and_no_more() -> None:
    start = NOW - NOW % POLICY.period
    expirations = {POLICY.window(start + HOUR, place).expiration for place in range(2 * HOUR)}
    assert expirations == {start + 10 * DAY + shift for shift in range(HOUR + 1)}


def test_a_generation_begins_when_every_rrset_has_moved_on() -> None:
    begin = NOW - NOW % POLICY.period + POLICY.jitter
    assert POLICY.generation(begin) == POLICY.generation(begin - 1) + 1
    for place in range(0, HOUR, 60):
        assert POLICY.window(begin, place) == POLICY.window(begin + POLICY.period - HOUR - 1, place)


def test_the_place_of_an_rrset_is_that_of_its_name_and_type() -> None:
    www = RRset(from_text("www.example."), RdataType.A, 60, ())
    assert place_of(www) == place_of(replace(www, owner=from_text("WWW.example."), ttl=5))
    assert place_of(www) != place_of(replace(www, rdtype=RdataType.AAAA))


@pytest.mark.parametrize(
    ("times", "what"),
    [
        ({"refresh": 14 * DAY}, "refresh must be shorter than lifetime"),
        ({"jitter": 7 * DAY}, "jitter must be shorter than lifetime less refresh"),
        ({"inception_offset": -1}, "times of signatures are not negative"),
    ],
)
def test_a_policy_by_which_signatures_could_expire_is_refused(
    times: dict[str, int], what: str
) -> None:
    with pytest.raises(InputError, match=what):
        SigningPolicy(**times)


def test_roles_decide_what_a_key_signs_and_which_flags_it_shows() -> None:
    csk = generate(APEX, KeyRole.CSK, ED25519)
    keys = KeySet((KSK, ZSK, csk))
    assert keys.key_signing == (KSK, csk)
    assert keys.zone_signing == (ZSK, csk)
    assert [int(one.flags) for one in keys.dnskeys] == [257, 256, 257]


def test_a_key_survives_its_file_and_hides_its_secret() -> None:
    again = from_pem(APEX, KeyRole.KSK, ED25519, KSK.pem())
    assert again.dnskey == KSK.dnskey
    assert repr(KSK) == f"<KSK example. {KSK.tag} ED25519>"


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_file_that_holds_no_key_is_refused(pem: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        from_pem(APEX, KeyRole.KSK, ED25519, pem)


def test_a_key_of_another_algorithm_is_refused() -> None:
    with pytest.raises(ValueError, match="no private key for ECDSAP256SHA256"):
        from_pem(APEX, KeyRole.KSK, by_mnemonic("ECDSAP256SHA256"), KSK.pem())


def test_a_ds_names_one_key() -> None:
    for digest in (DSDigest.SHA1, DSDigest.SHA256, DSDigest.SHA384):
        ds = make_ds(APEX, KSK.dnskey, digest)
        assert ds.key_tag == key_tag(KSK.dnskey)
        assert matches(ds, APEX, KSK.dnskey)
        assert not matches(ds, APEX, ZSK.dnskey)
        assert not matches(ds, from_text("test."), KSK.dnskey)


def test_the_owner_of_a_ds_has_no_case() -> None:
    assert ds_digest(APEX, KSK.dnskey, 2) == ds_digest(from_text("EXAMPLE."), KSK.dnskey, 2)


def test_unknown_numbers_are_unsupported() -> None:
    with pytest.raises(UnsupportedError, match="digest type 99"):
        ds_digest(APEX, KSK.dnskey, 99)
    with pytest.raises(UnsupportedError, match="algorithm 5 is not"):
        algorithm(5)
    with pytest.raises(UnsupportedError, match="known are RSASHA256"):
        by_mnemonic("RSASHA1")


def test_a_malformed_key_verifies_nothing() -> None:
    broken = dns.rdata.from_text("IN", "DNSKEY", "256 3 13 AAEC")
    assert broken.rdtype == RdataType.DNSKEY
    assert not is_well_formed(broken)  # type: ignore[arg-type]  # a DNSKEY
    assert not verify(broken, b"x" * 64, b"")  # type: ignore[arg-type]  # a DNSKEY

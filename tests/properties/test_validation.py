"""What is signed validates, by our checks and by dnspython's; both refuse any one changed byte."""

from functools import lru_cache

import dns.dnssec
import dns.rdata
from dns.exception import ValidationFailure
from dns.name import Name, from_text, root
from dns.node import Node
from dns.rdataclass import RdataClass
from dns.rdataset import Rdataset, from_rdata_list
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG
from hypothesis import given
from hypothesis import strategies as st

from lab.core.instant import DAY, Instant, Window
from lab.core.rrsets import RRset
from lab.dnssec import nsec, nsec3
from lab.dnssec.algorithms import by_mnemonic
from lab.dnssec.keys import KeyRole, SigningKey, generate, key_tag
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.dnssec.rrsig import ZoneKeys, judge_rrsig
from lab.dnssec.signing import SigningJob, sign, with_signature
from lab.validator import nsec3_proof, nsec_proof
from lab.validator.nsec3_proof import HashedZone, Nsec3Record
from lab.validator.nsec_proof import NsecRecord
from lab.validator.proof import Finding

APEX = from_text("example.")
NOW = Instant(1_800_000_000)
WINDOW = Window(NOW - DAY, NOW + DAY)
MNEMONICS = ("ED25519", "ECDSAP256SHA256", "RSASHA256")


@lru_cache
def key(mnemonic: str) -> SigningKey:
    return generate(APEX, KeyRole.CSK, by_mnemonic(mnemonic))


labels = st.binary(min_size=1, max_size=12)
names = st.lists(labels, max_size=4).map(lambda own: Name((*own, *APEX.labels)))
addresses = st.binary(min_size=4, max_size=4).map(lambda octets: (RdataType.A, octets))
texts = st.lists(st.binary(max_size=20), min_size=1, max_size=3).map(
    lambda parts: (RdataType.TXT, b"".join(bytes([len(one)]) + one for one in parts))
)
exchanges = names.map(lambda one: (RdataType.MX, b"\x00\x0a" + (one.to_wire() or b"")))


@st.composite
def rrsets(draw: st.DrawFn) -> RRset:
    """Draw an RRset below the apex: one to four records of one type."""
    kind = draw(st.sampled_from((addresses, texts, exchanges)))
    made = draw(st.lists(kind, min_size=1, max_size=4, unique=True))
    rdtype = made[0][0]
    rdatas = [
        dns.rdata.from_wire(RdataClass.IN, rdtype, octets, 0, len(octets)) for _, octets in made
    ]
    return RRset(draw(names), rdtype, draw(st.integers(0, 86400)), tuple(dict.fromkeys(rdatas)))


def ours(rrset: RRset, rrsig: RRSIG, dnskey: DNSKEY) -> bool:
    return judge_rrsig(rrset, rrsig, ZoneKeys(APEX, (dnskey,)), NOW).valid


def dnspythons(rrset: RRset, rrsig: RRSIG, dnskey: DNSKEY) -> bool:
    keys: dict[Name, Node | Rdataset] = {APEX: from_rdata_list(60, [dnskey])}
    try:
        dns.dnssec.validate_rrsig(rrset.to_dns(), rrsig, keys, root, float(NOW))
    except ValidationFailure:
        return False
    return True


signed = st.tuples(rrsets(), st.sampled_from(MNEMONICS))


@given(signed)
def test_what_we_sign_is_accepted_by_both(drawn: tuple[RRset, str]) -> None:
    rrset, mnemonic = drawn
    rrsig = sign(SigningJob(rrset, key(mnemonic), WINDOW, APEX))
    assert ours(rrset, rrsig, key(mnemonic).dnskey)
    assert dnspythons(rrset, rrsig, key(mnemonic).dnskey)


@given(signed, st.data())
def test_one_changed_byte_of_the_signature_is_refused_by_both(
    drawn: tuple[RRset, str], data: st.DataObject
) -> None:
    rrset, mnemonic = drawn
    rrsig = sign(SigningJob(rrset, key(mnemonic), WINDOW, APEX))
    changed = with_signature(rrsig, change(rrsig.signature, data))
    assert not ours(rrset, changed, key(mnemonic).dnskey)
    assert not dnspythons(rrset, changed, key(mnemonic).dnskey)


@given(signed, st.data())
def test_one_changed_byte_of_the_rdata_is_refused_by_both(
    drawn: tuple[RRset, str], data: st.DataObject
) -> None:
    rrset, mnemonic = drawn
    address = dns.rdata.from_text("IN", "A", "192.0.2.1")
    before = RRset(rrset.owner, RdataType.A, rrset.ttl, (address,))
    octets = change(address.to_wire() or b"", data)
    after = dns.rdata.from_wire(RdataClass.IN, RdataType.A, octets, 0, len(octets))
    rrsig = sign(SigningJob(before, key(mnemonic), WINDOW, APEX))
    changed = RRset(before.owner, before.rdtype, before.ttl, (after,))
    assert not ours(changed, rrsig, key(mnemonic).dnskey)
    assert not dnspythons(changed, rrsig, key(mnemonic).dnskey)


@given(signed, st.data())
def test_one_changed_byte_of_the_key_is_refused_by_both(
    drawn: tuple[RRset, str], data: st.DataObject
) -> None:
    rrset, mnemonic = drawn
    dnskey = key(mnemonic).dnskey
    changed = dnskey.replace(key=change(dnskey.key, data))
    assert isinstance(changed, DNSKEY)
    rrsig = sign(SigningJob(rrset, key(mnemonic), WINDOW, APEX)).replace(key_tag=key_tag(changed))
    assert isinstance(rrsig, RRSIG)
    assert not ours(rrset, rrsig, changed)
    assert not dnspythons(rrset, rrsig, changed)


@given(signed, st.sampled_from(("original_ttl", "labels", "expiration", "inception")))
def test_one_changed_field_of_the_rrsig_is_refused_by_both(
    drawn: tuple[RRset, str], field: str
) -> None:
    rrset, mnemonic = drawn
    rrsig = sign(SigningJob(rrset, key(mnemonic), WINDOW, APEX))
    changed = rrsig.replace(**{field: getattr(rrsig, field) ^ 1})
    assert isinstance(changed, RRSIG)
    assert not ours(rrset, changed, key(mnemonic).dnskey)
    assert not dnspythons(rrset, changed, key(mnemonic).dnskey)


def change(octets: bytes, data: st.DataObject) -> bytes:
    """Return *octets* with one byte changed."""
    at = data.draw(st.integers(0, len(octets) - 1))
    other = data.draw(st.integers(1, 255))
    return octets[:at] + bytes([octets[at] ^ other]) + octets[at + 1 :]


@given(st.lists(names, min_size=2, max_size=8, unique=True), names)
def test_every_name_is_an_owner_or_in_exactly_one_gap(owners: list[Name], name: Name) -> None:
    chain = sorted(owners)
    gaps = zip(chain, (*chain[1:], chain[0]), strict=True)
    covered = sum(nsec.covers(owner, following, name) for owner, following in gaps)
    assert covered == (0 if name in chain else 1)


@given(st.lists(names, min_size=2, max_size=8, unique=True), names, st.binary(max_size=8))
def test_every_hash_is_an_owner_or_in_exactly_one_gap(
    owners: list[Name], name: Name, salt: bytes
) -> None:
    hashing = Nsec3Parameters(1, salt)
    chain = sorted({hashing.hash(owner) for owner in owners})
    gaps = zip(chain, (*chain[1:], chain[0]), strict=True)
    digest = hashing.hash(name)
    covered = sum(nsec3.covers(start, following, digest) for start, following in gaps)
    assert covered == (0 if digest in chain else 1)


def exists(owners: set[Name], name: Name) -> bool:
    return any(owner.is_subdomain(name) for owner in owners)


def answerable(owners: set[Name], name: Name) -> bool:
    """Tell whether *name* exists, or a wildcard stands for it (RFC 4592 section 3.3.1)."""
    encloser = name
    while not exists(owners, encloser):
        encloser = encloser.parent()
    return encloser == name or exists(owners, Name((b"*", *encloser.labels)))


few = st.sampled_from((b"a", b"b", b"*", b"z"))
crowded = st.lists(few, max_size=4).map(lambda own: Name((*own, *APEX.labels)))
zones = st.sets(crowded, max_size=6).map(lambda owners: owners | {APEX})
APEX_TYPES = (RdataType.NS, RdataType.SOA)


@given(zones, crowded)
def test_nsec_denies_exactly_the_names_that_are_absent(owners: set[Name], name: Name) -> None:
    chain = sorted(owners)
    following = (*chain[1:], chain[0])
    records = tuple(
        NsecRecord(owner, nsec.make_nsec(after, APEX_TYPES if owner == APEX else ()))
        for owner, after in zip(chain, following, strict=True)
    )
    proof = nsec_proof.no_name(records, name)
    assert (proof.finding is Finding.PROVEN) is not answerable(owners, name)


@given(zones, crowded)
def test_nsec3_denies_exactly_the_names_that_are_absent(owners: set[Name], name: Name) -> None:
    hashing = Nsec3Parameters()
    ancestors = {Name(one.labels[-n:]) for one in owners for n in range(2, len(one) + 1)}
    chain = sorted((hashing.hash(one), one) for one in ancestors)
    following = (*chain[1:], chain[0])
    records = tuple(
        Nsec3Record(digest, nsec3.make_nsec3(after, APEX_TYPES if owner == APEX else ()))
        for (digest, owner), (after, _) in zip(chain, following, strict=True)
    )
    proof = nsec3_proof.no_name(HashedZone(APEX, records, budget=32), name)
    assert (proof.finding is Finding.PROVEN) is not answerable(owners, name)


@given(names, st.integers(0, 20), st.binary(max_size=8))
def test_the_hash_is_dnspythons(name: Name, iterations: int, salt: bytes) -> None:
    label = nsec3.to_label(Nsec3Parameters(iterations, salt).hash(name))
    expected = dns.dnssec.nsec3_hash(name, salt.hex(), iterations, 1)
    assert label.decode().upper() == expected


@given(st.sets(st.integers(1, 65535), max_size=20))
def test_a_bitmap_gives_back_its_types(numbers: set[int]) -> None:
    rdtypes = {RdataType.make(number) for number in numbers}
    assert nsec.types(nsec.make_nsec(APEX, rdtypes)) == rdtypes

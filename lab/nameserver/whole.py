"""Sign a whole zone at once: the octets of what `publication` describes, without its objects.

An answer may cost an object here and there; here everything is made a hundred thousand times. So
each owner is written once, its records once for the secondary and for the signature. All comes in
parts, between which something else can be done, or which several processes can share.

`publication` stays the account of a whole zone that is easy to read, and knows more: faults and the
digest of a zone. A test holds both against each other.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import count, islice
from typing import NamedTuple, cast

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import RRset
from lab.dnssec.canonical import (
    RRSIG_HEAD,
    WITH_NAMES,
    joined_records,
    labels,
    name_octets,
    published_octets,
    rdata_octets,
    windows_octets,
    wire_of,
)
from lab.dnssec.keys import SigningKey, key_tag
from lab.dnssec.nsec import bitmap
from lab.dnssec.signing import place_at
from lab.nameserver.denial import types_of
from lab.nameserver.denial_nsec import BESIDE_NSEC, NsecDenial
from lab.nameserver.entries import Entry, Key, entry_of, key_of
from lab.nameserver.leaves import Leaf
from lab.nameserver.publication import is_authoritative, publication
from lab.nameserver.signer import Signer
from lab.nameserver.tree import ServedZone

# Owners that are done in a row: to sign them takes about a hundredth of a second.
PART = 50

_UINT32 = 2**32 - 1
_DNSKEY, _NSEC, _RRSIG = int(RdataType.DNSKEY), int(RdataType.NSEC), int(RdataType.RRSIG)
_NO_ENTRIES: Mapping[Key, Entry] = {}


@dataclass(frozen=True, slots=True)
class Share:
    """Say which parts are to be made, if several processes share the work.

    Attributes:
        number: the first one, counted from 0.
        count: how many processes there are: each makes every so manieth part.
    """

    number: int = 0
    count: int = 1


ALL = Share()


def parts(
    served: ServedZone,
    now: Instant,
    before: Mapping[Key, Entry] = _NO_ENTRIES,
    share: Share = ALL,
) -> Iterator[list[Entry]]:
    """Iterate over the parts of *served*, signed as of *now*; the very first entry is the SOA.

    Args:
        served: a zone in which no fault acts.
        now: decides the windows of signatures.
        before: an earlier version, whose signatures are taken over where they fit.
        share: which parts.
    """
    if served.signer is not None and served.signer.zonemd is not None:
        # The digest is over everything: nothing can be told before all is there.
        if not share.number:
            yield [entry_of(one) for one in publication(served, now)]
        return
    pen = _Pen(served, now, before)
    places = _places(served)
    for number in count():
        part = list(islice(places, PART))
        if not part:
            return
        if number % share.count == share.number:
            yield [entry for place in part for entry in pen.written(place)]


def written(
    served: ServedZone, now: Instant, before: Mapping[Key, Entry], owners: Iterable[Name]
) -> Iterator[Entry]:
    """Iterate over the entries of some owners, as `parts` has them, without those of NSEC3."""
    pen, zone = _Pen(served, now, before), served.zone
    has_nsec = isinstance(served.denial, NsecDenial)
    for owner in owners:
        leaf = zone.leaf(owner)
        if leaf is not None:
            chained = has_nsec and not leaf.is_glue()
            following = wire_of(zone.next_owner(leaf.key())) if chained else b""
            yield from pen.written(_Place(leaf, wire_of(leaf.key()), following))


class _Place(NamedTuple):
    """Hold what stands at one owner.

    Attributes:
        leaf: the records.
        octets: the owner.
        following: the next one, for an NSEC; empty where there is none.
    """

    leaf: Leaf
    octets: bytes
    following: bytes


def _places(served: ServedZone) -> Iterator[_Place]:
    """Iterate over the owners of a zone, and those of its NSEC3 chain."""
    denial, zone, apex = served.denial, served.zone, wire_of(served.apex)
    has_nsec, octets = isinstance(denial, NsecDenial), apex
    owned = (leaf for _, leaf in zone.walk() if not leaf.is_glue())
    leaf = next(owned)
    for after in owned:
        following = wire_of(after.key())
        yield _Place(leaf, octets, following if has_nsec else b"")
        leaf, octets = after, following
    # RFC 4034 section 4.1.1: the last one leads back to the apex.
    yield _Place(leaf, octets, apex if has_nsec else b"")
    for name, leaf in zone.walk() if zone.version.delegations else ():
        if leaf.is_glue():
            yield _Place(leaf, wire_of(name), b"")
    if denial is not None and not has_nsec:
        for rrset in denial.chain():
            yield _Place(Leaf((rrset,)), wire_of(rrset.owner), b"")


class _Owner(NamedTuple):
    """Hold an owner as it is published, and as it is signed."""

    octets: bytes
    small: bytes
    labels: int


class _Pen:
    """Write what stands at one owner after the other."""

    def __init__(self, served: ServedZone, now: Instant, before: Mapping[Key, Entry]) -> None:
        self._signer, self._now, self._before = served.signer, int(now), before
        self._apex, self._ttl = name_octets(served.apex), served.zone.negative_ttl
        self._lasting = _lasting(served.signer, before.get(key_of(self._apex, _DNSKEY)))

    def written(self, place: _Place) -> Iterator[Entry]:
        """Iterate over the entries of one owner."""
        leaf = place.leaf
        owner = _Owner(place.octets, place.octets.lower(), labels(leaf.key()))
        for rrset in sorted(leaf.rrsets, key=_soa_first):
            rdatas = tuple([published_octets(one) for one in rrset.rdatas])
            entry = Entry(owner.octets, int(rrset.rdtype), rrset.ttl, rdatas)
            yield entry
            if self._signer is not None and is_authoritative(leaf, rrset.rdtype):
                has_names = rrset.rdtype in WITH_NAMES
                signed = [rdata_octets(one) for one in rrset.rdatas] if has_names else rdatas
                yield self._signatures(self._signer, owner, entry, signed)
        if place.following and self._signer is not None:
            rdata = place.following + _bitmap(types_of(leaf))
            entry = Entry(owner.octets, _NSEC, self._ttl, (rdata,))
            yield entry
            yield self._signatures(self._signer, owner, entry, entry.rdatas)

    def _signatures(
        self, signer: Signer, owner: _Owner, entry: Entry, rdatas: Collection[bytes]
    ) -> Entry:
        """Return the RRSIGs over *entry*, whose records have the canonical form *rdatas*."""
        _, rdtype, ttl, _ = entry
        records = joined_records(owner.small, rdtype, ttl, rdatas)
        inception, expiration = signer.policy.times(self._now, place_at(owner.small, rdtype))
        known = self._known(owner, entry) if self._before else ()
        rrsigs = []
        for key in signer.keys_of(rdtype):
            numbers = (rdtype, key.dnskey.algorithm, owner.labels, ttl)
            times = (expiration & _UINT32, inception & _UINT32)
            head = RRSIG_HEAD.pack(*numbers, *times, key.tag) + self._apex
            kept = next((one for one in known if one.startswith(head)), None)
            if kept is None or key not in self._lasting:
                kept = head + key.sign(head + records)
            rrsigs.append(kept)
        return Entry(owner.octets, _RRSIG, ttl, tuple(rrsigs))

    def _known(self, owner: _Owner, entry: Entry) -> tuple[bytes, ...]:
        """Return the RRSIGs that the same records had before."""
        before = self._before.get(key_of(owner.small, entry.rdtype))
        if before is None or before[2:] != entry[2:]:
            return ()
        covered = entry.rdtype.to_bytes(2, "big")
        signatures = self._before.get(key_of(owner.small, _RRSIG, covered))
        return () if signatures is None else signatures.rdatas


def _lasting(signer: Signer | None, before: Entry | None) -> frozenset[SigningKey]:
    """Return the keys that the DNSKEY RRset *before* has, and no other one with the same tag."""
    if signer is None or before is None:
        return frozenset()
    dnskeys = cast("tuple[DNSKEY, ...]", before.rrset().rdatas)
    tags = Counter(key_tag(one) for one in dnskeys)
    return frozenset(
        one for one in signer.keys.keys if one.dnskey in dnskeys and tags[one.tag] == 1
    )


def _soa_first(rrset: RRset) -> tuple[bool, int]:
    return rrset.rdtype != RdataType.SOA, rrset.rdtype


@lru_cache(maxsize=1024)
def _bitmap(rdtypes: frozenset[RdataType]) -> bytes:
    """Return the bitmap of an NSEC at an owner of *rdtypes*: most have the same few."""
    return windows_octets(bitmap(rdtypes | BESIDE_NSEC))

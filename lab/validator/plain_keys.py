"""By the keys of a zone, is a plain answer authentic? The rules of `dnssec.rrsig`, on octets.

What convinces here convinces there; what does not may well do so there, where several keys of one
tag and further RRSIGs are tried, too, and each check is told.
"""

import struct
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import dns.rdata
from dns.dnssectypes import DSDigest
from dns.name import Name, root
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from lab.core.checks import Outcome, outcome_of
from lab.core.frozen import dataclass
from lab.core.instant import Instant, not_after, serial_to_instant
from lab.dnssec.algorithms import DIGESTS, verify
from lab.dnssec.canonical import name_octets, rdata_octets
from lab.dnssec.keys import key_tag
from lab.dnssec.rrsig import fitness_checks
from lab.validator.plain import PlainAnswer, WireRrsig, name_of
from lab.validator.settings import Settings

_RECORD = struct.Struct("!HHI")
_DS_FIELDS = struct.Struct("!HBB")
# Keys that were decoded last, those of some hundred zones.
_KEPT = 1024


class PlainDs(NamedTuple):
    """Hold a DS (RFC 4034 section 5.1)."""

    key_tag: int
    algorithm: int
    digest_type: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class PlainKeys:
    """Hold keys of one zone.

    Attributes:
        apex: of the zone.
        keys: RDATA, by algorithm and key tag.
    """

    apex: Name
    keys: Mapping[tuple[int, int], bytes]


def keys_of(apex: Name, rdatas: Iterable[bytes]) -> PlainKeys | None:
    """Return the DNSKEY RRset of a zone; None if algorithm and key tag are not enough to choose."""
    found = [(_decoded(one), one) for one in rdatas]
    keys = {(int(key.algorithm), tag): rdata for (key, tag), rdata in found}
    return PlainKeys(apex, keys) if len(keys) == len(found) else None


@lru_cache(_KEPT)
def keys_of_link(apex: Name, dnskeys: tuple[DNSKEY, ...]) -> PlainKeys | None:
    """Return the same for keys that were decoded, and judged, before."""
    return keys_of(apex, map(rdata_octets, dnskeys))


def ds_of(rdata: bytes) -> PlainDs:
    """Return the DS that RDATA is."""
    tag, algorithm, digest_type = _DS_FIELDS.unpack_from(rdata)
    return PlainDs(tag, algorithm, digest_type, rdata[_DS_FIELDS.size :])


def ds_of_anchor(ds: DS) -> PlainDs:
    """Return a DS of a trust anchor."""
    return PlainDs(ds.key_tag, int(ds.algorithm), int(ds.digest_type), ds.digest)


def is_usual(every: Iterable[PlainDs], settings: Settings) -> bool:
    """Tell whether all of a DS RRset or trust anchor can be used, and nothing of it is SHA-1."""
    return all(
        ds.digest_type in settings.digests
        and ds.digest_type != DSDigest.SHA1
        and ds.algorithm in settings.algorithms
        for ds in every
    )


def named_by(every: Iterable[PlainDs], keys: PlainKeys) -> PlainKeys | None:
    """Return those of *keys* that a usual DS RRset or anchor names (RFC 4035 section 5.2).

    None if there is none, or if a digest does not fit the key of its tag.
    """
    owner, found = name_octets(keys.apex), {}
    for ds in every:
        identity = ds.algorithm, ds.key_tag
        rdata = keys.keys.get(identity)
        if rdata is None:
            continue
        if DIGESTS[ds.digest_type](owner + rdata) != ds.digest:
            return None
        found[identity] = rdata
    return PlainKeys(keys.apex, found) if found else None


def signature_of(
    answer: PlainAnswer, keys: PlainKeys, settings: Settings, now: Instant
) -> WireRrsig | None:
    """Return the first RRSIG of *answer* if it authenticates it (RFC 4035 section 5.3)."""
    rrsig = answer.rrsigs[0]
    return rrsig if _authenticates(rrsig, answer, keys, settings, now) else None


def signature_of_keys(
    answer: PlainAnswer, named: PlainKeys, settings: Settings, now: Instant
) -> WireRrsig | None:
    """Return the first RRSIG of a DNSKEY RRset by a *named* key if it authenticates it."""
    by_named = (one for one in answer.rrsigs if (one.algorithm, one.key_tag) in named.keys)
    rrsig = next(by_named, None)
    if rrsig is None or not _authenticates(rrsig, answer, named, settings, now):
        return None
    return rrsig


def _authenticates(
    rrsig: WireRrsig, answer: PlainAnswer, keys: PlainKeys, settings: Settings, now: Instant
) -> bool:
    """Tell whether *rrsig* convinces; the conditions are those of RFC 4035 section 5.3.1."""
    owner, skew = answer.owner, settings.skew_s
    key = keys.keys.get((rrsig.algorithm, rrsig.key_tag))
    return (
        key is not None
        and name_of(rrsig.signer) == keys.apex
        and owner.is_subdomain(keys.apex)
        # Neither made from a wildcard nor one itself.
        and rrsig.labels == len(owner.labels) - 1
        and not owner.is_wild()
        and not_after(rrsig.inception, rrsig.expiration)
        and not_after(now - skew, rrsig.expiration)
        and not_after(rrsig.inception, now + skew)
        and rrsig.algorithm in settings.algorithms
        and _is_fit(key)
        and verify(_decoded(key)[0], rrsig.signature, _signed(answer, rrsig))
    )


def _signed(answer: PlainAnswer, rrsig: WireRrsig) -> bytes:
    """Return the octets that *rrsig* covers (RFC 4034 section 3.1.8.1)."""
    fields = _RECORD.pack(answer.rdtype, RdataClass.IN, rrsig.original_ttl)
    head = name_octets(answer.owner) + fields
    records = [head + len(one).to_bytes(2, "big") + one for one in answer.canonical]
    # The lengths of labels, 63 at most, are no letters.
    return b"".join([rrsig.head, rrsig.signer.lower(), *records])


def lifetime_by(rrsig: WireRrsig, answer: PlainAnswer, now: Instant) -> int:
    """Return for how many seconds *answer* may be kept (RFC 4035 section 5.3.3)."""
    left = int(serial_to_instant(rrsig.expiration, now)) - int(now)
    return max(0, min(answer.ttl, answer.rrsig_ttl, rrsig.original_ttl, left))


@lru_cache(_KEPT)
def _decoded(rdata: bytes) -> tuple[DNSKEY, int]:
    """Return a DNSKEY with its key tag."""
    dnskey = dns.rdata.from_wire(RdataClass.IN, RdataType.DNSKEY, rdata, 0, len(rdata))
    assert isinstance(dnskey, DNSKEY)
    return dnskey, key_tag(dnskey)


@lru_cache(_KEPT)
def _is_fit(rdata: bytes) -> bool:
    """Tell whether a DNSKEY may sign data of its zone (RFC 4034 section 2.1)."""
    checks = fitness_checks(root, _decoded(rdata)[0])
    return outcome_of(tuple(checks)) is not Outcome.FAILED

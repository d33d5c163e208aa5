"""Faults of keys: the DNSKEY RRset says something else of a key, and is well signed."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from typing import cast

from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.dnskeybase import Flag

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, RRset
from lab.faults.fault import OnZone, fault


class Kind(Enum):
    """Name the keys of a zone by their SEP flag, as operators do (RFC 4034 section 2.1.1)."""

    KSK = "ksk"
    ZSK = "zsk"
    EVERY = "every"

    def includes(self, dnskey: DNSKEY) -> bool:
        """Tell whether *dnskey* is one of them."""
        return self is Kind.EVERY or bool(dnskey.flags & Flag.SEP) == (self is Kind.KSK)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnKeys(OnZone):
    """Change DNSKEY records of a zone before they are signed; the private keys are as before.

    Attributes:
        keys: which are meant: "ksk", "zsk" or "every".
    """

    keys: Kind = Kind.EVERY

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the DNSKEY RRset with changed records; *now* plays no part."""
        del now
        if value.rdtype != RdataType.DNSKEY:
            return value
        return replace(value, rdatas=tuple(self._each(value)))

    def _each(self, rrset: RRset) -> Iterator[DNSKEY]:
        for rdata in rrset.rdatas:
            dnskey = cast("DNSKEY", rdata)
            published = self.changed(dnskey) if self.keys.includes(dnskey) else dnskey
            if published is not None:
                yield published

    @abstractmethod
    def changed(self, dnskey: DNSKEY) -> DNSKEY | None:
        """Return *dnskey* as it is published; None: not at all."""


def _with(dnskey: DNSKEY, **fields: int | bytes) -> DNSKEY:
    return cast("DNSKEY", dnskey.replace(**fields))


@fault("dnskey-missing", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DnskeyMissing(OnKeys):
    """Publish no more the KSKs, or the ZSKs, while they go on signing: one step too early.

    Without the KSK a validator reports: rule ds.matches, without the ZSK: rule rrsig.dnskey, both
    with status bogus (RFC 4035 sections 5.2 and 5.3.1). RFC 6781 section 4.1 tells when to remove.

    Attributes:
        keys: which are gone: "ksk" or "zsk"; with "every" nothing would be left to sign.
    """

    keys: Kind = Kind.ZSK

    def changed(self, dnskey: DNSKEY) -> None:
        """Return nothing."""


@fault("dnskey-garbled", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DnskeyGarbled(OnKeys):
    """Flip a bit of the public key: somebody copied it by hand.

    Its key tag changes with it, so that no DS and no RRSIG names it any more.
    A validator reports: rule ds.matches for the KSK, rule rrsig.dnskey for the ZSK, status bogus
    (RFC 4035 sections 5.2 and 5.3.1).
    """

    def changed(self, dnskey: DNSKEY) -> DNSKEY:
        """Return it with one bit flipped."""
        return _with(dnskey, key=dnskey.key[:-1] + bytes([dnskey.key[-1] ^ 1]))


@fault("dnskey-not-of-zone", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DnskeyNotOfZone(OnKeys):
    """Clear the Zone Key flag: a key for something else than the data of a zone.

    The flag is part of what a key tag is made of, so that no DS and no RRSIG names the key.
    A validator reports: rule ds.matches for the KSK, rule rrsig.dnskey for the ZSK, status bogus,
    and beside it rule dnskey.zone-flag (RFC 4034 section 2.1.1).
    """

    def changed(self, dnskey: DNSKEY) -> DNSKEY:
        """Return it without the flag."""
        return _with(dnskey, flags=dnskey.flags & ~Flag.ZONE)


@fault("dnskey-protocol", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DnskeyProtocol(OnKeys):
    """Publish another protocol than 3, as KEY records had it before DNSSEC was alone with them.

    The field is part of what a key tag is made of, so that no DS and no RRSIG names the key.
    A validator reports: rule ds.matches for the KSK, rule rrsig.dnskey for the ZSK, status bogus
    (RFC 4034 section 2.1.2).

    Attributes:
        protocol: the number that stands there.
    """

    protocol: int = 2

    def changed(self, dnskey: DNSKEY) -> DNSKEY:
        """Return it with the other number."""
        return _with(dnskey, protocol=self.protocol)


@fault("dnskey-algorithm", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DnskeyAlgorithm(OnKeys):
    """Publish a key under the number of another algorithm than that it signs with.

    A validator reports: rule ds.matches for the KSK, rule rrsig.dnskey for the ZSK, status bogus
    (RFC 4035 sections 5.2 and 5.3.1). That the number is unknown is no excuse: the DS names a
    known one.

    Attributes:
        algorithm: the number that stands there; 8 is RSASHA256, 100 and 200 are not assigned.
    """

    algorithm: int = 8

    def changed(self, dnskey: DNSKEY) -> DNSKEY:
        """Return it with the other number."""
        return _with(dnskey, algorithm=self.algorithm)


@fault("dnskey-revoked", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DnskeyRevoked(OnKeys):
    """Set the REVOKE flag of a key that the DS still names: the key was thrown away too early.

    A validator reports: rule ds.matches, status bogus: the flag changes key tag and digest
    (RFC 5011 section 2.1).

    Attributes:
        keys: which are revoked: "ksk", "zsk" or "every".
    """

    keys: Kind = Kind.KSK

    def changed(self, dnskey: DNSKEY) -> DNSKEY:
        """Return it with the flag."""
        return _with(dnskey, flags=dnskey.flags | Flag.REVOKE)


@fault("dnskey-cut", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DnskeyCut(OnKeys):
    """Publish the beginning of a public key only: a line of the zone file was too long.

    A validator reports: rule ds.matches for the KSK, rule rrsig.dnskey for the ZSK, status bogus
    (RFC 4035 sections 5.2 and 5.3.1).

    Attributes:
        octets: how many are left.
    """

    octets: int = 8

    def changed(self, dnskey: DNSKEY) -> DNSKEY:
        """Return it with a short key."""
        return _with(dnskey, key=dnskey.key[: self.octets])


@fault("dnskey-standby-only", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DnskeyStandbyOnly(OnZone):
    """Publish the last key of the zone only, which is one in waiting where there is one.

    All others go on signing; who kept the list of keys thought that they were retired.
    A validator reports: rule ds.matches or rule dnskey.signed-by-entry, status bogus
    (RFC 4035 section 5.2).
    """

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the last DNSKEY; *now* plays no part."""
        del now
        if value.rdtype != RdataType.DNSKEY:
            return value
        return replace(value, rdatas=value.rdatas[-1:])


@fault("dnskey-colliding", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DnskeyColliding(OnZone):
    """Publish more keys with the key tag of each key: every signature fits all of them.

    With `rrsig-many` beside it this is KeyTrap (CVE-2023-50387): work for a validator that tries
    every key with every signature. RFC 4035 section 5.3.1: the key tag is a hint, so each is tried.
    A validator reports: status secure if they are few. Of many it reports: rule effort.bounded,
    status bogus: it gives up before it has found the right one.

    Attributes:
        count: how many more for each key.
    """

    count: int = 2

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the keys, and before each those that look like it; *now* plays no part."""
        del now
        if value.rdtype != RdataType.DNSKEY:
            return value
        every = (cast("DNSKEY", one) for one in value.rdatas)
        alike = tuple(one for key in every for one in (*self._doubles(key), key))
        return replace(value, rdatas=tuple(dict.fromkeys(alike)))

    def _doubles(self, dnskey: DNSKEY) -> Iterator[DNSKEY]:
        # RFC 4034 appendix B: the tag is a sum of pairs of octets, in whatever order they stand.
        # Before the last one: an RSA modulus stays odd.
        last = len(dnskey.key) // 2 - 1
        for place in range(last - self.count, last):
            key = bytearray(dnskey.key)
            here, there = slice(2 * place, 2 * place + 2), slice(2 * place - 2, 2 * place)
            key[here], key[there] = key[there], key[here]
            yield _with(dnskey, key=bytes(key))

"""Trust anchors: the keys that a validator believes without a parent (RFC 4033 section 5).

An anchor is a DS or a DNSKEY; its owner is where an island of security starts. Several islands may
lie within each other: the closest one counts.
"""

from collections.abc import Iterable
from functools import lru_cache

from dns.exception import DNSException
from dns.name import Name, root
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.zonefile import read_rrsets

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import Instant

# Texts that are read once, however often a program names them.
KEPT = 64


@dataclass(frozen=True, slots=True)
class TrustAnchor:
    """Hold what is believed about one zone.

    Attributes:
        apex: where the island starts.
        ds: digests of keys; any of them may match.
        dnskeys: keys themselves; any of them may match.
    """

    apex: Name
    ds: tuple[DS, ...] = ()
    dnskeys: tuple[DNSKEY, ...] = ()


@dataclass(frozen=True, slots=True)
class NegativeAnchor:
    """Switch validation off from one name down, for a while (RFC 7646).

    A trust anchor below it counts all the same.

    Attributes:
        apex: of the zone that is known to be broken.
        until: last moment at which it holds (RFC 7646 section 4: at most a week); None for ever.
        reason: for whoever reads a report.
    """

    apex: Name
    until: Instant | None = None
    reason: str = ""

    def holds(self, now: Instant) -> bool:
        """Tell whether it is in force."""
        return self.until is None or now <= self.until


@lru_cache(maxsize=KEPT)
def parse_anchors(text: str, where: str) -> tuple[TrustAnchor, ...]:
    """Return the anchors of a text in presentation format, one RR a line, `;` starts a comment.

    Args:
        text: DS or DNSKEY RRs with absolute owners; TTL and class may be left out.
        where: name of the text, for errors.

    Raises:
        InputError: names *where* and the line.
    """
    found: dict[Name, list[Rdata]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        for apex, rdata in _parse_line(line, f"{where}:{number}"):
            found.setdefault(apex, []).append(rdata)
    return tuple(_anchor(apex, rdatas) for apex, rdatas in found.items())


def _parse_line(line: str, where: str) -> list[tuple[Name, Rdata]]:
    if not line.partition(";")[0].strip():
        return []
    try:
        rrsets = read_rrsets(line, rdclass=None, default_ttl=0, origin=root, relativize=False)
    except (DNSException, ValueError) as error:
        raise InputError(f"this is no trust anchor: {error}", where) from error
    pairs = [(rrset.name, rdata) for rrset in rrsets for rdata in rrset]
    for _, rdata in pairs:
        if not isinstance(rdata, DS | DNSKEY):
            kind = RdataType.to_text(rdata.rdtype)
            raise InputError(f"a trust anchor is a DS or a DNSKEY, not {kind}", where)
    return pairs


def _anchor(apex: Name, rdatas: list[Rdata]) -> TrustAnchor:
    ds = tuple(one for one in rdatas if isinstance(one, DS))
    dnskeys = tuple(one for one in rdatas if isinstance(one, DNSKEY))
    return TrustAnchor(apex, ds, dnskeys)


def closest_anchor(anchors: Iterable[TrustAnchor], name: Name) -> TrustAnchor | None:
    """Return the anchor that judges *name*: the deepest at or above it; None if there is none.

    Several of one apex are one anchor: any key of any of them will do (RFC 4035 section 5).
    """
    above = [one for one in anchors if name.is_subdomain(one.apex)]
    apex = max((one.apex for one in above), key=len, default=None)
    if apex is None:
        return None
    closest = [one for one in above if one.apex == apex]
    ds = tuple(ds for one in closest for ds in one.ds)
    return TrustAnchor(apex, ds, tuple(key for one in closest for key in one.dnskeys))

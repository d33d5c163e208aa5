"""The conditions of a dynamic update: what must be so before anything is done (RFC 2136 3.2)."""

from collections.abc import Iterable

from dns.name import Name
from dns.rcode import Rcode
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType, is_metatype
from dns.rrset import RRset as Line

from lab.core.frozen import dataclass
from lab.nameserver.zone import Zone


@dataclass(frozen=True, slots=True)
class Failed:
    """Name a prerequisite that is not met, or not well formed.

    Attributes:
        rcode: that RFC 2136 section 3.2.5 has for it.
        reason: which one, in words.
    """

    rcode: Rcode
    reason: str


def failed_prerequisite(zone: Zone, lines: Iterable[Line]) -> Failed | None:
    """Return the first of *lines* that does not hold for *zone*; None if all of them do."""
    wanted: dict[tuple[Name, RdataType], set[Rdata]] = {}
    for line in lines:
        failed = _malformed(zone, line) or _unmet(zone, line)
        if failed is not None:
            return failed
        if line.deleting is None:
            wanted.setdefault((line.name, line.rdtype), set()).update(line)
    for (owner, rdtype), rdatas in wanted.items():
        present = zone.rrset(owner, rdtype)
        # RFC 2136 section 3.2.3: value dependent; the whole RRset is compared, TTLs are not.
        if present is None or set(present.rdatas) != rdatas:
            what = f"{owner} {RdataType.to_text(rdtype)}"
            return Failed(Rcode.NXRRSET, f"{what} is not what was expected")
    return None


def _malformed(zone: Zone, line: Line) -> Failed | None:
    if line.ttl:
        return Failed(Rcode.FORMERR, f"the prerequisite {line.name} has a TTL")
    if not line.name.is_subdomain(zone.apex):
        return Failed(Rcode.NOTZONE, f"{line.name} is not in the zone {zone.apex}")
    if line.rdclass != RdataClass.IN:
        return Failed(Rcode.FORMERR, f"{line.name} is of another class than the zone")
    is_any = line.rdtype == RdataType.ANY and line.deleting is not None
    if is_metatype(line.rdtype) and not is_any:
        return Failed(Rcode.FORMERR, f"{line.name} is asked for by a type of no record")
    return None


def _unmet(zone: Zone, line: Line) -> Failed | None:
    """Judge the four prerequisites that do not depend on values (sections 3.2.1 to 3.2.4)."""
    what = f"{line.name} {RdataType.to_text(line.rdtype)}"
    if line.deleting == RdataClass.ANY:
        if line.rdtype == RdataType.ANY:
            # Section 3.2.4: a name is in use if a record stands there; not so between two.
            in_use = bool(zone.rrsets(line.name))
            return None if in_use else Failed(Rcode.NXDOMAIN, f"{line.name} is not in use")
        exists = zone.rrset(line.name, line.rdtype) is not None
        return None if exists else Failed(Rcode.NXRRSET, f"there is no {what}")
    if line.deleting == RdataClass.NONE:
        if line.rdtype == RdataType.ANY:
            in_use = bool(zone.rrsets(line.name))
            return Failed(Rcode.YXDOMAIN, f"{line.name} is in use") if in_use else None
        exists = zone.rrset(line.name, line.rdtype) is not None
        return Failed(Rcode.YXRRSET, f"there is {what}") if exists else None
    return None

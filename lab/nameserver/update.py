"""Dynamic update (RFC 2136): what a message asks for, and what comes of it, as a value.

Decides: are the prerequisites met, is the update well formed and permitted, and which records go
and come; all of it or nothing. Not: who sent it (reception), and how it is made to last (app).
Records that the lab makes by itself, for DNSSEC, are not here to be changed.
"""

from collections.abc import Callable, Iterable

from dns.exception import DNSException
from dns.name import Name
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType, is_metatype
from dns.rrset import RRset as Line
from dns.update import UpdateMessage

from lab.core.errors import ZoneError
from lab.core.frozen import dataclass
from lab.core.rules import Ede
from lab.nameserver.difference import Difference
from lab.nameserver.prerequisites import failed_prerequisite
from lab.nameserver.workspace import Workspace
from lab.nameserver.zone import Zone, following

May = Callable[[Name, RdataType], bool]
"""Tells whether the sender may change the RRset of this owner and type."""

MADE_BY_THE_LAB = frozenset(
    {
        RdataType.RRSIG,
        RdataType.NSEC,
        RdataType.NSEC3,
        RdataType.NSEC3PARAM,
        RdataType.DNSKEY,
        RdataType.CDS,
        RdataType.CDNSKEY,
        RdataType.ZONEMD,
    }
)

# An RRset must fit into one message, with its signatures.
RRSET_OCTETS = 32_768
# So that no sender fills the memory.
OWNERS_LIMIT = 2_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """Say what came of an update.

    Attributes:
        rcode: NOERROR, or why nothing was done.
        change: of the zone; empty if nothing was done, or nothing had to be.
        zone: after the change, with a greater serial; None without one.
        ede: more about a refusal (RFC 8914); None for nothing.
        reason: the same as a sentence; empty for nothing.
    """

    rcode: Rcode
    change: Difference = Difference()
    ede: Ede | None = None
    reason: str = ""
    zone: Zone | None = None


class _Refusal(Exception):  # noqa: N818 it never leaves this module
    """Stop at the first line that cannot be done."""

    def __init__(self, rcode: Rcode, reason: str, ede: Ede | None = None) -> None:
        super().__init__(reason)
        self.outcome = Outcome(rcode, ede=ede, reason=reason)


def update(zone: Zone, message: UpdateMessage, may: May) -> Outcome:
    """Return what *message* makes of *zone*, whose name stands in its zone section.

    Args:
        zone: as it is now, without DNSSEC.
        message: parsed, and its sender known.
        may: what the sender may change.
    """
    failed = failed_prerequisite(zone, message.prerequisite)
    if failed is not None:
        return Outcome(failed.rcode, reason=failed.reason)
    work = Workspace(zone)
    try:
        # RFC 2136 section 3.4.1: everything is looked at before anything is changed.
        for line in message.update:
            _scan(zone, line)
        for line in message.update:
            _permit(zone, line, may)
        for line in message.update:
            _perform(work, line)
        change = work.change
        _measure(zone, work, change)
        after = _with_serial(zone, change).applied_to(zone) if change else None
    except _Refusal as refusal:
        return refusal.outcome
    except (ZoneError, DNSException) as error:
        return Outcome(Rcode.REFUSED, ede=Ede.OTHER, reason=str(error))
    return Outcome(Rcode.NOERROR, change, zone=after)


def _with_serial(zone: Zone, change: Difference) -> Difference:
    """Return *change* with a greater serial, unless it has one (RFC 2136 section 3.6)."""
    if any(one.rdtype == RdataType.SOA for one in change.added):
        return change
    return Difference(change.removed, (*change.added, zone.soa_with(following(zone.serial))))


def _scan(zone: Zone, line: Line) -> None:
    """Refuse a line that makes no sense (RFC 2136 section 3.4.1.3)."""
    what = f"{line.name} {RdataType.to_text(line.rdtype)}"
    if not line.name.is_subdomain(zone.apex):
        raise _Refusal(Rcode.NOTZONE, f"{line.name} is not in the zone {zone.apex}")
    if line.rdclass != RdataClass.IN:
        raise _Refusal(Rcode.FORMERR, f"{what} is of another class than the zone")
    if line.deleting == RdataClass.ANY and line.rdtype == RdataType.ANY:
        return
    if is_metatype(line.rdtype):
        raise _Refusal(Rcode.FORMERR, f"{what} is no type of a record")
    if line.deleting == RdataClass.NONE and line.ttl:
        raise _Refusal(Rcode.FORMERR, f"{what} is to be deleted, but has a TTL")


def _permit(zone: Zone, line: Line, may: May) -> None:
    """Refuse what the sender, or anybody, may not change (RFC 2136 section 3.3)."""
    if line.rdtype in MADE_BY_THE_LAB:
        reason = f"{RdataType.to_text(line.rdtype)} records are made by the server itself"
        raise _Refusal(Rcode.REFUSED, reason, Ede.NOT_SUPPORTED)
    is_wild_cut = line.rdtype == RdataType.NS and line.name.is_wild() and line.name != zone.apex
    if is_wild_cut and not line.deleting:
        # RFC 4592 section 4.2: nobody has said what the delegation of a wildcard would mean.
        raise _Refusal(Rcode.REFUSED, f"the wildcard {line.name} cannot be delegated", Ede.OTHER)
    # To delete a name is to delete each RRset that it has.
    types: Iterable[RdataType] = (line.rdtype,)
    if line.rdtype == RdataType.ANY:
        types = [one.rdtype for one in zone.rrsets(line.name)] or types
    for rdtype in types:
        if not may(line.name, rdtype):
            what = f"{line.name} {RdataType.to_text(rdtype)}"
            raise _Refusal(Rcode.REFUSED, f"this sender may not change {what}", Ede.PROHIBITED)


def _perform(work: Workspace, line: Line) -> None:
    """Do one line (RFC 2136 section 3.4.2), on what the lines before it have made."""
    if line.deleting is None:
        for rdata in line:
            work.add(line.name, line.ttl, rdata)
    elif line.deleting == RdataClass.NONE:
        for rdata in line:
            work.delete_record(line.name, rdata)
    elif line.rdtype == RdataType.ANY:
        work.delete_name(line.name)
    else:
        work.delete_rrset(line.name, line.rdtype)


def _measure(zone: Zone, work: Workspace, change: Difference) -> None:
    """Refuse what would grow too large to be served."""
    if len(zone.version.nodes) + len(change.added) > OWNERS_LIMIT:
        raise _Refusal(Rcode.REFUSED, f"{zone.apex} is full", Ede.OTHER)
    for one in change.added:
        if work.octets(one.owner, one.rdtype) > RRSET_OCTETS:
            raise _Refusal(Rcode.REFUSED, f"{one} would not fit into a message", Ede.OTHER)

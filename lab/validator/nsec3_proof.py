"""What NSEC3 RRs prove (RFC 5155 section 8).

The records are authentic, of one zone and of equal parameters when they come here, and their
iterations are within the limit.
"""

from dataclasses import field

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC3 import NSEC3

from lab.core.checks import Check, broken, check
from lab.core.frozen import dataclass
from lab.dnssec import nsec3, rules
from lab.dnssec.nsec import types
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.validator.effort import Effort
from lab.validator.proof import (
    DENIAL_TYPES,
    Finding,
    Proof,
    absent_checks,
    cut_of,
    hides_below,
    proof_of,
    says_no_name,
)
from lab.validator.settings import Limits


@dataclass(frozen=True, slots=True)
class Nsec3Record:
    """Hold one NSEC3 RR.

    Attributes:
        digest: hash of the name that exists: the owner label, decoded.
        rdata: parameters, next hash and types.
    """

    digest: bytes
    rdata: NSEC3

    @property
    def present(self) -> frozenset[RdataType]:
        """Return the types at the name."""
        return types(self.rdata)

    @property
    def hashing(self) -> Nsec3Parameters:
        """Return how the name was hashed."""
        return nsec3.parameters(self.rdata)

    @property
    def opt_out(self) -> bool:
        """Tell whether unsigned delegations may stand in the gap (RFC 5155 section 6)."""
        return bool(self.rdata.flags & nsec3.OPT_OUT)

    def __str__(self) -> str:
        """Return it as `0p9mhav… NSEC3 2t7b4g4…`: hashes are long."""
        start, following = nsec3.to_label(self.digest), nsec3.to_label(self.rdata.next)
        return f"{start[:8].decode()}… NSEC3 {following[:8].decode()}…"


@dataclass(frozen=True, slots=True)
class HashedZone:
    """Look names up among the NSEC3 RRs of one message.

    Attributes:
        apex: of the zone.
        records: at least one.
        budget: names that may be hashed to find a closest encloser.
        effort: of the resolution.
    """

    apex: Name
    records: tuple[Nsec3Record, ...]
    budget: int
    effort: Effort = field(default_factory=lambda: Effort(Limits()), repr=False, compare=False)

    def _hash(self, name: Name) -> bytes | None:
        return self.effort.hash(self.records[0].hashing, name)

    def match(self, name: Name) -> Nsec3Record | None:
        """Return the record of *name*, which then exists."""
        digest = self._hash(name)
        if digest is None:
            return None
        return next((one for one in self.records if one.digest == digest), None)

    def cover(self, name: Name) -> Nsec3Record | None:
        """Return the record in whose gap *name* lies, which then does not exist."""
        digest = self._hash(name)
        if digest is None:
            return None
        fitting = (one for one in self.records if nsec3.covers(one.digest, one.rdata.next, digest))
        return next(fitting, None)

    def compared(self, gap: Nsec3Record | None, name: Name) -> dict[str, str]:
        """Return what a reader can compare by eye: the order of three hashes, or what was shown."""
        digest = self._hash(name)
        hashed = "not computed" if digest is None else nsec3.to_label(digest).decode()
        if gap is None:
            shown = "; ".join(str(one) for one in self.records)
            return {"covered_by": "none", "hash": hashed, "shown": shown}
        start, following = nsec3.to_label(gap.digest), nsec3.to_label(gap.rdata.next)
        end = "the end of the circle" if following <= start else following.decode()
        return {"covered_by": str(gap), "order": f"{start.decode()} < {hashed} < {end}"}


@dataclass(frozen=True, slots=True)
class Encloser:
    """Hold the outcome of a closest encloser proof (RFC 5155 section 8.3).

    Attributes:
        name: the closest encloser; None if none was found.
        next_closer: the record that covers the next closer name; None if none does.
        checks: why.
    """

    name: Name | None
    next_closer: Nsec3Record | None
    checks: tuple[Check, ...]

    @property
    def no_opt_out(self) -> Check | None:
        """Return the check that the next closer name is not in an Opt-Out span."""
        if self.next_closer is None:
            return None
        subject = str(self.next_closer)
        return check(rules.NSEC3_NO_OPT_OUT, not self.next_closer.opt_out, subject)


def closest_encloser(zone: HashedZone, name: Name) -> Encloser:
    """Return the longest ancestor of *name* that is proven to exist, and what covers the next."""
    for tried, depth in enumerate(range(len(name) - 1, len(zone.apex) - 1, -1), start=1):
        candidate = Name(name.labels[-depth:])
        if tried > zone.budget:
            return Encloser(None, None, (broken(rules.NSEC3_EFFORT, str(name), hashes=tried),))
        match = zone.match(candidate)
        if match is not None:
            return _encloser(zone, candidate, match, Name(name.labels[-depth - 1 :]))
    return Encloser(None, None, (broken(rules.NSEC3_CLOSEST_ENCLOSER, str(name), match="none"),))


def _encloser(zone: HashedZone, name: Name, match: Nsec3Record, next_closer: Name) -> Encloser:
    # RFC 5155 section 8.3: what is below a delegation or a DNAME is not this zone's to deny.
    fit = not hides_below(match.present)
    existing = check(rules.NSEC3_CLOSEST_ENCLOSER, fit, str(name), matched_by=match)
    gap = zone.cover(next_closer)
    facts = zone.compared(gap, next_closer)
    covered = check(rules.NSEC3_NEXT_CLOSER_COVERED, gap is not None, str(next_closer), **facts)
    return Encloser(name if fit else None, gap, (existing, covered))


def no_type(zone: HashedZone, name: Name, rdtype: RdataType) -> Proof:
    """Return whether *name*, or the wildcard that stands for it, has no *rdtype* (8.5 to 8.7)."""
    match = zone.match(name)
    if match is not None and says_no_name(match.present) and rdtype not in DENIAL_TYPES:
        return _compact(match)
    if match is not None:
        return proof_of(*absent_checks(match.present, name, rdtype, str(match)))
    encloser = closest_encloser(zone, name)
    if encloser.name is None or encloser.next_closer is None:
        return proof_of(*encloser.checks)
    wildcard = zone.match(Name((b"*", *encloser.name.labels)))
    if wildcard is not None:
        # RFC 5155 section 8.7; under Opt-Out section 9.2 forbids to call it secure.
        absent = absent_checks(wildcard.present, name, rdtype, str(wildcard))
        return proof_of(*encloser.checks, *absent, optional=encloser.no_opt_out)
    if rdtype == RdataType.DS and encloser.next_closer.opt_out:
        return proof_of(*encloser.checks, optional=encloser.no_opt_out)
    return proof_of(*encloser.checks, broken(rules.NSEC_TYPE_ABSENT, str(name), matched_by="none"))


def _compact(match: Nsec3Record) -> Proof:
    """Return that a name does not exist, as its own record says (RFC 9824 section 4)."""
    return Proof(Finding.NO_NAME, (check(rules.NSEC_NO_NAME, holds=True, subject=str(match)),))


def no_name(zone: HashedZone, name: Name) -> Proof:
    """Return whether neither *name* nor its wildcard exists (RFC 5155 section 8.4)."""
    encloser = closest_encloser(zone, name)
    if encloser.name is None or encloser.next_closer is None:
        return proof_of(*encloser.checks)
    wildcard = Name((b"*", *encloser.name.labels))
    gap = zone.cover(wildcard)
    facts = zone.compared(gap, wildcard)
    denied = check(rules.NSEC3_WILDCARD_COVERED, gap is not None, str(wildcard), **facts)
    return proof_of(*encloser.checks, denied, optional=encloser.no_opt_out)


def no_closer(zone: HashedZone, next_closer: Name) -> Proof:
    """Return whether *next_closer* does not exist (RFC 5155 section 8.8)."""
    gap = zone.cover(next_closer)
    facts = zone.compared(gap, next_closer)
    covered = check(rules.NSEC_NEXT_CLOSER_COVERED, gap is not None, str(next_closer), **facts)
    if gap is None:
        return proof_of(covered)
    no_opt_out = check(rules.NSEC3_NO_OPT_OUT, not gap.opt_out, str(gap))
    return proof_of(covered, optional=no_opt_out)


def no_ds(zone: HashedZone, name: Name) -> Proof:
    """Return whether *name* is an unsigned zone cut, maybe one, or none (RFC 5155 section 8.9)."""
    match = zone.match(name)
    if match is not None:
        present = match.present - {RdataType.CNAME}
        proof = proof_of(*absent_checks(present, name, RdataType.DS, str(match)))
        if proof.finding is Finding.UNPROVEN:
            return proof
        return Proof(cut_of(match.present), proof.checks)
    encloser = closest_encloser(zone, name)
    proof = proof_of(*encloser.checks, optional=encloser.no_opt_out)
    # Without Opt-Out the name does not exist at all, so there is no cut either.
    finding = Finding.NO_NAME if proof.finding is Finding.PROVEN else proof.finding
    return Proof(finding, proof.checks)

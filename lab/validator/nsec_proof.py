"""What NSEC RRs prove (RFC 4035 section 5.4, RFC 6840 section 4).

The records are authentic and of one zone when they come here.
"""

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC import NSEC

from lab.core.checks import Check, broken, check
from lab.core.frozen import dataclass
from lab.dnssec import rules
from lab.dnssec.nsec import covers, types
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


@dataclass(frozen=True, slots=True)
class NsecRecord:
    """Hold one NSEC RR.

    Attributes:
        owner: the name that exists.
        rdata: the next name and the types at *owner*.
    """

    owner: Name
    rdata: NSEC

    @property
    def present(self) -> frozenset[RdataType]:
        """Return the types at the owner."""
        return types(self.rdata)

    def covers(self, name: Name) -> bool:
        """Tell whether *name* lies in the gap, and is this zone's to deny."""
        # RFC 6840 section 4.1: below a delegation or a DNAME the gap says nothing.
        if name.is_subdomain(self.owner) and hides_below(self.present):
            return False
        return covers(self.owner, self.rdata.next, name)

    def is_above(self, name: Name) -> bool:
        """Tell whether *name* is an empty non-terminal: no owner, but the next one is below."""
        return self.covers(name) and self.rdata.next.is_subdomain(name)

    def denies(self, name: Name) -> bool:
        """Tell whether neither *name* nor anything below it exists (RFC 8020)."""
        return self.covers(name) and not self.rdata.next.is_subdomain(name)

    def order(self, name: Name) -> str:
        """Return the three names that were compared: `a.example. < b.example. < c.example.`."""
        wraps = self.rdata.next <= self.owner
        return f"{self.owner} < {name} < {'the end of the zone' if wraps else self.rdata.next}"

    def __str__(self) -> str:
        """Return it as `a.example. NSEC c.example.`."""
        return f"{self.owner} NSEC {self.rdata.next}"


Records = tuple[NsecRecord, ...]


def no_type(records: Records, name: Name, rdtype: RdataType) -> Proof:
    """Return whether *name*, or the wildcard that stands for it, has no *rdtype*."""
    compact = _compact(records, name)
    if compact is not None and rdtype not in DENIAL_TYPES:
        return compact
    found = _without_type(records, name, rdtype)
    if found is not None:
        return proof_of(*found)
    denied = _denied(records, name)
    covered = _name_check(records, denied, name)
    if denied is not None:
        found = _without_type(records, wildcard_of(denied, name), rdtype)
    if found is None:
        return proof_of(covered, broken(rules.NSEC_WILDCARD_COVERED, str(name)))
    return proof_of(covered, *found)


def _compact(records: Records, name: Name) -> Proof | None:
    """Return that *name* does not exist if its own record says so (RFC 9824 section 3.1)."""
    match = _match(records, name)
    if match is None or not says_no_name(match.present):
        return None
    bitmap = " ".join(sorted(RdataType.to_text(one) for one in match.present))
    fact = check(rules.NSEC_NO_NAME, holds=True, subject=str(match), bitmap=bitmap)
    return Proof(Finding.NO_NAME, (fact,))


def _without_type(records: Records, name: Name, rdtype: RdataType) -> tuple[Check, ...] | None:
    """Return how it is proved that *name* exists without *rdtype*; None if nothing shows *name*.

    A wildcard, too, may be an empty non-terminal (RFC 4592 section 2.2.2).
    """
    match = _match(records, name)
    if match is not None:
        return tuple(absent_checks(match.present, name, rdtype, str(match)))
    above = next((one for one in records if one.is_above(name)), None)
    if above is None:
        return None
    return (check(rules.NSEC_TYPE_ABSENT, holds=True, subject=str(above), empty=name),)


def no_name(records: Records, name: Name) -> Proof:
    """Return whether neither *name* nor the wildcard at its closest encloser exists."""
    compact = _compact(records, name)
    if compact is not None:
        return compact
    denied = _denied(records, name)
    covered = _name_check(records, denied, name)
    if denied is None:
        return proof_of(covered)
    wildcard = wildcard_of(denied, name)
    gap = _denied(records, wildcard)
    facts = _compared(records, gap, wildcard)
    return proof_of(
        covered, check(rules.NSEC_WILDCARD_COVERED, gap is not None, str(wildcard), **facts)
    )


def no_closer(records: Records, next_closer: Name) -> Proof:
    """Return whether *next_closer* does not exist, so that a wildcard above it applies."""
    denied = _denied(records, next_closer)
    facts = _compared(records, denied, next_closer)
    holds = denied is not None
    return proof_of(check(rules.NSEC_NEXT_CLOSER_COVERED, holds, str(next_closer), **facts))


def no_ds(records: Records, name: Name) -> Proof:
    """Return whether *name* is an unsigned zone cut (PROVEN) or no zone cut (NO_CUT)."""
    compact = _compact(records, name)
    if compact is not None:
        return compact
    match = _match(records, name)
    if match is None:
        return _no_ds_in_gap(records, name)
    present = match.present
    absent, right = absent_checks(present - {RdataType.CNAME}, name, RdataType.DS, str(match))
    proof = proof_of(absent, right)
    if proof.finding is Finding.UNPROVEN:
        return proof
    return Proof(cut_of(present), proof.checks)


def _no_ds_in_gap(records: Records, name: Name) -> Proof:
    gap = next((one for one in records if one.covers(name)), None)
    facts = _compared(records, gap, name)
    covered = check(rules.DS_PROVEN_ABSENT, gap is not None, str(name), **facts)
    if gap is None:
        return Proof(Finding.UNPROVEN, (covered,))
    return Proof(Finding.NO_NAME if gap.denies(name) else Finding.NO_CUT, (covered,))


def _match(records: Records, name: Name) -> NsecRecord | None:
    return next((one for one in records if one.owner == name), None)


def _denied(records: Records, name: Name) -> NsecRecord | None:
    return next((one for one in records if one.denies(name)), None)


def _name_check(records: Records, denied: NsecRecord | None, name: Name) -> Check:
    facts = _compared(records, denied, name)
    return check(rules.NSEC_NAME_COVERED, denied is not None, str(name), **facts)


def _compared(records: Records, gap: NsecRecord | None, name: Name) -> dict[str, str]:
    """Return what a reader can compare by eye: the order of three names, or all that was shown."""
    if gap is None:
        return {"covered_by": "none", "shown": "; ".join(str(one) for one in records) or "none"}
    return {"covered_by": str(gap), "order": gap.order(name)}


def wildcard_of(denied: NsecRecord, name: Name) -> Name:
    """Return the wildcard that could stand for *name*, which *denied* denies.

    The closest encloser is the longest ancestor that *name* shares with one of the two existing
    neighbours (RFC 4592 section 3.3.1), not simply the parent of *name*.
    """
    shared = max(_common(name, denied.owner), _common(name, denied.rdata.next))
    return Name((b"*", *name.labels[-shared:]))


def _common(name: Name, other: Name) -> int:
    _, _, labels = name.fullcompare(other)
    return labels

"""What a proof of non-existence can come to; shared by NSEC and NSEC3."""

from enum import Enum

from dns.name import Name, root
from dns.rdatatype import RdataType

from lab.core.checks import Check, check
from lab.core.frozen import dataclass
from lab.dnssec import rules

# The bitmap of a name that does not exist promises them (RFC 9824 section 3.1), so it cannot deny
# them (RFC 4035 section 5.4).
DENIAL_TYPES = frozenset({RdataType.NSEC, RdataType.NSEC3, RdataType.RRSIG})


class Finding(Enum):
    """Tell what follows from denial records."""

    PROVEN = "proven"
    NO_CUT = "proven: no zone cut here"
    NO_NAME = "proven: no such name"
    OPT_OUT = "an Opt-Out span: an unsigned delegation may stand here"
    TOO_MANY_ITERATIONS = "too many NSEC3 iterations to look"
    UNPROVEN = "not proven"


@dataclass(frozen=True, slots=True)
class Proof:
    """Hold a finding with its checks.

    Attributes:
        finding: what follows.
        checks: why.
    """

    finding: Finding
    checks: tuple[Check, ...]


def proof_of(*checks: Check, optional: Check | None = None) -> Proof:
    """Return PROVEN if all *checks* hold, OPT_OUT if only the *optional* one does not."""
    every = (*checks, optional) if optional is not None else checks
    if any(one.failed for one in checks):
        return Proof(Finding.UNPROVEN, every)
    if optional is not None and optional.failed:
        return Proof(Finding.OPT_OUT, every)
    return Proof(Finding.PROVEN, every)


def absent_checks(
    present: frozenset[RdataType], name: Name, rdtype: RdataType, record: str
) -> tuple[Check, Check]:
    """Return the checks of a bitmap that is to show that *name* has no *rdtype*.

    Args:
        present: types in the bitmap.
        name: whose bitmap it is, or what is answered by it.
        rdtype: the type denied.
        record: the owner of the record, for the report.
    """
    subject = f"{record}, {RdataType.to_text(rdtype)} of {name}"
    bitmap = " ".join(sorted(RdataType.to_text(one) for one in present))
    denied = {rdtype, RdataType.CNAME} if rdtype != RdataType.ANY else present - DENIAL_TYPES
    return (
        check(rules.NSEC_TYPE_ABSENT, not denied & present, subject, bitmap=bitmap),
        check(rules.NSEC_RIGHT_SIDE, right_side(present, name, rdtype), subject, bitmap=bitmap),
    )


def right_side(present: frozenset[RdataType], name: Name, rdtype: RdataType) -> bool:
    """Tell whether a bitmap is from the zone that holds *rdtype* of *name*.

    RFC 6840 section 4.4: DS is denied by the parent (no SOA), all else by the child.
    """
    if rdtype == RdataType.DS and name != root:
        return RdataType.SOA not in present
    return not is_delegation(present)


def says_no_name(present: frozenset[RdataType]) -> bool:
    """Tell whether a bitmap says of its own owner that it does not exist (RFC 9824 section 3.1)."""
    return RdataType.NXNAME in present and not present - {RdataType.NXNAME} - DENIAL_TYPES


def is_delegation(present: frozenset[RdataType]) -> bool:
    """Tell whether a bitmap is that of a zone cut, seen from above (RFC 6840 section 4.1)."""
    return RdataType.NS in present and RdataType.SOA not in present


def hides_below(present: frozenset[RdataType]) -> bool:
    """Tell whether names below the owner belong elsewhere (RFC 6840 section 4.1)."""
    return is_delegation(present) or RdataType.DNAME in present


def cut_of(present: frozenset[RdataType]) -> Finding:
    """Return what a bitmap without DS and SOA says about a zone cut at its owner."""
    return Finding.PROVEN if RdataType.NS in present else Finding.NO_CUT

"""Where a chain broke first, why, who must mend it and how; or why it ends without a break.

Decides nothing about the verdict: it reads the links and the report that the validator left.
"""

from enum import Enum

from dns.name import Name, root

from lab.core.checks import Check, Outcome, Report
from lab.core.frozen import dataclass
from lab.core.status import SecurityStatus
from lab.present.tree import facts, verdict
from lab.present.wanted import wanted
from lab.validator.chain import Link
from lab.validator.resolve import Validation


class Role(Enum):
    """Name who can mend something."""

    PARENT = "parent zone operator"
    CHILD = "child zone operator"
    ZONE = "zone operator"
    RESOLVER = "resolver operator"


@dataclass(frozen=True, slots=True)
class Advice:
    """Tell a reader what to do about an answer that is not secure.

    Attributes:
        where: the first link that broke, or that ended the chain.
        why: what did not hold, with what was compared.
        section: where that is written.
        role: who must mend it.
        zone: of which zone; None for the operator of the resolver.
        how: what that operator does.
        wanted: what would have satisfied the check.
    """

    where: str
    why: str
    section: str
    role: Role
    zone: Name | None
    how: str
    wanted: str

    @property
    def who(self) -> str:
        """Return the operator in words."""
        return str(self.role.value) if self.zone is None else f"{self.role.value} of {self.zone}"


_OF_RESOLVER = frozenset({"anchor.present", "anchor.matches", "anchor.not-negative"})
# What ends a chain before its answer, and what leaves an answer at its end unproven: no faults.
_ENDS_CHAIN = frozenset({"anchor.not-negative", "nsec3.iterations"})
_UNPROVEN = frozenset({"nsec3.iterations", "nsec3.no-opt-out", "answer.rrsig-not-signed"})
_ASK_THE_OPERATOR = "whoever runs the zone finds out why, and puts it right"


def line_of(validation: Validation) -> str:
    """Return the verdict on one line, and why an answer is insecure; a worse one says so itself."""
    advice = advise(validation) if validation.status is SecurityStatus.INSECURE else None
    because = "" if advice is None else f", because {advice.why} ({advice.section})"
    return f"{verdict(validation.report)}{because}"


def advise(validation: Validation) -> Advice | None:
    """Return the advice for *validation*; None if it is secure and nothing is to be mended."""
    if validation.status is SecurityStatus.SECURE:
        return None
    if validation.status is SecurityStatus.INSECURE:
        return _unsigned(validation)
    return _broken(validation)


def _broken(validation: Validation) -> Advice | None:
    decisive = validation.report.first_failure()
    if decisive is None:
        return None
    part = next(one for one in validation.report.parts if one.outcome is Outcome.FAILED)
    return _about(part, decisive, *_responsible(validation, part, decisive))


def _responsible(validation: Validation, part: Report, decisive: Check) -> tuple[Role, Name | None]:
    """Return who is responsible for the *decisive* check inside *part* of the report."""
    if decisive.rule.id in _OF_RESOLVER:
        return Role.RESOLVER, None
    links = validation.chain.links
    link = next((one for one in links if one.report is part), None)
    if link is None:
        return Role.ZONE, _zone_of_answer(validation)
    above = zone_above(links, link)
    if above is None:
        return Role.ZONE, link.apex
    # The first evidence of a link below the anchor is what the parent says about it.
    told_by_parent = bool(link.report.parts) and not link.ds
    return (Role.PARENT, above.apex) if told_by_parent else (Role.CHILD, link.apex)


def zone_above(links: tuple[Link, ...], link: Link) -> Link | None:
    """Return the link of the zone around that of *link*."""
    above = (one for one in links if one is not link and link.apex.is_subdomain(one.apex))
    return max(above, key=lambda one: len(one.apex), default=None)


def _zone_of_answer(validation: Validation) -> Name:
    name = validation.resolution.require(validation.status).name
    links = (one for one in validation.chain.links if name.is_subdomain(one.apex))
    deepest = max(links, key=lambda one: len(one.apex), default=None)
    return root if deepest is None else deepest.apex


def _unsigned(validation: Validation) -> Advice | None:
    """Return why the chain ends before the answer, which is no fault."""
    links = validation.chain.links
    end = next((one for one in links if one.status is SecurityStatus.INSECURE), None)
    if end is None:
        return _unproven(validation)
    above = zone_above(links, end)
    failed = [one for one in end.report.every_check() if one.failed]
    excuse = next((one for one in failed if one.rule.id in _ENDS_CHAIN), None)
    if excuse is not None:
        resolver = excuse.rule.id in _OF_RESOLVER
        zone = None if resolver or above is None else above.apex
        return _about(end.report, excuse, Role.RESOLVER if resolver else Role.PARENT, zone)
    if end.ds and failed:
        unusable = failed[0]
        return Advice(
            where=end.report.title,
            why=f"nothing in the DS RRset can be used: {', '.join(facts(unusable))}",
            section=unusable.rule.section,
            role=Role.CHILD,
            zone=end.apex,
            how=unusable.rule.hint,
            wanted=wanted(unusable),
        )
    parent = "the parent" if above is None else str(above.apex)
    return Advice(
        where=end.report.title,
        why=f"{parent} proves that it has no DS for {end.apex}: from here on nothing is signed",
        section="RFC 4035 section 5.2",
        role=Role.CHILD,
        zone=end.apex,
        how="this is no fault; to change it the child signs its zone and gives the parent a DS",
        wanted=f"a DS RRset for {end.apex}, signed by {parent}",
    )


def _unproven(validation: Validation) -> Advice | None:
    """Return why an answer of a signed zone is insecure all the same."""
    for part in validation.report.parts:
        for one in part.every_check():
            if one.failed and one.rule.id in _UNPROVEN:
                return _about(part, one, Role.ZONE, _zone_of_answer(validation))
    return None


def _about(where: Report, decisive: Check, role: Role, zone: Name | None) -> Advice:
    """Return the advice about the check that decided."""
    compared = ", ".join(facts(decisive))
    told = f"{decisive.subject}: it does not hold that {decisive.rule.sentence}"
    return Advice(
        where=where.title,
        why=f"{told} ({compared})" if compared else told,
        section=decisive.rule.section,
        role=role,
        zone=zone,
        how=decisive.rule.hint or _ASK_THE_OPERATOR,
        wanted=wanted(decisive),
    )

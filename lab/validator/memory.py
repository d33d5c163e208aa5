"""What one resolution has learnt so far: who serves which zone, and what was asked already.

It lives as long as one question, but for what `Known` keeps for the next ones: whom to ask, and
which zone cuts hold. That is never an answer to anybody's question (RFC 2181 section 5.4.1).
"""

from dataclasses import field, replace
from typing import TypeAlias, TypeVar

from dns.name import Name, root
from dns.rdatatype import RdataType

from lab.core.checks import Check, Report
from lab.core.dialogue import Dialogue
from lab.core.errors import LabError, PeerError, TransportError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.question import Exchange, Question, Response, Server
from lab.core.status import SecurityStatus
from lab.validator.chain import Link
from lab.validator.effort import Effort
from lab.validator.settings import Settings
from lab.validator.shelf import Shelf

T = TypeVar("T")
Asking: TypeAlias = Dialogue[Question, Response, T]

# Room in the cache. Unbound and BIND count octets (by default 4 MiB and more); a lab has few zones.
CONTACTS = 1024
CUTS = 1024


@dataclass(frozen=True, slots=True)
class Contact:
    """Say how to reach a zone.

    Attributes:
        apex: of the zone.
        servers: nameservers with known addresses.
        unresolved: nameservers that came without glue.
        parent: apex of the zone whose server sent the referral.
        referral: what it sent; None for hints, stubs, and what comes from the cache.
        ttl: seconds for which it may be kept, from when the referral came.
        told: says that it comes from the cache, and since when; None if not.
    """

    apex: Name
    servers: tuple[Server, ...]
    unresolved: tuple[Name, ...] = ()
    parent: Name = root
    referral: Response | None = None
    ttl: int = 0
    told: Check | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """Say what stands at a name, as the zones above prove it.

    Attributes:
        link: of the zone that begins there; None if none does.
        report: the evidence.
        ttl: seconds for which it may be kept, from when it was judged; 0 for not at all.
        exists: False if it is proven that there is no such name, so no cut below it either.
    """

    link: Link | None
    report: Report
    ttl: int
    exists: bool = True

    @property
    def proven(self) -> bool:
        """Tell whether it holds for other questions, too.

        A failure may have come from one server, or from a limit that this question has used up.
        """
        statuses = {SecurityStatus.SECURE, SecurityStatus.INSECURE}
        return self.link is None or self.link.status in statuses


@dataclass(frozen=True)
class Known:
    """Hold what resolutions with the same settings leave to each other.

    Contacts are learnt from referrals of the parent alone: no zone can prolong its own delegation.
    """

    contacts: Shelf[Name, Contact] = field(default_factory=lambda: Shelf(CONTACTS))
    cuts: Shelf[Name, Cut] = field(default_factory=lambda: Shelf(CUTS))


class ExhaustedError(TransportError):
    """Report that a question was not asked, because a limit was hit.

    Attributes:
        limit: its name in `Limits`.
    """

    def __init__(self, limit: str, allowed: int) -> None:
        """Say which *limit* it was, and how much it allowed."""
        super().__init__(f"not asked: the limit of {limit} is {allowed}")
        self.limit = limit


class Memory:
    """Keep the contacts, answers and links of one resolution.

    Attributes:
        settings: of the validator.
        now: the lab's present.
        effort: what was spent so far.
        links: what was established, by the name at which it was asked for.
        absent: names that are proven not to exist: there is no zone cut below them.
        parts: reports of what was established, in order.
        silent: servers that left a question without an answer.
    """

    def __init__(self, settings: Settings, now: Instant, known: Known | None = None) -> None:
        """Start with the hints and stubs of *settings*, and with what is *known*."""
        self.settings = settings
        self.now = now
        self.effort = Effort(settings.limits)
        self.links: dict[Name, Link] = {}
        self.absent: set[Name] = set()
        self.parts: list[Report] = []
        self.silent: set[Server] = set()
        self._contacts = {root: Contact(root, settings.hints)}
        self._contacts |= {one.apex: Contact(one.apex, one.servers) for one in settings.stubs}
        self._known = known or Known()
        self._unanswered = 0
        self._answers: dict[Question, Response | LabError] = {}

    def contact(self, apex: Name) -> Contact | None:
        """Return how to reach the zone *apex*; None if no referral led to it."""
        if apex not in self._contacts:
            kept = self._known.contacts.get(apex, self.now)
            if kept is None:
                return None
            told = kept.told(f"{apex}: nameservers", self.now)
            # What the referral said beside is fetched anew when it is needed.
            self._contacts[apex] = replace(kept.value, referral=None, told=told)
        return self._contacts[apex]

    def closest(self, qname: Name, rdtype: RdataType) -> Contact:
        """Return the deepest known zone that can answer; for DS that is above *qname*."""
        name = parent_side(qname, rdtype)
        while (found := self.contact(name)) is None:
            name = name.parent()
        return found

    def learn(self, contact: Contact) -> None:
        """Remember *contact*, unless its zone is known: hints and stubs stay."""
        if self._contacts.setdefault(contact.apex, contact) is contact:
            self._known.contacts.put(contact.apex, contact, self.now, contact.ttl)

    def forget(self, contact: Contact) -> bool:
        """Forget *contact* if it comes from the cache; tell whether it does."""
        if contact.told is None:
            return False
        del self._contacts[contact.apex]
        self._known.contacts.drop(contact.apex)
        return True

    def ask(self, question: Question) -> Asking[Response | LabError]:
        """Return what came of *question*: a response, or why there is none; ask it only once."""
        if question not in self._answers:
            self._answers[question] = yield from self._ask(question)
        return self._answers[question]

    def heard(self) -> tuple[Response, ...]:
        """Return every response so far, the oldest first."""
        return tuple(one for one in self._answers.values() if isinstance(one, Response))

    def exchanges(self) -> tuple[Exchange, ...]:
        """Return every question that was sent, with what came of it, the oldest first."""
        return tuple(
            Exchange(question, outcome)
            for question, outcome in self._answers.items()
            if not isinstance(outcome, ExhaustedError)
        )

    def _ask(self, question: Question) -> Asking[Response | LabError]:
        limits = self.settings.limits
        if len(self._answers) >= limits.questions:
            return ExhaustedError("questions", limits.questions)
        if self._unanswered >= limits.unanswered:
            return ExhaustedError("unanswered", limits.unanswered)
        try:
            return (yield question)
        except (TransportError, PeerError) as error:
            self._unanswered += 1
            self.silent.add(question.server)
            return error

    def enter(self, name: Name, link: Link, part: Report) -> Link:
        """Remember that *link* is what holds at *name*; *part* explains it."""
        self.links[name] = link
        self.parts.append(part)
        return link

    def keep(self, name: Name, cut: Cut) -> Cut:
        """Keep *cut* for other questions, too, if it is proven."""
        if cut.proven:
            self._known.cuts.put(name, cut, self.now, cut.ttl)
        return cut

    def recall(self, name: Name) -> Cut | None:
        """Return what an earlier question has proven about *name*; None if nothing holds now."""
        kept = self._known.cuts.get(name, self.now)
        if kept is None:
            return None
        cut, left = kept.value, kept.left(self.now)
        told = kept.told(cut.report.title, self.now)
        report = replace(cut.report, checks=(told, *cut.report.checks))
        link = None if cut.link is None else replace(cut.link, report=report, ttl=left)
        return replace(cut, link=link, report=report, ttl=left)

    def mark(self) -> tuple[dict[Name, Link], frozenset[Name], int]:
        """Return what is established now, to go back to it."""
        return dict(self.links), frozenset(self.absent), len(self.parts)

    def rewind(self, mark: tuple[dict[Name, Link], frozenset[Name], int]) -> None:
        """Forget what was established since *mark*: it led nowhere."""
        self.links, absent, count = mark
        self.absent = set(absent)
        del self.parts[count:]

    def take_parts(self) -> tuple[Report, ...]:
        """Return the reports since the last call, and forget them."""
        taken = tuple(self.parts)
        self.parts.clear()
        return taken


def parent_side(name: Name, rdtype: RdataType) -> Name:
    """Return the deepest name whose zone can hold *rdtype* of *name* (RFC 4035 section 3.1.4.1)."""
    return name.parent() if rdtype == RdataType.DS and name != root else name

"""What one resolution has learnt so far: who serves which zone, and what was asked already.

The only thing of the validator that changes while it works; it lives as long as one question.
"""

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from dns.name import Name, root
from dns.rdatatype import RdataType

from lab.core.checks import Report
from lab.core.dialogue import Dialogue
from lab.core.errors import LabError, PeerError, TransportError
from lab.core.instant import Instant
from lab.core.question import Question, Response, Server
from lab.validator.chain import Link
from lab.validator.effort import Effort
from lab.validator.settings import Settings

T = TypeVar("T")
Asking: TypeAlias = Dialogue[Question, Response, T]


@dataclass(frozen=True, slots=True)
class Contact:
    """Say how to reach a zone.

    Attributes:
        apex: of the zone.
        servers: nameservers with known addresses.
        unresolved: nameservers that came without glue.
        parent: apex of the zone whose server sent the referral.
        referral: what it sent; None for hints and stubs.
    """

    apex: Name
    servers: tuple[Server, ...]
    unresolved: tuple[Name, ...] = ()
    parent: Name = root
    referral: Response | None = None


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
    """

    def __init__(self, settings: Settings, now: Instant) -> None:
        """Start with the hints and stubs of *settings*."""
        self.settings = settings
        self.now = now
        self.effort = Effort(settings.limits)
        self.links: dict[Name, Link] = {}
        self.absent: set[Name] = set()
        self.parts: list[Report] = []
        self._contacts = {root: Contact(root, settings.hints)}
        self._contacts |= {one.apex: Contact(one.apex, one.servers) for one in settings.stubs}
        self._unanswered = 0
        self._answers: dict[Question, Response | LabError] = {}

    def contact(self, apex: Name) -> Contact | None:
        """Return how to reach the zone *apex*; None if no referral led to it."""
        return self._contacts.get(apex)

    def closest(self, qname: Name, rdtype: RdataType) -> Contact:
        """Return the deepest known zone that can answer; for DS that is above *qname*."""
        name = parent_side(qname, rdtype)
        while name not in self._contacts:
            name = name.parent()
        return self._contacts[name]

    def learn(self, contact: Contact) -> None:
        """Remember *contact*, unless its zone is known: hints and stubs stay."""
        self._contacts.setdefault(contact.apex, contact)

    def ask(self, question: Question) -> Asking[Response | LabError]:
        """Return what came of *question*: a response, or why there is none; ask it only once."""
        if question not in self._answers:
            self._answers[question] = yield from self._ask(question)
        return self._answers[question]

    def heard(self) -> tuple[Response, ...]:
        """Return every response so far, the oldest first."""
        return tuple(one for one in self._answers.values() if isinstance(one, Response))

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
            return error

    def enter(self, name: Name, link: Link, part: Report) -> Link:
        """Remember that *link* is what holds at *name*; *part* explains it."""
        self.links[name] = link
        self.parts.append(part)
        return link

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

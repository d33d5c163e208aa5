"""What a hostile relay does, as a value: rules, each with what it looks for and a deed.

Decides what leaves the relay instead of an honest response. Not: how octets come and go (`net`).
The relay stands on the way, so that it has seen every question and every answer before.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.question import Carrier

Asked: TypeAlias = tuple[Name, RdataType]


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold what is in the hands of a relay when an honest response comes back.

    Attributes:
        query: what was asked.
        response: what the server has answered.
        recorded: the first response to each question since the relay stands there.
        now: the attacker's clock shows the lab's time.
        carrier: by which it was asked.
    """

    query: Message
    response: Message
    recorded: Mapping[Asked, Message]
    now: Instant
    carrier: Carrier = Carrier.UDP

    @property
    def asked(self) -> Asked:
        """Return name and type of the question."""
        question = self.query.question[0]
        return question.name, question.rdtype


@dataclass(frozen=True, slots=True)
class Delivery:
    """Hold what leaves the relay towards the asker.

    Attributes:
        wire: the octets.
        after: seconds to wait before.
        port: where to, of those who ask by UDP; None: where the question came from.
    """

    wire: bytes
    after: float = 0.0
    port: int | None = None


class Deed(ABC):
    """Make of an honest response what the asker gets."""

    __slots__ = ()

    @abstractmethod
    def deliver(self, seen: Seen) -> tuple[Delivery, ...]:
        """Return what leaves: nothing is silence, two are a race that the first one wins."""


@dataclass(frozen=True, slots=True)
class Match:
    """Say which responses a rule is about; what is None does not matter.

    Attributes:
        name: of the question.
        type: of the question.
        holds: owner and type of an RRset that the response must hold in any section.
    """

    name: Name | None = None
    type: RdataType | None = None
    holds: Asked | None = None

    def fits(self, seen: Seen) -> bool:
        """Tell whether *seen* is meant."""
        qname, qtype = seen.asked
        return (
            self.name in {None, qname}
            and self.type in {None, qtype}
            and (self.holds is None or self.holds in _contents(seen.response))
        )


def _contents(message: Message) -> set[Asked]:
    return {(one.name, one.rdtype) for section in message.sections[1:] for one in section}


@dataclass(frozen=True, slots=True)
class Rule:
    """Do one thing with some responses.

    Attributes:
        match: which.
        deed: what.
        times: how often at most; 0: always.
    """

    match: Match
    deed: Deed
    times: int = 0


@dataclass(frozen=True, slots=True)
class Plot:
    """Hold rules, of which the first that fits acts, with how often each has acted.

    Attributes:
        rules: in order.
        done: how often each rule has acted, by its place.
    """

    rules: tuple[Rule, ...] = ()
    done: Mapping[int, int] = field(default_factory=dict)

    def plus(self, rules: tuple[Rule, ...]) -> "Plot":
        """Return it with more *rules*, which act where the earlier ones do not."""
        return Plot((*self.rules, *rules), self.done)

    def play(self, seen: Seen) -> tuple[tuple[Delivery, ...] | None, "Plot"]:
        """Return what leaves instead of the honest octets, None for these, and what comes next."""
        for place, rule in enumerate(self.rules):
            count = self.done.get(place, 0)
            if rule.match.fits(seen) and (rule.times == 0 or count < rule.times):
                after = Plot(self.rules, {**self.done, place: count + 1})
                return rule.deed.deliver(seen), after
        return None, self

    @property
    def deeds(self) -> int:
        """Return how often a rule has acted."""
        return sum(self.done.values())

"""Rules applied to things: the evidence that every judge of the lab returns.

A report *is* the explanation. It keeps the checks that passed before one failed, and marks those
that were not reached, so that `present` only has to draw it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import Enum

from lab.core.frozen import dataclass
from lab.core.question import Exchange
from lab.core.rules import Rule
from lab.core.sequence import Sequence

# A SHA-256 digest is shown whole: it is what people compare by eye.
SHOWN_OCTETS = 32


class Outcome(Enum):
    """Tell how a check, or a whole report, ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"
    NOT_REACHED = "not reached"


class Facts(Mapping[str, str]):
    """What was compared, as text; each thing becomes text when somebody reads it.

    The things are frozen, so that it makes no difference when: most checks are never read.
    """

    __slots__ = ("_things",)

    def __init__(self, things: Mapping[str, object]) -> None:
        """Keep *things* as they are."""
        self._things = things

    def __getitem__(self, name: str) -> str:
        """Return one thing as text."""
        return str(self._things[name])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in the order in which they were given."""
        return iter(self._things)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._things)

    def __repr__(self) -> str:
        """Show all as a dictionary."""
        return repr(dict(self))


_NOTHING = Facts({})


@dataclass(frozen=True, slots=True)
class Check:
    """Record one rule, applied to one thing.

    Attributes:
        rule: what had to hold.
        outcome: whether it did.
        subject: what was looked at, e.g. "www.example.fr. A, RRSIG by key tag 4711".
        facts: what was compared, name to text, e.g. {"now": …, "expiration": …}.
    """

    rule: Rule
    outcome: Outcome
    subject: str
    facts: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    @property
    def failed(self) -> bool:
        """Tell whether the rule was broken."""
        return self.outcome is Outcome.FAILED


def check(rule: Rule, holds: bool, subject: str, **facts: object) -> Check:  # noqa: FBT001 the one boolean that a rule comes to
    """Return the record of *rule*, which holds or not, with *facts* as text."""
    outcome = Outcome.PASSED if holds else Outcome.FAILED
    return Check(rule, outcome, subject, Facts(facts))


def broken(rule: Rule, subject: str, **facts: object) -> Check:
    """Return the record of *rule* where the caller found that it does not hold."""
    return Check(rule, Outcome.FAILED, subject, Facts(facts))


def not_reached(rule: Rule, subject: str) -> Check:
    """Return the record of a rule that an earlier failure left without meaning."""
    return Check(rule, Outcome.NOT_REACHED, subject)


def shortened(octets: bytes) -> str:
    """Return *octets* in hexadecimal as a fact: whole up to 32 octets, else both ends."""
    if len(octets) <= SHOWN_OCTETS:
        return octets.hex()
    half = SHOWN_OCTETS // 4
    return f"{octets[:half].hex()}...{octets[-half:].hex()} ({len(octets)} octets)"


@dataclass(frozen=True, slots=True)
class Report:
    """Explain a verdict as a tree.

    The judge that makes a report sets its outcome: a failed check inside (one key of two that did
    not verify) does not by itself fail the whole.

    Attributes:
        title: what was judged.
        outcome: how it ended.
        conclusion: the verdict in a few words, e.g. "secure", "refused: no TLSA record".
        checks: what was checked here, in order.
        parts: reports of the things that this one is made of, in order.
        note: words of a teacher that go before it; not part of the verdict.
        sequence: what went between whom, if that is worth a diagram.
        exchanges: what was asked on the way, and the answers; not part of the verdict.
    """

    title: str
    outcome: Outcome = Outcome.PASSED
    conclusion: str = ""
    checks: tuple[Check, ...] = ()
    parts: tuple["Report", ...] = ()
    note: str = ""
    sequence: Sequence | None = None
    exchanges: tuple[Exchange, ...] = field(default=(), compare=False, repr=False)

    def sequences(self) -> Iterator[Sequence]:
        """Iterate over the diagrams of the whole tree, in reading order."""
        if self.sequence is not None:
            yield self.sequence
        for part in self.parts:
            yield from part.sequences()

    def every_exchange(self) -> Iterator[Exchange]:
        """Iterate over the questions of the whole tree, in reading order."""
        yield from self.exchanges
        for part in self.parts:
            yield from part.every_exchange()

    def every_check(self) -> Iterator[Check]:
        """Iterate over the checks of the whole tree, in reading order."""
        yield from self.checks
        for part in self.parts:
            yield from part.every_check()

    def first_failure(self) -> Check | None:
        """Return the check that decided a failed report: the first failed one in a failed branch.

        Branches that failed without deciding (a sibling key, a second signature) come last.
        """
        if self.outcome is not Outcome.FAILED:
            return None
        own = next((one for one in self.checks if one.failed), None)
        if own is not None:
            return own
        return next((found for part in self.parts if (found := part.first_failure())), None)

    def reasons(self) -> tuple[Check, ...]:
        """Return why a report failed, from the verdict down to its cause.

        At each level it is the first failed check, then those of the first failed part: a peer is
        refused because its TLSA RRset is not secure, which is because a signature expired.
        """
        if self.outcome is not Outcome.FAILED:
            return ()
        own = next((one for one in self.checks if one.failed), None)
        deeper = next((found for part in self.parts if (found := part.reasons())), ())
        return deeper if own is None else (own, *deeper)


def outcome_of(checks: tuple[Check, ...]) -> Outcome:
    """Return FAILED if any of *checks* failed, else PASSED."""
    return Outcome.FAILED if any(one.failed for one in checks) else Outcome.PASSED

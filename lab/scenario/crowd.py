"""Two actions: a crowd of strangers comes to a server, and is waited for until it has gone."""

import dns.name
from dns.name import Name

from lab.core.checks import Report, check, outcome_of
from lab.core.frozen import dataclass
from lab.core.parameters import Seconds
from lab.dane.bounds import Tally
from lab.scenario.rules import BOUNDED


@dataclass(frozen=True, slots=True)
class BeginCrowd:
    """Open many connections at the same time, each claiming a name of its own; no result.

    Attributes:
        client: whose key and certificates they show.
        server: to whom they come.
        count: how many.
        below: the names that they claim are below this one.
    """

    client: str
    server: str
    count: int
    below: Name

    @property
    def claims(self) -> tuple[Name, ...]:
        """Return the name of each."""
        return tuple(
            dns.name.from_text(f"_{number}-client", self.below)
            for number in range(1, self.count + 1)
        )


@dataclass(frozen=True, slots=True)
class EndCrowd:
    """Wait until everybody of the crowd has gone; the result is a `CrowdResult`."""


@dataclass(frozen=True, slots=True)
class CrowdResult:
    """Tell what became of a crowd.

    Attributes:
        count: how many came.
        let_in: how many of them were answered.
        tally: what they made the server ask the DNS.
        seconds: from the first connection to the end of the last.
    """

    count: int
    let_in: int
    tally: Tally
    seconds: float

    def report(self, lookups: int | None, within: Seconds | None) -> Report:
        """Return the numbers, compared with the bounds that a scenario names."""
        tally = self.tally
        checks = []
        if lookups is not None:
            held = tally.at_once <= lookups
            checks.append(
                check(BOUNDED, held, "lookups at a time", bound=lookups, seen=tally.at_once)
            )
        if within is not None:
            held, seen = self.seconds <= within, f"{self.seconds:.1f} s"
            checks.append(check(BOUNDED, held, "time", bound=f"{within} s", seen=seen))
        told = (
            f"{self.count} connections, {self.let_in} let in; "
            f"lookups at a time: {tally.at_once} at most, {tally.waiting} waiting, "
            f"{tally.not_asked} refused at once; over after {self.seconds:.1f} s"
        )
        return Report("crowd", outcome_of(tuple(checks)), told, tuple(checks))

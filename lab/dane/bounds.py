"""How much strangers can make a server ask the DNS, and what they made it ask."""

from lab.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class LookupLimits:
    """Bound what strangers can make us do.

    Attributes:
        at_once: lookups at the same time.
        of_one_domain: of these, for names below the same domain: two labels and all below them, as
            there is no list of who may register what. Of those who wait, the same share.
        waiting: names that wait for their turn; more are refused as if there were no answer.
        seconds: for one lookup, from its turn on; the gate itself has a limit above it.
        failure_s: how long a failed lookup is remembered, in seconds (RFC 9520 section 3.2).
        longest_s: how long an absent or insecure name is remembered at most.
        remembered: names that are remembered; the one not wanted for longest is forgotten first.
    """

    at_once: int = 16
    of_one_domain: int = 4
    waiting: int = 64
    seconds: float = 8.0
    failure_s: int = 5
    longest_s: int = 300
    remembered: int = 1024

    @property
    def waiting_of_one_domain(self) -> int:
        """Return how many names below the same domain may wait."""
        return max(1, self.waiting * self.of_one_domain // self.at_once)


@dataclass(slots=True)
class Tally:
    """Count what a server looked up for strangers.

    Attributes:
        at_once: lookups at the same time, at most.
        waiting: names that waited at the same time, at most.
        not_asked: names that were not looked up, as too many were before them.
    """

    at_once: int = 0
    waiting: int = 0
    not_asked: int = 0

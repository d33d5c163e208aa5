"""Faults of clocks: all is well, but whoever judges it believes that it is another time."""

import re
from dataclasses import replace

from dns.name import Name

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.parameters import Seconds
from lab.core.seams import Hooks, Seam
from lab.faults.fault import NamedFault, fault

RESOLVER = "resolver"

_IDENTITY = re.compile(r"[a-z][a-z0-9-]*\.[a-z]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what somebody's clock shows.

    Attributes:
        whose: "resolver", or an identity such as "tsp.ns".
        shown: by that clock.
    """

    whose: str
    shown: Instant


SHOWN_TIME: Seam[Reading] = Seam("shown-time")


@fault("clock-wrong", seam=SHOWN_TIME)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClockWrong(NamedFault):
    """Let the clock of the lab's resolver, or of one TLS peer, go wrong by a span.

    Signatures and certificates hold for a time, so that whoever has no time has no security (RFC
    4033 section 12). Nothing is wrong with zones and servers, and everybody else is content.
    A validator reports: ahead of time rule rrsig.expiration, behind it rule rrsig.inception, status
    bogus, for every signed zone. A TLS peer judges by its own clock the certificate that it is
    shown, and the DNS if it uses DANE; it reports: rule path.validity, or with DANE rule
    dane.base-domain about a server, rule dane.not-bogus about a client.

    Attributes:
        of: "resolver" for the lab's own, or an identity such as "tsp.ns".
        by: ahead; behind if negative.
    """

    of: str = RESOLVER
    by: Seconds

    def __post_init__(self) -> None:
        """Refuse a clock that nobody has."""
        if self.of != RESOLVER and not _IDENTITY.fullmatch(self.of):
            expected = f"expected {RESOLVER!r} or an identity such as 'tsp.ns', not {self.of!r}"
            raise InputError(expected, "of")

    def acts_in(self, apex: Name) -> bool:
        """Tell that no zone changes."""
        del apex
        return False

    def apply(self, value: Reading, now: Instant) -> Reading:
        """Return what the clock shows; *now* plays no part."""
        del now
        return replace(value, shown=value.shown + self.by) if value.whose == self.of else value

    def __str__(self) -> str:
        """Return it as `clock-wrong of resolver`."""
        return f"{self.kind} of {self.of}"


def time_of(hooks: Hooks, whose: str, now: Instant) -> Instant:
    """Return what the clock of *whose* shows, where it should show *now*."""
    return hooks.at(SHOWN_TIME, Reading(whose, now), now).shown

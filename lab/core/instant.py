"""Time as a value: whole seconds UTC, and the windows that signatures and certificates live in.

Nothing in the core reads a clock: an `Instant` comes in as an argument.
"""

from datetime import UTC, datetime
from typing import Protocol

from lab.core.frozen import dataclass

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# RFC 4034 section 3.1.5: RRSIG times are 32-bit serial numbers (RFC 1982).
_MODULUS = 1 << 32
_HALF = _MODULUS >> 1


class Instant(int):
    """Hold a moment: whole seconds since 1970-01-01 00:00 UTC."""

    __slots__ = ()

    def __add__(self, seconds: int) -> "Instant":
        """Return the moment *seconds* later."""
        return Instant(int(self) + seconds)

    def __sub__(self, seconds: int) -> "Instant":
        """Return the moment *seconds* earlier."""
        return Instant(int(self) - seconds)

    def __str__(self) -> str:
        """Return it as in `2026-11-23 08:30:00Z`."""
        return self.datetime().strftime("%Y-%m-%d %H:%M:%SZ")

    def datetime(self) -> datetime:
        """Return it for the libraries that want a datetime (aware, UTC)."""
        return datetime.fromtimestamp(int(self), UTC)


class Clock(Protocol):
    """Tell the time: the lab has one, and everything asks it."""

    def now(self) -> Instant:
        """Return the lab's present."""
        ...


def not_after(first: int, second: int) -> bool:
    """Tell whether *first* <= *second* as 32-bit serial numbers (RFC 1982 section 3.2)."""
    return (second - first) % _MODULUS < _HALF


def serial_to_instant(value: int, near: Instant) -> Instant:
    """Return the moment nearest to *near* that the 32-bit *value* can mean (RFC 4034 3.1.5)."""
    ahead = (value - near) % _MODULUS
    return near + (ahead if ahead < _HALF else ahead - _MODULUS)


@dataclass(frozen=True, slots=True)
class Window:
    """Span a time during which something holds, both ends included.

    Attributes:
        inception: first valid second.
        expiration: last valid second.
    """

    inception: Instant
    expiration: Instant

    def contains(self, now: Instant) -> bool:
        """Tell whether *now* lies within, ends included (RFC 4035 section 5.3.1)."""
        return self.inception <= now <= self.expiration

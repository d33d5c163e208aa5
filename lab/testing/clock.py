"""The clock of a test: it runs with the real time, jumps, or stands still."""

from datetime import datetime, timedelta
from typing import cast

from lab.core.instant import Instant
from lab.core.parameters import KINDS, Seconds
from lab.net.clock import LabClock


class MovableClock(LabClock):
    """Show the lab's present, by which signatures and certificates are made and judged."""

    def advance(self, by: str | int | timedelta) -> None:
        """Move the present: "30d", "2h", "-90min", a number of seconds, or a timedelta.

        Raises:
            InputError: it is no such span.
        """
        seconds = int(by.total_seconds()) if isinstance(by, timedelta) else by
        self.shift(cast("int", KINDS[Seconds].convert(seconds)))

    def freeze_at(self, moment: int | datetime) -> None:
        """Let the clock stand still at *moment*: seconds since 1970, or an aware datetime."""
        self.freeze(Instant(moment.timestamp() if isinstance(moment, datetime) else moment))

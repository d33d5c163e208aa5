"""The lab's clock: one object that every server, stub and scenario asks."""

from collections.abc import Callable

from lab.core.instant import Instant


class LabClock:
    """Show the real time, the real time with an offset, or one frozen moment.

    Attributes:
        on_change: are told whenever it is set, not that time goes by.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        """Start at the real time; *seconds* returns it (the reactor's `seconds`)."""
        self._seconds = seconds
        self._offset = 0
        self._frozen: Instant | None = None
        self.on_change: list[Callable[[], None]] = []

    def _changed(self) -> None:
        for listener in self.on_change:
            listener()

    def now(self) -> Instant:
        """Return the lab's present."""
        if self._frozen is not None:
            return self._frozen
        return self.real() + self._offset

    def shift(self, seconds: int) -> None:
        """Move the lab's present by *seconds*, back if negative; a frozen clock stays frozen."""
        if self._frozen is not None:
            self._frozen = self._frozen + seconds
        else:
            self._offset += seconds
        self._changed()

    def set(self, instant: Instant) -> None:
        """Make *instant* the lab's present; a running clock goes on from there."""
        self.shift(instant - self.now())

    def freeze(self, instant: Instant | None = None) -> None:
        """Stop the clock at *instant*, or where it stands."""
        self._frozen = self.now() if instant is None else instant
        self._changed()

    def go(self) -> None:
        """Let time go on from where it stands; harmless if it does."""
        if self._frozen is not None:
            self._offset, self._frozen = self._frozen - self.real(), None
            self._changed()

    def real(self) -> Instant:
        """Return the real time."""
        return Instant(self._seconds())

    @property
    def frozen(self) -> bool:
        """Tell whether time stands still."""
        return self._frozen is not None

    def bookmark(self) -> Callable[[], None]:
        """Return what sets the clock back to how it is set now."""
        offset, frozen = self._offset, self._frozen

        def restore() -> None:
            self._offset, self._frozen = offset, frozen
            self._changed()

        return restore

    def __str__(self) -> str:
        """Return how the clock is set: `real`, `real + 3600 s` or `frozen at …`."""
        if self._frozen is not None:
            return f"frozen at {self._frozen}"
        if self._offset:
            return f"real {'+' if self._offset > 0 else '-'} {abs(self._offset)} s"
        return "real"

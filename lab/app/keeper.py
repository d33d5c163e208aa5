"""The lab's housekeeper: chores that come due on the lab's clock, by themselves or by time travel.

A chore says when it wants to be called next. When the clock is moved, everything that falls due on
the way is done at its own time and in order, as if one had waited.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from lab.core.errors import LabError
from lab.core.frozen import dataclass
from lab.core.instant import MINUTE, Instant
from lab.net.clock import LabClock

log = Logger()

Work: TypeAlias = Callable[[Instant], Awaitable[Instant | None]]
"""Does what is due at a moment, and returns when it wants to be called again; None: when woken."""

RETRY_S = MINUTE

# Twisted calls in milliseconds of its own clock: come a little late rather than too early.
_GRACE_S = 0.05


@dataclass(frozen=True, slots=True)
class Chore:
    """Name one kind of work and when it is due.

    Attributes:
        name: for the log.
        work: does it.
        due: when; None: not before somebody wakes the keeper.
    """

    name: str
    work: Work
    due: Instant | None = None


class Keeper:
    """Do chores when they are due on the lab's clock."""

    def __init__(self, reactor: IReactorTime, clock: LabClock) -> None:
        """Prepare; nothing runs before `start`."""
        self._reactor = reactor
        self._clock = clock
        self._chores: list[Chore] = []
        self._timer: IDelayedCall | None = None
        self._turn = DeferredLock()
        self._started = False

    def add(self, name: str, work: Work) -> None:
        """Take on a chore; it is due at once."""
        self._chores.append(Chore(name, work, self._clock.now()))

    @property
    def next_due(self) -> Instant | None:
        """Return when the next chore is due; None if none is."""
        return min((one.due for one in self._chores if one.due is not None), default=None)

    def start(self) -> None:
        """Do what is due, now and from now on."""
        self._started = True
        self._tick()

    def wake(self) -> None:
        """Let every chore look again: something has changed."""
        now = self._clock.now()
        self._chores = [replace(one, due=now) for one in self._chores]
        if self._started:
            self._set_timer()

    async def stop(self) -> None:
        """Do nothing any more, after the chore that is being done."""
        self._started = False
        self._cancel()
        await self._turn.acquire()
        self._turn.release()

    async def catch_up(self) -> None:
        """Do everything that is due by now, in order, and return when it is done."""
        await self._turn.acquire()
        try:
            await self._do_due()
        finally:
            self._turn.release()
            self._set_timer()

    async def travel(self, seconds: int) -> None:
        """Move the clock by *seconds* and do what falls due on the way, each at its own time."""
        await self._turn.acquire()
        try:
            target, restore = self._clock.now() + seconds, self._clock.bookmark()
            await self._do_due()
            while (due := self.next_due) is not None and due <= target:
                self._clock.set(due)
                await self._do_due()
            # Not `set`: what this took in real time has passed in the lab, too.
            restore()
            self._clock.shift(seconds)
            if seconds < 0:
                # What was to be done later than now may be due again.
                self.wake()
        finally:
            self._turn.release()
            self._set_timer()

    async def _do_due(self) -> None:
        now = self._clock.now()
        for at, chore in enumerate(self._chores):
            if chore.due is not None and chore.due <= now:
                # A chore that wakes the keeper meanwhile must not be overwritten by what it said.
                self._chores[at] = replace(chore, due=None)
                due = await self._done(chore, now)
                woken = self._chores[at].due
                wishes = [one for one in (due, woken) if one is not None]
                self._chores[at] = replace(chore, due=min(wishes, default=None))

    async def _done(self, chore: Chore, now: Instant) -> Instant | None:
        """Return when *chore*, done now, wants to be called next; never in this same second."""
        try:
            due = await chore.work(now)
        except LabError as error:
            log.warn("{chore} failed: {error}", chore=chore.name, error=str(error))  # noqa: G010 Twisted's word
            due = now + RETRY_S
        except Exception:  # noqa: BLE001 a defect in one chore must not end the others
            log.failure("defect in {chore}", chore=chore.name)
            due = now + RETRY_S
        return None if due is None else max(due, now + 1)

    def _set_timer(self) -> None:
        self._cancel()
        due = self.next_due
        # A frozen clock comes nowhere by waiting; `travel` moves it.
        if not self._started or due is None or (self._clock.frozen and due > self._clock.now()):
            return
        delay = max(0, due - self._clock.now()) + _GRACE_S
        self._timer = self._reactor.callLater(delay, self._tick)

    def _cancel(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()

    def _tick(self) -> None:
        self._timer = None
        Deferred.fromCoroutine(self.catch_up())

"""Prepare transfers: sign a whole zone while everything else goes on.

A small zone is signed in turns of some hundredths of a second, a large one by forks, as many as
there are processors. The version of the zone is that of the beginning, whatever changes meanwhile.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from dns.name import Name
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger

from lab.core.errors import LabError
from lab.core.instant import Instant
from lab.nameserver.entries import Entry
from lab.nameserver.history import History, Preparation, Publications
from lab.nameserver.tree import ServedZone
from lab.nameserver.whole import Share
from lab.net.gang import GangError, shared
from lab.net.reactor import Reactor

# With fewer owners, forks cost more than they save.
LARGE = 2000
# Who waits for a zone to be signed looks again after so many seconds.
TURN_S = 0.01

log = Logger()


@dataclass(slots=True)
class _Job:
    """Hold what is being prepared.

    Attributes:
        serial: of the version.
        work: makes it; None before it has begun.
        history: what came of it; None until it is there.
        failed: nothing comes of it.
        waiting: are called when it has ended.
    """

    serial: int
    work: Deferred[None] | None = None
    history: History | None = None
    failed: bool = False
    waiting: list[Deferred[None]] = field(default_factory=list)


class Preparing:
    """Prepare what is transferred of each zone, one version after the other."""

    def __init__(self, reactor: Reactor, publications: Publications, signers: int | None) -> None:
        """Add to *publications*; *signers* processes sign a large zone, None: one a processor."""
        self._reactor, self._publications = reactor, publications
        self._signers = signers or os.cpu_count() or 1
        self._jobs: dict[Name, _Job] = {}

    def turns(self, served: Callable[[], ServedZone], now: Instant) -> Iterator[History | None]:
        """Give None until the history up to the serial that a zone has now is there, then that.

        Args:
            served: returns the zone, which may change.
            now: the lab's present.

        Raises:
            LabError: there is a defect; it was told of.
        """
        apex = served().apex
        # What is prepared already is of use only if it is not older.
        while apex in self._jobs and self._jobs[apex].serial != served().zone.serial:
            yield None
        known = self._publications.known(served()) or self._publications.caught_up(served(), now)
        if known is not None:
            yield known
            return
        job = self._jobs.get(apex) or self._begin(served(), now)
        while job.history is None:
            if job.failed:
                raise LabError(f"the zone {apex} could not be signed")
            yield None
        yield job.history

    async def prepared(self, served: Callable[[], ServedZone], now: Instant) -> None:
        """Wait until it is there."""
        for history in self.turns(served, now):
            if history is None:
                ended: Deferred[None] = Deferred()
                self._jobs[served().apex].waiting.append(ended)
                await ended

    def _begin(self, served: ServedZone, now: Instant) -> _Job:
        job = self._jobs[served.apex] = _Job(served.zone.serial)
        preparation = self._publications.begin(served, now)
        job.work = Deferred.fromCoroutine(self._work(job, preparation))
        return job

    def stop(self) -> None:
        """Give up what is being prepared."""
        for job in tuple(self._jobs.values()):
            if job.work is not None:
                job.work.cancel()

    async def _work(self, job: _Job, preparation: Preparation) -> None:
        try:
            made = await self._made(preparation)
            job.history = self._publications.finish(preparation, made)
        except CancelledError:
            job.failed = True
        except Exception:  # noqa: BLE001 who waits for it is told, too
            log.failure("defect while a zone was signed")
            job.failed = True
        finally:
            del self._jobs[preparation.served.apex]
            for one in job.waiting:
                one.callback(None)

    async def _made(self, preparation: Preparation) -> list[Entry]:
        """Make all entries."""
        if self._signers > 1 and len(preparation.served.zone.version.nodes) >= LARGE:
            try:
                return await self._shared(preparation)
            except GangError as error:
                log.error("a zone is signed by one process: {error}", error=error)  # noqa: TRY400 no trace
        made: list[Entry] = []
        for part in preparation.parts():
            made += part
            await deferLater(self._reactor, 0)
        return made

    async def _shared(self, preparation: Preparation) -> list[Entry]:
        """Let forks make them: no key leaves the memory of this process and its forks."""
        count, made = self._signers, list[Entry]()
        works = [partial(_bare, preparation, Share(number, count)) for number in range(count)]
        async for part in shared(self._reactor, works):
            made += map(Entry._make, part)
        return made


def _bare(preparation: Preparation, share: Share) -> Iterator[list[tuple[object, ...]]]:
    """Iterate over the parts of a share as plain values."""
    return ([tuple(entry) for entry in part] for part in preparation.parts(share))

"""Ask one question after the other while something goes on, and judge each answer.

A resolver keeps keys for a while and has a clock of its own: an answer is good if the keys of
before or of after a change verify it, at the time of before or of after a step of the clock.
"""

import random
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Self

import dns.exception
from dns.message import Message
from dns.rcode import Rcode
from dns.rrset import RRset

from tests.bench.questions import Asked, is_absent, mix
from tests.bench.sampling import ask, failures, keys_of

_PAUSE_S = 0.02


@dataclass
class Clock:
    """Know how far the lab's clock is from the real one, in seconds: before its last step and now.

    While the clock is moved nobody knows which of both it is.

    Attributes:
        offsets: both.
    """

    offsets: tuple[float, float] = (0.0, 0.0)

    def expect(self, seconds: float) -> None:
        """Know that the clock is about to be moved by so many *seconds*."""
        self.offsets = self.offsets[1], self.offsets[1] + seconds

    def stands(self, offset: float) -> None:
        """Take over where the clock is now that it has been moved."""
        self.offsets = self.offsets[0], offset

    def times(self) -> Iterable[float]:
        """Return which times may be meant."""
        now = time.time()  # noqa: TID251 a resolver has a clock of its own
        return {now + one for one in self.offsets}


@dataclass
class Watcher:
    """Ask until told to stop.

    Attributes:
        port: of the server.
        clock: that of the lab.
        took: how long each answer took, in milliseconds.
        wrong: what was wrong with answers.
    """

    port: int
    clock: Clock
    took: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Be ready to start."""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._stopped.set()
        self._thread.join()

    def p99_ms(self) -> float:
        """Return what 99 of 100 answers took at most."""
        return quantiles(self.took, n=100)[98] if len(self.took) > 1 else float("nan")

    def _watch(self) -> None:
        keys = self._keys()
        for asked in mix(random.getrandbits(32)):
            if self._stopped.wait(_PAUSE_S):
                return
            began = time.perf_counter()
            try:
                message = ask(self.port, asked)
                self.took.append((time.perf_counter() - began) * 1000)
                # Who finds a signature by a key that is new to it asks for the keys again.
                if self._wrong(message, asked, keys):
                    keys = self._keys()
                    self.wrong += self._wrong(message, asked, keys)
            except (dns.exception.DNSException, OSError) as error:
                self.wrong.append(f"{asked[0]} {asked[1]}: no answer: {error}")

    def _keys(self) -> RRset:
        keys = keys_of(self.port)
        assert keys is not None, "the zone is not signed"
        return keys

    def _wrong(self, message: Message, asked: Asked, keys: RRset) -> list[str]:
        name, rdtype = asked
        expected = Rcode.NXDOMAIN if is_absent(name) else Rcode.NOERROR
        if message.rcode() != expected:
            return [f"{name} {rdtype}: {message.rcode().name}"]
        return [f"{name} {rdtype}: {one}" for one in failures(message, keys, self.clock.times())]

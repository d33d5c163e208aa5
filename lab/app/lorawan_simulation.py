"""Many devices at once: `lab lorawan simulate` lets a crowd join and send, and takes the times.

Times are those of real UDP, DNS, TLS and disk; only the seconds until a device listens are
simulated. A join takes from the request on air to the session in the device, an uplink from the
frame on air to the reading of the application server.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import field
from typing import Any

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall

from lab.app.aired import Aired
from lab.app.control import Command, Emit, Event
from lab.app.lorawan import LorawanSide, present_lorawan
from lab.app.lorawan_crowd import MOST, crowd
from lab.app.lorawan_turns import Turns, Wish
from lab.app.running import RunningLab
from lab.backend.application_server import Reading
from lab.core.checks import Report
from lab.core.errors import InputError, LabError
from lab.core.frozen import dataclass
from lab.core.parameters import Seconds, build
from lab.lorawan.device import Saying
from lab.lorawan.hearing import Joined
from lab.lorawan.identifiers import Eui64

SECRET_SIZE = 32
# Two gateways that hear the same devices receive eight frames each at a time. More load than the
# machine can bear shows as fewer uplinks a second, then fewer joins, not as answers that are late.
AT_ONCE = 16
_PORT = 1
_COUNTER_SIZE = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """Say what is to be simulated.

    Attributes:
        devices: how many.
        lasting: for how long; they join in the first half of it, one after the other.
        every: how long a device waits between uplinks.
        seed: root keys come out of it; empty: out of chance.
    """

    devices: int
    lasting: Seconds
    every: Seconds
    seed: str = ""

    def __post_init__(self) -> None:
        """Refuse what would take no time, or too many devices."""
        if not 1 <= self.devices <= MOST:
            raise InputError(f"a crowd has from 1 to {MOST} devices", "devices")
        for name, span in (("lasting", self.lasting), ("every", self.every)):
            if int(span) < 1:
                raise InputError("it must be 1 s at least", name)


@dataclass
class Timed:
    """Collect how long things of one kind took.

    Attributes:
        times: in seconds, as they came.
        begun: when the first began.
        ended: when the last ended.
    """

    times: list[float] = field(default_factory=list)
    begun: float | None = None
    ended: float = 0.0

    def took(self, begun: float, ended: float) -> None:
        """Count one more."""
        self.begun = begun if self.begun is None else min(begun, self.begun)
        self.ended = max(ended, self.ended)
        self.times.append(ended - begun)

    def summary(self) -> dict[str, Any]:
        """Return how many there were, how many a second, and how long they took, as JSON."""
        if self.begun is None:
            return {"count": 0, "per_second": 0.0, "p50_ms": None, "p99_ms": None}
        return {
            "count": len(self.times),
            "per_second": round(len(self.times) / (self.ended - self.begun), 1),
            "p50_ms": round(percentile(self.times, 50) * 1000),
            "p99_ms": round(percentile(self.times, 99) * 1000),
        }


def percentile(values: list[float], percent: int) -> float:
    """Return the least of *values* that *percent* of them do not exceed (nearest rank)."""
    rank = -(-percent * len(values) // 100)
    return sorted(values)[max(rank, 1) - 1]


class Simulation:
    """Let a crowd live for a while.

    Attributes:
        joins: that were answered.
        uplinks: that were read.
        failures: how often what failed.
    """

    def __init__(self, side: LorawanSide, reactor: IReactorTime, plan: Plan) -> None:
        """Prepare; nothing happens before `run`."""
        self.joins, self.uplinks = Timed(), Timed()
        self.failures: Counter[str] = Counter()
        self._side, self._reactor, self._plan = side, reactor, plan
        self._begun = reactor.seconds()
        self._end = self._begun + int(plan.lasting)
        self._air = Turns(AT_ONCE)
        self._tried = 0
        self._waits: set[IDelayedCall] = set()
        self._read_at: dict[Eui64, float] = {}

    async def run(self, secret: bytes) -> None:
        """Let the crowd come, live and go.

        Raises:
            LabError: there is no device that it could be like.
        """
        applications = self._side.applications.values()
        with crowd(self._side, self._plan.devices, secret) as euis:
            for one in applications:
                one.on_reading.append(self._on_reading)
            try:
                lives = (self._live(number, eui) for number, eui in enumerate(euis))
                await gatherResults([Deferred.fromCoroutine(one) for one in lives])
            finally:
                for one in applications:
                    one.on_reading.remove(self._on_reading)

    def stop(self) -> None:
        """Let nobody begin anything more."""
        self._end = self._reactor.seconds()
        for wait in self._waits:
            wait.reset(0)

    def told(self) -> dict[str, Any]:
        """Return what has happened until now, as JSON."""
        return {
            "elapsed_s": round(self._reactor.seconds() - self._begun, 1),
            "joins": self.joins.summary(),
            "uplinks": self.uplinks.summary(),
            "without_turn": self._plan.devices - self._tried,
            "failures": dict(self.failures),
        }

    async def _live(self, number: int, dev_eui: Eui64) -> None:
        """Be one device: join in turn, then send again and again."""
        plan = self._plan
        due = self._begun + int(plan.lasting) / 2 * number / plan.devices
        if not await self._reached(due) or not await self._on_air(Wish.JOIN, self._join, dev_eui):
            return
        sent = 0
        while await self._reached(due):
            await self._on_air(Wish.SEND, self._send, dev_eui, sent)
            sent += 1
            due += int(plan.every)

    async def _reached(self, due: float) -> bool:
        """Wait until *due*; return whether the simulation still goes on then."""
        if due >= self._end:
            return False
        waiting: Deferred[None] = Deferred()
        delay = max(0.0, due - self._reactor.seconds())
        timer = self._reactor.callLater(delay, waiting.callback, None)
        self._waits.add(timer)
        await waiting
        self._waits.discard(timer)
        return self._reactor.seconds() < self._end

    async def _on_air(self, wish: Wish, act: Callable[..., Awaitable[bool]], *what: object) -> bool:
        """Do something when it is one's turn, unless the simulation is over by then."""
        await self._air.take(wish)
        try:
            return self._reactor.seconds() < self._end and await act(*what)
        finally:
            # In a turn of its own: at the end a thousand devices that wait give up one by one, and
            # each would do so inside the one before.
            self._reactor.callLater(0, self._air.give_back)

    async def _join(self, dev_eui: Eui64) -> bool:
        begun = self._reactor.seconds()
        self._tried += 1
        aired = await self._side.field.join(dev_eui)
        joined = isinstance(aired.hearing, Joined)
        if joined:
            self.joins.took(begun, self._reactor.seconds())
        else:
            self._failed("join", aired)
        return joined

    async def _send(self, dev_eui: Eui64, number: int) -> bool:
        begun = self._reactor.seconds()
        saying = Saying(_PORT, number.to_bytes(_COUNTER_SIZE))
        aired = await self._side.field.send(dev_eui, saying)
        read = self._side.has_read(dev_eui, aired, saying.payload)
        if read:
            self.uplinks.took(begun, self._read_at[dev_eui])
        else:
            self._failed("uplink", aired)
        return read

    def _on_reading(self, _server: str, reading: Reading) -> None:
        self._read_at[reading.dev_eui] = self._reactor.seconds()

    def _failed(self, what: str, aired: Aired) -> None:
        self.failures[f"{what}: {_why(aired.reports)}"] += 1


def _why(reports: Mapping[str, Report]) -> str:
    """Return what network servers made of a frame that came to nothing."""
    if not reports:
        return "no network server has made up its mind"
    broken = sorted({rule for one in reports.values() for rule in _broken(one)})
    return ", ".join(broken) or "the answer was not heard"


def _broken(report: Report) -> Iterator[str]:
    yield from (one.rule.id for one in report.checks if one.failed)
    for part in report.parts:
        yield from _broken(part)


def simulation_commands_of(lab: RunningLab) -> dict[str, Command]:
    """Return the commands about simulations, by name; there is one simulation at a time."""
    running: list[Simulation] = []

    async def simulate(request: Event, emit: Emit) -> None:
        """Let a crowd join and send, and say each second how far it is."""
        side = present_lorawan(lab.lorawan)
        wanted = {name: value for name, value in request.items() if name != "do"}
        plan, mistakes = build(Plan, wanted, "simulate")
        if plan is None:
            raise InputError("; ".join(f"{one.key}: {one.what}" for one in mistakes))
        if running:
            raise LabError("devices are being simulated already")
        secret = plan.seed.encode() or lab.entropy.bytes(SECRET_SIZE)
        simulation = Simulation(side, lab.reactor, plan)
        progress = LoopingCall(lambda: emit({"progress": simulation.told()}))
        progress.clock = lab.reactor
        running.append(simulation)
        progress.start(1, now=False)
        try:
            await simulation.run(secret)
        finally:
            progress.stop()
            running.remove(simulation)
        emit({"devices": plan.devices, **simulation.told()})

    async def stop(_request: Event, _emit: Emit) -> None:
        """End the simulation that is running, if any; its asker is told what came of it."""
        for one in running:
            one.stop()

    return {"lorawan-simulate": simulate, "lorawan-simulate-stop": stop}

"""What is measured inside one process: contenders take turns, as `measuring` has it.

To add a benchmark, write what gives a `Benchmark` and put it into `benchmarks`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from time import time  # noqa: TID251 certificates are judged by the real time, by `ssl`, too

from lab.core.instant import Instant
from tests.bench import delegations
from tests.bench.figures import Findings, Progress
from tests.bench.handshakes import Sides, by_dane, by_stdlib, undecided
from tests.bench.identities import Naming, Registry, asking
from tests.bench.labs import by_call, by_udp
from tests.bench.measuring import Benchmark, measure_all
from tests.bench.sockets import by_asyncio, by_twisted, let_in

# `python -m tests.bench.identities` and `tests.bench.delegations` weigh zones of 100,000.
DEVICES = 200
CUT = 14

HANDSHAKES = "mutual TLS 1.3 handshakes in memory, P-256"
CONNECTIONS = "the same over sockets: connect, one octet, goodbye"
THERE = "identities of devices that are there"
ABSENT = "identities of devices that are not"
CHANGES = "a device changes its key by UPDATE, and is asked for"
FIXTURE = "a test's own tree: from fixture to first validated answer"
TITLES = (HANDSHAKES, CONNECTIONS, THERE, ABSENT, CHANGES, FIXTURE)
DANE = "DANE on both sides"
LET_IN = "same engine, everybody let in"
CALL = "asked by a call"


@asynccontextmanager
async def benchmarks() -> AsyncIterator[tuple[Benchmark, ...]]:
    """Give all of them."""
    sides = Sides.made(Instant(time()))
    registries = {
        "flat": Registry(Naming.FLAT, DEVICES),
        "tree, two octets a label": Registry(Naming.GROUPS, DEVICES),
        "tree, a digit a label": Registry(Naming.NIBBLES, DEVICES),
    }
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        yield (
            Benchmark(
                HANDSHAKES,
                {
                    DANE: by_dane(sides),
                    LET_IN: undecided(sides),
                    "Python's ssl, PKIX on both sides": by_stdlib(sides),
                },
            ),
            Benchmark(
                CONNECTIONS,
                {
                    DANE: await enter(by_twisted(sides, sides.on_client, sides.on_server)),
                    "same servers, everybody let in": await enter(
                        by_twisted(sides, let_in, let_in)
                    ),
                    "asyncio's ssl, PKIX on both sides": await enter(by_asyncio(sides)),
                },
            ),
            Benchmark(
                THERE,
                {name: asking(one, 0) for name, one in registries.items()},
            ),
            Benchmark(
                ABSENT,
                {name: asking(one, 1) for name, one in registries.items()},
            ),
            Benchmark(
                CHANGES,
                {
                    one.value: delegations.changing(delegations.Registry(one, DEVICES, CUT))
                    for one in delegations.Shape
                },
            ),
            Benchmark(
                FIXTURE,
                {CALL: by_call, "asked over UDP": by_udp},
                share=20,
            ),
        )


def measure(rounds: int, count: int, progress: Progress) -> Findings:
    """Measure all of them."""
    return asyncio.run(_measured(rounds, count, progress))


async def _measured(rounds: int, count: int, progress: Progress) -> Findings:
    async with benchmarks() as every:
        return Findings(await measure_all(every, rounds, count, progress))

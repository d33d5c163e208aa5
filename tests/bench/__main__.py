"""Run the benchmarks: `make bench`, or `python -m tests.bench --rounds 9 --json`.

To add one, write what gives a `Benchmark` and put it into `benchmarks`.
"""

import argparse
import asyncio
import json
import os
import platform
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from importlib.metadata import version
from time import time  # noqa: TID251 certificates are judged by the real time, by `ssl`, too

from lab.core.instant import Instant
from lab.tls.loader import load
from tests.bench import delegations
from tests.bench.handshakes import Sides, by_dane, by_stdlib, undecided
from tests.bench.identities import Naming, Registry, asking
from tests.bench.labs import by_call, by_udp
from tests.bench.measuring import Benchmark, Figure, measure
from tests.bench.sockets import by_asyncio, by_twisted, let_in

# `python -m tests.bench.identities` and `tests.bench.delegations` weigh zones of 100,000.
DEVICES = 200
CUT = 14
VERSIONS = ("cryptography", "dnspython", "Twisted")


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
                "mutual TLS 1.3 handshakes in memory, P-256",
                {
                    "DANE on both sides": by_dane(sides),
                    "same engine, everybody let in": undecided(sides),
                    "Python's ssl, PKIX on both sides": by_stdlib(sides),
                },
            ),
            Benchmark(
                "the same over sockets: connect, one octet, goodbye",
                {
                    "DANE on both sides": await enter(
                        by_twisted(sides, sides.on_client, sides.on_server)
                    ),
                    "same servers, everybody let in": await enter(
                        by_twisted(sides, let_in, let_in)
                    ),
                    "asyncio's ssl, PKIX on both sides": await enter(by_asyncio(sides)),
                },
            ),
            Benchmark(
                "identities of devices that are there",
                {name: asking(one, 0) for name, one in registries.items()},
            ),
            Benchmark(
                "identities of devices that are not",
                {name: asking(one, 1) for name, one in registries.items()},
            ),
            Benchmark(
                "a device changes its key by UPDATE, and is asked for",
                {
                    one.value: delegations.changing(delegations.Registry(one, DEVICES, CUT))
                    for one in delegations.Shape
                },
            ),
            Benchmark(
                "a test's own tree: from fixture to first validated answer",
                {"asked by a call": by_call, "asked over UDP": by_udp},
                share=20,
            ),
        )


async def figures(rounds: int, count: int) -> dict[str, tuple[Figure, ...]]:
    """Measure all of them."""
    async with benchmarks() as every:
        return {one.title: await measure(one, rounds, count, progress) for one in every}


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "libssl": load().version,
        "libssl of ssl": ssl.OPENSSL_VERSION,
        **{name: version(name) for name in VERSIONS},
    }


def table(title: str, measured: tuple[Figure, ...]) -> str:
    """Return *measured* as text."""
    head = f"{'':34}{'per second':>12}{'CPU us':>10}{'ratio':>8}"
    lines = (
        f"{one.contender:34}{one.per_second:12,.0f}{one.cpu_us:10,.0f}{one.ratio:8.2f}"
        for one in measured
    )
    return "\n".join((title, head, *lines))


def progress(line: str) -> None:
    """Say on stderr what is going on."""
    sys.stderr.write(f"\r\033[K{line}" if sys.stderr.isatty() else f"{line}\n")


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each contender plays")
    parser.add_argument("--count", type=int, default=200, help="how many in a round")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    chosen = parser.parse_args()
    found = asyncio.run(figures(chosen.rounds, chosen.count))
    progress("")
    if chosen.json:
        told = {title: [asdict(one) for one in measured] for title, measured in found.items()}
        sys.stdout.write(json.dumps({"machine": machine(), "benchmarks": told}, indent=2) + "\n")
        return
    for name, value in machine().items():
        sys.stdout.write(f"{name}: {value}\n")
    for title, measured in found.items():
        sys.stdout.write(f"\n{table(title, measured)}\n")


if __name__ == "__main__":
    main()

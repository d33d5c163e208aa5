"""Identities of devices in one zone, or in a tree of delegated zones: what a change costs.

One zone must be loaded whole before the first answer, and is walked through whole when a secondary
wants what has changed. Below cuts (`lab.lorawan.identity_tree`) a zone is loaded when somebody asks
for a name in it, and a change touches that zone alone; each cut costs keys, a DS, and one more
signed answer on the way down.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cached_property, partial
from hashlib import sha256
from statistics import median
from typing import TypeAlias

import dns.name
import dns.rrset
from dns.name import Name
from dns.update import UpdateMessage

from lab.dnssec.algorithms import by_mnemonic
from lab.dnssec.keys import KeyRole, KeySet, generate
from lab.lorawan.identifiers import Eui64
from lab.lorawan.identity_tree import IdentityTree
from lab.nameserver.exchange import Exchange
from lab.nameserver.history import Publications
from lab.nameserver.server import NameServer
from lab.nameserver.signer import Signer
from lab.nameserver.transfer import transfer
from lab.nameserver.tree import ServedZone, ds_rdatas, plant
from lab.nameserver.update import update
from lab.nameserver.zone import load
from tests.bench.measuring import Play
from tests.fakes import NOW, PEER, TCP_PEER, query

APEX = dns.name.from_text("_device.example.")
_FIRST = 0x00005E1000010000
_HEAD = "@ 3600 SOA ns.example. h 1 2 3 4 300\n@ 3600 NS ns.example.\n"
_ALGORITHM = by_mnemonic("ECDSAP256SHA256")

Figures: TypeAlias = dict[str, float]


class Shape(Enum):
    """Name how identities are laid out."""

    FLAT = "one zone, flat"
    TREE = "one zone, a tree"
    CUT = "a tree of zones"


class Growing(Mapping[Name, ServedZone]):
    """Hold zones that are made when somebody asks for them."""

    def __init__(self, makers: Mapping[Name, Callable[[], ServedZone]]) -> None:
        """Make none yet."""
        self._makers = makers
        self.grown: dict[Name, ServedZone] = {}

    def __getitem__(self, apex: Name) -> ServedZone:
        if apex not in self.grown:
            self.grown[apex] = self._makers[apex]()
        return self.grown[apex]

    def __contains__(self, apex: object) -> bool:
        return apex in self._makers

    def __iter__(self) -> Iterator[Name]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class Registry:
    """Serve the identities of *count* devices, with even numbers."""

    def __init__(self, shape: Shape, count: int, cut: int) -> None:
        """Prepare; what is one zone is loaded now, and so is the top of a tree of zones."""
        self.shape, self.count = shape, count
        self.tree = IdentityTree(APEX, (cut,) if shape is Shape.CUT else ())
        self._held: dict[Name, list[int]] = {APEX: []}
        for number in range(0, 2 * count, 2):
            self._held.setdefault(self.home(number), []).append(number)
        keys = (generate(one, KeyRole.CSK, _ALGORITHM) for one in self._held)
        self.signers = {
            one: Signer(one, KeySet((key,))) for one, key in zip(self._held, keys, strict=True)
        }
        self.zones = Growing({one: partial(self._grow, one) for one in self._held})
        self.server = NameServer(self.zones)
        assert self.zones[APEX].apex == APEX

    def home(self, number: int) -> Name:
        """Return the apex of the zone that holds device *number*."""
        return self.tree.zones_above(_eui(number))[-1]

    def owner(self, number: int) -> Name:
        """Return the name of device *number*."""
        if self.shape is Shape.FLAT:
            return dns.name.from_text(str(_eui(number)), APEX)
        return self.tree.owner(_eui(number))

    @cached_property
    def _cuts(self) -> dict[Name, KeySet]:
        return {apex: one.keys for apex, one in self.signers.items() if apex != APEX}

    def _grow(self, apex: Name) -> ServedZone:
        below = self._cuts if apex == APEX else {}
        lines = (
            *(f"{one} 3600 NS ns.example.\n" for one in below),
            *(f"{self.owner(one)} 3600 TLSA {_tlsa(one)}\n" for one in self._held[apex]),
        )
        zone = load(_HEAD + "".join(lines), apex, "bench")
        delegations = {one: ds_rdatas(one, keys) for one, keys in below.items()}
        return plant({apex: zone}, {apex: self.signers[apex]}, delegations)[apex]

    def ask(self, number: int) -> int:
        """Return how long the answer about device *number* is; those with odd numbers are none."""
        asked = query(self.owner(number), "TLSA", payload=4096)
        answer = self.server.respond(asked.to_wire(), PEER, NOW)
        assert answer is not None
        return len(answer)

    def change(self, number: int, key: int) -> ServedZone:
        """Give device *number* another key by a dynamic update, and return its zone after that."""
        apex = self.home(number)
        zone = self.zones[apex].zone
        message = UpdateMessage(apex)
        message.replace(self.owner(number), 3600, "TLSA", _tlsa(key))
        message.replace(apex, 3600, zone.with_serial(zone.serial + 1).soa.rdatas[0])
        outcome = update(zone, message, lambda _owner, _rdtype: True)
        assert outcome.change.added, outcome.reason
        # What a zone has at its apex and its cuts by DNSSEC is in it already.
        served = ServedZone(outcome.change.applied_to(zone), self.signers[apex])
        self.zones.grown[apex] = served
        return served


def _eui(number: int) -> Eui64:
    return Eui64((_FIRST + number).to_bytes(Eui64.SIZE, "big"))


def _tlsa(number: int) -> str:
    return f"3 1 1 {sha256(b'%d' % number).hexdigest()}"


def changing(registry: Registry) -> Play:
    """Return what gives one device after the other a new key, and asks for it."""

    async def play(count: int) -> None:
        for number in range(count):
            device = 2 * (number % registry.count)
            registry.change(device, time.perf_counter_ns())
            registry.ask(device)

    return play


class Stopwatch:
    """Take CPU time, in milliseconds."""

    def __init__(self) -> None:
        """Begin."""
        self._began = time.process_time()

    def lap(self) -> float:
        """Return what has been used since the last lap."""
        now = time.process_time()
        took, self._began = now - self._began, now
        return took * 1000


def _peak() -> float:
    """Return the most that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def weigh(registry_of: Callable[[], Registry], questions: int) -> tuple[Registry, Figures]:
    """Return a registry and what it costs, by what is done: CPU times, and memory."""
    before, watch = _peak(), Stopwatch()
    registry = registry_of()
    count = registry.count
    registry.ask(0)
    found = {"ms to the first answer": watch.lap(), "MiB at most by then": _peak() - before}
    every = tuple(registry.zones.values())
    found |= {"zones": len(every), "ms to load the rest": watch.lap()}
    found["MiB at most, all loaded"] = _peak() - before
    step = max(1, count // questions)
    for what, first in (("there", 0), ("not there", 1)):
        for state in ("cold", "hot"):
            watch.lap()
            for one in range(min(questions, count)):
                registry.ask(2 * one * step + first)
            found[f"us an answer, {what}, {state}"] = 1000 * watch.lap() / min(questions, count)
    watch.lap()
    registry.change(0, count)
    registry.ask(0)
    found["ms for an update and an answer"] = watch.lap()
    return registry, found


def weigh_transfers(registry: Registry) -> Figures:
    """Return what secondaries cost: at the start, and after one change."""
    books, watch = Publications(), Stopwatch()
    every = tuple(registry.zones.values())
    starts = sum(_octets(one.apex, "AXFR", books, one) for one in every)
    found = {"ms to sign all for secondaries": watch.lap(), "octets of all AXFR": float(starts)}
    served = registry.change(2, -1)
    watch.lap()
    found["octets of the IXFR after a change"] = _octets(served.apex, "IXFR", books, served)
    found["ms for that IXFR"] = watch.lap()
    found["octets of an AXFR instead"] = _octets(served.apex, "AXFR", books, served)
    return found


def _octets(apex: Name, rdtype: str, books: Publications, served: ServedZone) -> int:
    asked = query(apex, rdtype, edns=None)
    if rdtype == "IXFR":
        soa = f". . {served.zone.serial - 1} 0 0 0 0"
        asked.authority.append(dns.rrset.from_text(apex, 0, "IN", "SOA", soa))
    history = books.of(served, NOW)
    return sum(len(one) for one in transfer(Exchange(asked, TCP_PEER, NOW), history))


def main() -> None:
    """Weigh each shape in turn, in a process of its own, and print the medians of the rounds."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.delegations", description=__doc__)
    parser.add_argument("--devices", type=int, default=100_000)
    parser.add_argument("--cut", type=int, default=13, help="after so many digits of the DevEUI")
    parser.add_argument("--questions", type=int, default=2000, help="of each kind")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--transfers", action="store_true", help="also sign and transfer it all")
    parser.add_argument("--only", choices=[one.name for one in Shape], help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.only:
        made = partial(Registry, Shape[chosen.only], chosen.devices, chosen.cut)
        registry, weighed = weigh(made, chosen.questions)
        weighed |= weigh_transfers(registry) if chosen.transfers else {}
        sys.stdout.write(json.dumps(weighed))
        return
    options = ["--devices", str(chosen.devices), "--cut", str(chosen.cut)]
    options += ["--questions", str(chosen.questions), *["--transfers"][: chosen.transfers]]
    rounds: dict[Shape, list[dict[str, float]]] = {one: [] for one in Shape}
    for _ in range(chosen.rounds):
        for shape, found in rounds.items():
            command = [sys.executable, "-m", "tests.bench.delegations", *options]
            done = subprocess.run(
                [*command, "--only", shape.name], capture_output=True, text=True, check=True
            )
            found.append(json.loads(done.stdout))
    head = "".join(f"{one.value:>20}" for one in Shape)
    sys.stdout.write(f"{chosen.devices} devices, median of {chosen.rounds}\n{'':34}{head}\n")
    for what in rounds[Shape.FLAT][0]:
        cells = (median(one[what] for one in found) for found in rounds.values())
        sys.stdout.write(f"{what:34}{''.join(f'{one:20,.1f}' for one in cells)}\n")


if __name__ == "__main__":
    main()

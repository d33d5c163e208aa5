"""Identities of devices in one zone: a flat list of names, or a tree as that of ENUM.

A flat name is one label of sixteen digits below `_device`; a tree has a label for each digit, the
last one first, as ENUM has it (RFC 6116 section 3.2) and as JoinEUIs are published; or one for each
two octets. Inner names of a tree hold nothing: they are empty non-terminals, not zones, as there is
one owner here, and a cut would cost a DS, a DNSKEY and a round trip at each level.
"""

import argparse
import gc
import resource
import sys
import time
from enum import Enum
from hashlib import sha256

from lab.nameserver.exchange import Exchange
from lab.nameserver.history import Publications
from lab.nameserver.server import NameServer
from lab.nameserver.transfer import transfer
from tests.bench.measuring import Play
from tests.fakes import NOW, PEER, TCP_PEER, query, served

APEX = "devices.example."
_FIRST = 0x00005E1000010000
_HEAD = "@ 3600 SOA ns h 1 2 3 4 300\n@ 3600 NS ns\nns 3600 A 127.0.0.1\n"


class Naming(Enum):
    """Say how many digits of a DevEUI make a label."""

    FLAT = 16
    GROUPS = 4
    NIBBLES = 1

    def owner(self, number: int) -> str:
        """Return the name of device *number*, below the apex."""
        digits = f"{_FIRST + number:016x}"
        labels = [digits[at : at + self.value] for at in range(0, 16, self.value)]
        return f"{'.'.join(reversed(labels))}._device"


class Registry:
    """Serve the identities of *count* devices."""

    def __init__(self, naming: Naming, count: int) -> None:
        """Load and sign the zone; signatures are made when they are asked for."""
        lines = (
            f"{naming.owner(2 * one)} 3600 TLSA 3 1 1 {sha256(b'%d' % one).hexdigest()}\n"
            for one in range(count)
        )
        self.naming, self.count = naming, count
        self.server = NameServer(served({APEX: _HEAD + "".join(lines)}))

    def ask(self, number: int) -> int:
        """Return how long the answer about device *number* is; those with odd numbers are none."""
        asked = query(f"{self.naming.owner(number)}.{APEX}", "TLSA", payload=4096)
        answer = self.server.respond(asked.to_wire(), PEER, NOW)
        assert answer is not None
        return len(answer)

    def transferred(self) -> int:
        """Return how many octets a transfer of the whole zone takes, signatures included."""
        (zone,) = self.server.zones.values()
        history = Publications().of(zone, NOW)
        exchange = Exchange(query(APEX, "AXFR", edns=None), TCP_PEER, NOW)
        return sum(len(one) for one in transfer(exchange, history))


def asking(registry: Registry, first: int) -> Play:
    """Return what asks about one device after the other: those with odd numbers are not there.

    What was asked once has its signatures: the round that warms up is the cold one.
    """

    async def play(count: int) -> None:
        for number in range(count):
            registry.ask(2 * (number % registry.count) + first)

    return play


def _memory() -> int:
    """Return the most that this process has held, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Say what one zone takes; each naming needs a process of its own, for its memory."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.identities", description=__doc__)
    parser.add_argument("naming", choices=[one.name.lower() for one in Naming])
    parser.add_argument("--devices", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=2000, help="of each kind")
    parser.add_argument("--transfer", action="store_true", help="also sign and transfer it all")
    chosen = parser.parse_args()
    before, began = _memory(), time.process_time()
    registry = Registry(Naming[chosen.naming.upper()], chosen.devices)
    loaded = time.process_time() - began
    gc.collect()
    say = sys.stdout.write
    say(f"{chosen.naming}: {chosen.devices} devices, {loaded:.1f} s of CPU to load, ")
    say(f"{(_memory() - before) / 1024:.0f} MiB at most\n")
    for what, first in (("there", 0), ("not there", 1)):
        for state in ("cold", "hot"):
            began, octets = time.process_time(), 0
            for one in range(chosen.questions):
                octets += registry.ask(2 * one * (chosen.devices // chosen.questions) + first)
            took = (time.process_time() - began) / chosen.questions * 1e6
            say(f"  {what}, {state}: {took:.0f} us, {octets / chosen.questions:.0f} octets\n")
    if chosen.transfer:
        say(f"  transfer: {registry.transferred() / chosen.devices:.0f} octets a device\n")


if __name__ == "__main__":
    main()

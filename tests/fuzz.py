"""Mutate real messages and throw them at one address: whatever comes in, what goes out is sound.

`python -m tests.fuzz --count 1000000` says how many inputs were tried, how they were answered, the
slowest one and the peak memory. The tests run a part of it with fixed seeds.
"""

import argparse
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_network

import dns.exception
import dns.flags
import dns.message
import dns.tsig
import dns.update
from dns.edns import CookieOption, GenericOption, OptionType
from dns.message import Message
from dns.opcode import Opcode
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.TSIG import TSIG
from dns.tsig import Key
from dns.update import UpdateMessage

from lab.nameserver.access import Access, Caller, Grant, Permit
from lab.nameserver.event import QueryEvent
from lab.nameserver.exchange import Exchange, Service
from lab.nameserver.history import Publications
from lab.nameserver.query import UDP_PAYLOAD, Peer, Transport
from lab.nameserver.reception import Desk, Reception
from lab.nameserver.server import NameServer
from lab.nameserver.size import TCP_LIMIT
from lab.nameserver.transfer import transfer
from lab.nameserver.update import May, Outcome, update
from lab.present.dnstap import frames
from lab.present.event import event_line, event_to_json
from tests.fakes import NOW, name, query, served

REAL_NOW = 1_790_000_000
KEY = Key("key.example.", b"0123456789abcdef0123456789abcdef", dns.tsig.HMAC_SHA256)
ZONE = """
@        60 SOA ns h 1 2 3 4 5
@        60 NS  ns
ns       60 A   127.53.0.2
www      60 A   192.0.2.1
*.wild   60 TXT "made from a wildcard"
mixed    60 MX  10 Mail.Example.
alias    60 CNAME www
loop     60 CNAME loop
raw      60 TYPE65280 \\# 6 000102030405
x.ent    60 A   192.0.2.3
child    60 NS  ns.child
ns.child 60 A   127.53.0.3
long     60 TXT {0} {0} {0} {0} {0} {0} {0}
""".format('"' + "x" * 200 + '"')
NAMES = ("", "www.", "a.wild.", "mixed.", "alias.", "loop.", "ent.", "x.child.", "long.", "no.")
TYPES = (
    "A",
    "TXT",
    "MX",
    "DS",
    "SOA",
    "ANY",
    "RRSIG",
    "NSEC",
    "DNSKEY",
    "TYPE65280",
    "OPT",
    "TSIG",
)
SLOW_S = 1.0
POOL = 50
# So many messages for each one that is also described as an event, which takes longer.
DESCRIBED = 8


@dataclass
class Target:
    """Be one address of a lab, with everything switched on.

    Attributes:
        reception: what receives the octets.
        seen: how many messages had which end.
        slowest: seconds, and the input.
        thrown: how many messages there were.
    """

    reception: Reception
    seen: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, bytes] = (0.0, b"")
    thrown: int = 0

    def throw(self, wire: bytes, peer: Peer) -> None:
        """Send one message, and check all that comes back."""
        before = time.process_time()
        answers = tuple(self.reception.receive(wire, peer, NOW, REAL_NOW))
        elapsed = time.process_time() - before
        self.slowest = max(self.slowest, (elapsed, wire))
        if not answers:
            assert len(wire) < 12 or wire[2] & 0x80, wire.hex()
            self.seen["silence"] += 1
        else:
            self.seen[Rcode.to_text(Rcode(answers[0][3] & 0xF))] += 1
        for answer in answers:
            check(wire, answer, peer)
        self.thrown += 1
        if self.thrown % DESCRIBED == 0:
            self._describe(wire, answers, peer)

    def _describe(self, wire: bytes, answers: tuple[bytes, ...], peer: Peer) -> None:
        first = answers[0] if answers else None
        octets = sum(map(len, answers))
        event = QueryEvent(0.5, "127.53.0.1", 53, peer, wire, first, len(answers), octets)
        event_line(event)
        event_to_json(event)
        assert all(frames(event, b"lab", b"1"))


def check(wire: bytes, answer: bytes, peer: Peer) -> None:
    """Check what holds of every answer (RFC 1035 section 4.1.1)."""
    assert answer[:2] == wire[:2], wire.hex()
    limit = UDP_PAYLOAD if peer.transport is Transport.UDP else TCP_LIMIT
    assert len(answer) <= limit, wire.hex()
    flags = int.from_bytes(answer[2:4], "big")
    assert flags & dns.flags.QR, wire.hex()
    assert flags & 0x7800 == int.from_bytes(wire[2:4], "big") & 0x7800, wire.hex()
    # dnspython holds UPDATE to more rules than an echoed question can keep: as QUERY it is read.
    octets = answer[:2] + (flags & ~0x7800).to_bytes(2, "big") + answer[4:]
    try:
        dns.message.from_wire(octets, keyring=False)
    except dns.exception.DNSException as error:
        raise AssertionError(f"{error!r} is what became of {wire.hex()}") from error


@cache
def target() -> Target:
    """Return an address that serves `example.`, transfers, and takes updates from everybody."""
    zones = served({"example.": ZONE})
    apex = name("example.")
    publications = Publications()
    everybody = Grant(networks=(ip_network("127.0.0.0/8"),))

    def transferred(exchange: Exchange, _caller: Caller) -> Iterable[bytes]:
        return transfer(exchange, publications.of(zones[apex], exchange.now))

    def updated(message: UpdateMessage, may: May) -> Outcome:
        return update(zones[apex].zone, message, may)

    desk = Desk(transfer=transferred, update=updated)
    names = NameServer(zones, Service("ns.example", "lab", (bytes(16),)))
    access = {apex: Access(transfer=everybody, update=(Permit(everybody),))}
    return Target(Reception(names, access, {KEY.name: KEY}, desk))


def plain(chance: random.Random) -> Message:
    """Return an ordinary query, with some options."""
    asked = query(f"{chance.choice(NAMES)}example.", chance.choice(TYPES))
    options = [
        CookieOption(b"client!!", chance.choice((b"", bytes(16)))),
        GenericOption(OptionType.NSID, b""),
        GenericOption(OptionType.PADDING, bytes(chance.randrange(40))),
        GenericOption(OptionType.KEEPALIVE, b""),
        GenericOption(OptionType(chance.randrange(65536)), chance.randbytes(chance.randrange(9))),
    ]
    payload = chance.choice((0, 512, 1232, 65535))
    asked.use_edns(0, chance.choice((0, dns.flags.DO)), payload, options=chance.sample(options, 2))
    return asked


def transferring(chance: random.Random) -> Message:
    """Return a query for a whole zone, or for what has changed."""
    asked = query("example.", chance.choice(("AXFR", "IXFR")))
    soa = f"ns.example. h.example. {chance.choice((0, 1, 2**31))} 2 3 4 5"
    asked.authority.append(dns.rrset.from_text("example.", 0, "IN", "SOA", soa))
    return asked


def notifying(chance: random.Random) -> Message:
    """Return a NOTIFY."""
    asked = query(chance.choice(("example.", "child.example.")), chance.choice(("SOA", "CDS")))
    asked.set_opcode(Opcode.NOTIFY)
    return asked


def updating(chance: random.Random) -> Message:
    """Return a dynamic update."""
    message = dns.update.UpdateMessage("example.")
    owner = chance.choice(("www", "new", "child", "*.wild"))
    if chance.randrange(2):
        message.present(owner, "A")
    act: Callable[..., None] = chance.choice((message.add, message.replace))
    if chance.randrange(2):
        act(owner, 60, "A", "192.0.2.7")
    message.delete(owner, chance.choice(("A", "TXT", "SOA")))
    return message


KINDS: tuple[Callable[[random.Random], Message], ...] = (
    plain,
    plain,
    plain,
    transferring,
    notifying,
    updating,
)


def pool(chance: random.Random) -> tuple[bytes, ...]:
    """Return the octets of some messages that are right."""
    return tuple(chance.choice(KINDS)(chance).to_wire() for _ in range(POOL))


def message(seeds: tuple[bytes, ...], chance: random.Random) -> bytes:
    """Return octets: noise, or a message that is right, wrong, or wrong and yet rightly signed."""
    if chance.randrange(20) == 0:
        return chance.randbytes(chance.randrange(300))
    wire = mutated(chance.choice(seeds), chance)
    return signed(wire) if chance.randrange(6) == 0 else wire


def mutated(wire: bytes, chance: random.Random) -> bytes:
    """Return *wire* with a few octets changed, cut, doubled, moved or added."""
    octets = bytearray(wire)
    for _ in range(chance.choice((0, 1, 1, 2, 4, 8))):
        at = chance.randrange(len(octets) + 1)
        kind = chance.randrange(8)
        if kind < 3 and at < len(octets):
            octets[at] = chance.choice((0, 1, 0x3F, 0x40, 0xC0, 0xFF, chance.randrange(256)))
        elif kind == 3 and len(octets) >= 12:
            # The counts of the header, where parsers believe most.
            octets[4 + chance.randrange(8)] = chance.choice((0, 1, 2, 255))
        elif kind == 4:
            del octets[at : at + chance.randrange(8)]
        elif kind == 5:
            octets[at:at] = chance.randbytes(chance.randrange(6))
        elif kind == 6:
            piece = octets[at : at + chance.randrange(30)]
            octets[at:at] = piece * chance.randrange(3)
        elif len(octets) > 14:
            # A pointer of compression, to anywhere.
            octets[at : at + 2] = (0xC000 | chance.randrange(len(octets))).to_bytes(2, "big")
    return bytes(octets[:TCP_LIMIT])


def signed(wire: bytes) -> bytes:
    """Return *wire* with a good TSIG after it, whatever it is."""
    if len(wire) < 12:
        return wire
    number = int.from_bytes(wire[:2], "big")
    rdata = TSIG(RdataClass.ANY, RdataType.TSIG, KEY.algorithm, REAL_NOW, 300, b"", number, 0, b"")
    sealed, _ = dns.tsig.sign(wire, KEY, rdata, REAL_NOW)
    record = bytearray(KEY.name.to_wire() or b"")
    octets = sealed.to_wire() or b""
    record += (250).to_bytes(2, "big") + (255).to_bytes(2, "big") + bytes(4)
    record += len(octets).to_bytes(2, "big") + octets
    count = min(int.from_bytes(wire[10:12], "big") + 1, 65535)
    return wire[:10] + count.to_bytes(2, "big") + wire[12:] + bytes(record)


PEERS = tuple(Peer("127.0.0.1", 4711, one) for one in Transport)


def fuzz(count: int, seed: int) -> Target:
    """Throw *count* messages at the target."""
    chance, aim = random.Random(seed), target()
    seeds = pool(chance)
    for _ in range(count):
        aim.throw(message(seeds, chance), chance.choice(PEERS))
    return aim


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Fuzz as long as was asked, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    begun, part = time.monotonic(), 10_000
    for number in range(0, chosen.count, part):
        fuzz(min(part, chosen.count - number), chosen.seed + number)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        say(f"{number + part} inputs, {time.monotonic() - begun:.0f} s, {peak} MiB")
    aim = target()
    slowest, wire = aim.slowest
    say(str(dict(aim.seen.most_common())))
    say(f"slowest {slowest * 1000:.1f} ms: {wire[:100].hex()}")


if __name__ == "__main__":
    main()

"""Validate inside a process: the lab, libunbound, and dnspython's primitives by hand.

`python -m tests.bench.validators PORT ANCHOR ROUNDS TIMES` measures; `chain` serves what is asked
for. From the root down there are six answers with a signature to verify; with the chain kept, one,
and no name is asked for twice.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TypeAlias

import dns.dnssec
import dns.message
import dns.name
import dns.query
import dns.rdatatype
from dns.name import Name
from dns.node import Node
from dns.rdataset import Rdataset
from dns.rdatatype import RdataType
from dns.rrset import RRset

from lab.api import Cache, resolve
from tests.bench.chain import ZONES, Chain, host
from tests.bench.figures import Findings
from tests.bench.libunbound import LIBRARY, PACKAGE, Libunbound
from tests.bench.measuring import Benchmark, Play, measure_all
from tests.bench.processes import CLIENTS, output

COLD = "a validated answer, nothing known before"
KEPT = "a validated answer, the chain known"
TITLES = (COLD, KEPT)
LAB = "the lab, `resolve`"
LIBUNBOUND = "libunbound"
PRIMITIVES = "dnspython's primitives"
Keys: TypeAlias = dict[Name, Node | Rdataset]
_ADDRESS = "127.0.0.1"


class Primitives:
    """Walk down the chain as few lines as dnspython needs for it."""

    def __init__(self, chain: Chain) -> None:
        """Know the DS of the root alone."""
        self._port = chain.port
        self._keys: Keys = {}
        fields = chain.ds.split()
        self._ds = dns.rrset.from_text(".", 0, "IN", "DS", " ".join(fields[3:]))

    def _ask(self, name: Name, rdtype: RdataType) -> tuple[RRset, RRset]:
        query = dns.message.make_query(name, rdtype, want_dnssec=True)
        found = dns.query.udp(query, _ADDRESS, 5, self._port).answer
        rrset = next(one for one in found if one.rdtype == rdtype)
        return rrset, next(one for one in found if one.covers == rdtype)

    def walk(self) -> None:
        """Verify the keys of every zone of the chain."""
        ds, above = self._ds, self._keys
        for zone in map(dns.name.from_text, reversed(ZONES)):
            if above:
                ds, signed = self._ask(zone, RdataType.DS)
                dns.dnssec.validate(ds, signed, above)
            keys, signed = self._ask(zone, RdataType.DNSKEY)
            trusted = [
                key
                for key in keys
                if any(dns.dnssec.make_ds(zone, key, one.digest_type) == one for one in ds)
            ]
            above = {zone: dns.rrset.from_rdata_list(zone, 0, trusted)}
            dns.dnssec.validate(keys, signed, above)
            above = {zone: keys}
        self._keys = above

    def secure(self, name: str) -> bool:
        """Verify the address of *name*; raises if that fails."""
        dns.dnssec.validate(*self._ask(dns.name.from_text(name), RdataType.A), self._keys)
        return True


def _each(once: Callable[[str], bool]) -> Play:
    """Return what asks for one name after the other."""
    names = map(host, count())

    async def play(times: int) -> None:
        for _ in range(times):
            assert once(next(names))

    return play


def benchmarks(chain: Chain) -> tuple[Benchmark, ...]:
    """Return both."""

    def by_lab(name: str, cache: Cache | None) -> bool:
        forward = {"anchor": chain.anchor, "port": chain.port, "forward": _ADDRESS}
        return resolve(name, "A", cache=cache, **forward).secure  # type: ignore[arg-type] # checked there

    def by_libunbound(name: str) -> bool:
        context = Libunbound(chain.ds, chain.port)
        secure = context.secure(name)
        context.close()
        return secure

    def by_primitives(name: str) -> bool:
        primitives = Primitives(chain)
        primitives.walk()
        return primitives.secure(name)

    cache, walked = Cache(), Primitives(chain)
    walked.walk()
    cold = {
        LAB: _each(lambda name: by_lab(name, None)),
        LIBUNBOUND: _each(by_libunbound),
        PRIMITIVES: _each(by_primitives),
    }
    kept = {LAB: _each(lambda name: by_lab(name, cache)), PRIMITIVES: _each(walked.secure)}
    if LIBRARY is None:
        del cold[LIBUNBOUND]
    else:
        kept[LIBUNBOUND] = _each(Libunbound(chain.ds, chain.port).secure)
    return Benchmark(COLD, cold), Benchmark(KEPT, kept)


def measure(chain: Chain, rounds: int, times: int) -> Findings:
    """Measure in a process of its own, beside the server."""
    options = [str(chain.port), str(chain.anchor), str(rounds), str(times)]
    said = output([sys.executable, "-m", "tests.bench.validators", *options], CLIENTS)
    missing = {LIBUNBOUND: f"not installed (Debian package {PACKAGE})"} if LIBRARY is None else {}
    return Findings(json.loads(said), missing)


def main() -> None:
    """Print figures as JSON."""
    port, anchor, rounds, times = sys.argv[1:]
    chain = Chain(int(port), Path(anchor))
    every = measure_all(benchmarks(chain), int(rounds), int(times), lambda _: None)
    sys.stdout.write(json.dumps(asyncio.run(every)))


if __name__ == "__main__":
    main()

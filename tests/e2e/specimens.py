"""What validating resolvers, and delv, tell of the zones that are broken on purpose."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dns.asyncquery
import dns.edns
import dns.exception
import dns.message
import dns.rcode
from dns.flags import Flag
from dns.rdatatype import RdataType

from lab.app.folders import read_tree, read_verdicts
from lab.core.rules import Ede
from lab.core.status import SecurityStatus
from lab.world.specimens import Expectation, Specimen
from lab.world.verdicts import Who
from tests.e2e.recursors import running_kresd, running_pdns
from tests.e2e.running import (
    Lab,
    Resolver,
    Tool,
    from_the_root,
    running_stub,
    running_unbound,
)

ZONES = Path(__file__).parents[2] / "zones"
TREE = read_tree(ZONES)
VERDICTS = read_verdicts(ZONES, TREE)
SPECIMENS = {one.name: one for one in TREE.specimens}
JUDGED = {
    name: one
    for name, one in SPECIMENS.items()
    if VERDICTS.of(Who.UNBOUND, one).status is not SecurityStatus.INDETERMINATE
}
ATTEMPTS = 3
PAUSES_S = (0.1, 2.0)
# Who waits for nobody waits that long; the answer of a busy machine may take longer.
SILENCE_S, PATIENCE_S = 3.0, 30.0
# A busy machine is no slow server; and of a bad key in its cache Unbound forgets why it is bad.
MORE_OF_UNBOUND = """
    unknown-server-time-limit: 3000
    key-cache-size: 0
"""
# What delv says where an answer came too late.
BUSY = ("timed out", "hung fetch")
# In an alias chain each part has its line; the worst is that of the whole.
OF_DELV = {
    "unsigned answer": SecurityStatus.INSECURE,
    "fully validated": SecurityStatus.SECURE,
    "resolution failed": SecurityStatus.BOGUS,
}

Told = Mapping[str, Expectation]


@dataclass(frozen=True)
class Court:
    """Hold who is asked; each keeps what it has found, as a specimen never changes."""

    lab: Lab
    stub: Resolver
    others: Mapping[Who, Resolver]


@contextmanager
def running_court(lab: Lab, folder: Path) -> Iterator[Court]:
    """Run our stub and three resolvers of other people beside *lab*."""
    folders = {who: folder / who.value for who in (Who.UNBOUND, Who.KRESD, Who.PDNS)}
    for one in folders.values():
        one.mkdir()
    keeping = from_the_root(lab, max_ttl=3600) + MORE_OF_UNBOUND
    with (
        running_stub(lab) as stub,
        running_unbound(lab, folders[Who.UNBOUND], keeping) as unbound,
        running_kresd(lab, folders[Who.KRESD]) as kresd,
        running_pdns(lab, folders[Who.PDNS]) as pdns,
    ):
        yield Court(lab, stub, {Who.UNBOUND: unbound, Who.KRESD: kresd, Who.PDNS: pdns})


def expected(who: Who | None, specimen: Specimen) -> Expectation:
    """Return what the tables say that *who* tells; None is our stub."""
    return specimen.expected if who is None else VERDICTS.of(who, specimen)


def told_by(who: Who | None, resolver: Resolver, at_once: int) -> Told:
    """Return what a resolver tells of all specimens, *at_once* of them at a time."""

    async def all_of_them() -> Sequence[Expectation]:
        # Those about whom nobody answers cost nothing but time.
        turns = asyncio.Semaphore(at_once)
        waiting = asyncio.Semaphore(len(SPECIMENS))
        asked = (
            _patiently(expected(who, one), one, resolver, turns if _is_known(who, one) else waiting)
            for one in SPECIMENS.values()
        )
        return await asyncio.gather(*asked)

    return dict(zip(SPECIMENS, asyncio.run(all_of_them()), strict=True))


def _is_known(who: Who | None, specimen: Specimen) -> bool:
    return expected(who, specimen).status is not SecurityStatus.INDETERMINATE


async def _patiently(
    wanted: Expectation, specimen: Specimen, resolver: Resolver, turns: asyncio.Semaphore
) -> Expectation:
    """Return what is told in the end: on a busy machine an answer may have come too late."""
    async with turns:
        told = await _answer(wanted, specimen, resolver)
        for pause in PAUSES_S:
            if str(told) != str(wanted):
                await asyncio.sleep(pause)
                told = await _answer(wanted, specimen, resolver)
    return told


async def _answer(wanted: Expectation, specimen: Specimen, resolver: Resolver) -> Expectation:
    query = dns.message.make_query(specimen.qname, specimen.rdtype, want_dnssec=True)
    unknown = wanted.status is SecurityStatus.INDETERMINATE
    patience = SILENCE_S if unknown else PATIENCE_S
    try:
        told = await dns.asyncquery.udp(query, resolver.address, patience, resolver.port)
    except dns.exception.Timeout:
        return Expectation(SecurityStatus.INDETERMINATE, ())
    codes = sorted(int(one.code) for one in told.options if isinstance(one, dns.edns.EDEOption))
    if told.rcode() != dns.rcode.SERVFAIL:
        status = SecurityStatus.SECURE if told.flags & Flag.AD else SecurityStatus.INSECURE
    else:
        # A resolver does not tell its clients one from the other but by EDE.
        status = SecurityStatus.INDETERMINATE if unknown else SecurityStatus.BOGUS
    return Expectation(status, tuple(Ede(one) for one in codes))


def told_by_delv(tool: Tool, court: Court, at_once: int) -> Mapping[str, str]:
    """Return what delv says of those that somebody answers for, with what a resolver fetches."""
    fetching = court.others[Who.UNBOUND]
    where = ("-p", str(fetching.port), f"@{fetching.address}")
    anchor = ("-a", court.lab.status["trust_anchor"]["named_conf"], "+root=.")

    def ask(specimen: Specimen) -> str:
        question = (str(specimen.qname), RdataType.to_text(specimen.rdtype))
        said = BUSY[0]
        for _ in range(ATTEMPTS):
            if any(words in said for words in BUSY):
                done = tool("delv", *where, *anchor, *question)
                said = str(done.stdout + done.stderr)
        return said

    with ThreadPoolExecutor(at_once) as pool:
        return dict(zip(JUDGED, pool.map(ask, JUDGED.values()), strict=True))


def judgement_of_delv(said: str) -> SecurityStatus | None:
    """Return the verdict in the words of delv; None if there is none."""
    return next((status for words, status in OF_DELV.items() if words in said), None)

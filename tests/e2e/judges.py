"""Those who judge the same question: our validator, unbound and BIND, and what they say.

Compared are RCODE, AD and the RRsets of the answer section, TTLs apart; and with CD, when nobody
owes a verdict (RFC 4035 section 3.2.2), RCODE and answer.
"""

import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
from dns.message import Message, QueryMessage
from dns.rdatatype import RdataType

from lab.core.dialogue import answer_all
from lab.core.instant import Instant
from lab.core.question import Question as Asked
from lab.core.question import Response, Server
from lab.nameserver.size import TCP_LIMIT
from lab.net.entropy import SystemEntropy
from lab.net.plain_client import PlainClient
from lab.present.response import fitted, respond
from lab.validator.anchor import parse_anchors
from lab.validator.resolve import Settings, resolve
from tests.e2e.questions import Question
from tests.e2e.running import (
    Lab,
    Resolver,
    find,
    free_port,
    from_the_root,
    listening,
    running_unbound,
)

UNBOUND, BIND, DELV = "unbound", "bind", "delv"
SILENT = "silent"
AT_ONCE = 4
PATIENCE_S = 5.0
TRIES = 3
MORE_OF_UNBOUND = """
    aggressive-nsec: no
    qname-minimisation: no
    harden-below-nxdomain: no
    infra-host-ttl: 1
    infra-keep-probing: yes
    infra-cache-max-rtt: 1000
    val-sig-skew-min: 0
    val-sig-skew-max: 0
    local-zone: "test." nodefault
"""
NAMED = """\
options {{
    directory "{folder}"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
    recursion yes; pid-file none; session-keyfile "{folder}/session.key";
    dnssec-validation yes; empty-zones-enable no; synth-from-dnssec no;
    servfail-ttl 0; lame-ttl 0; qname-minimization off;
    allow-recursion {{ any; }}; allow-query-cache {{ any; }};
}};
controls {{ }};
include "{anchor}";
zone "." {{ type hint; file "{hints}"; }};
"""


@dataclass(frozen=True)
class Said:
    """Hold what is compared of one response."""

    rcode: str
    ad: bool
    answer: frozenset[Any]

    @property
    def standing(self) -> str:
        """Return the verdict that a client can see."""
        if self.rcode == "SERVFAIL":
            return "bogus"
        return "secure" if self.ad else "insecure"

    def __str__(self) -> str:
        rrsets = sorted(f"{owner} {RdataType.to_text(rdtype)}" for owner, rdtype, _ in self.answer)
        return f"{self.rcode}{' AD' if self.ad else ''} [{', '.join(dict.fromkeys(rrsets))}]"


@dataclass(frozen=True)
class Verdict:
    """Hold both responses of one resolver to one question."""

    checked: Said
    unchecked: Said

    def __str__(self) -> str:
        return f"{self.checked}; with CD {self.unchecked}"


def ask(resolver: Resolver, question: Question) -> Verdict:
    unchecked = _ask(resolver, question, dns.flags.CD)
    return Verdict(_ask(resolver, question, 0), replace(unchecked, ad=False))


def _ask(resolver: Resolver, question: Question, flags: int) -> Said:
    query = _query(question, flags)
    for _ in range(TRIES):
        # unbound closes TCP connections when it has many of them.
        with suppress(dns.exception.DNSException, OSError, EOFError):
            where = (resolver.address, PATIENCE_S, resolver.port)
            return said(dns.query.udp_with_fallback(query, *where, ignore_unexpected=True)[0])
    return Said(SILENT, ad=False, answer=frozenset())


def _query(question: Question, flags: int) -> QueryMessage:
    query = dns.message.make_query(*question, want_dnssec=True)
    query.flags |= flags
    return query


def said(told: Message) -> Said:
    records = frozenset(
        (one.name.canonicalize(), one.rdtype, _comparable(rdata))
        for one in told.answer
        for rdata in one
    )
    return Said(dns.rcode.to_text(told.rcode()), bool(told.flags & dns.flags.AD), records)


def _comparable(rdata: Any) -> object:  # noqa: ANN401 any type of rdata
    # Which of several signatures a resolver keeps, and when it was made, is no matter.
    if rdata.rdtype == RdataType.RRSIG:
        return rdata.type_covered, rdata.labels, rdata.signer
    if rdata.rdtype == RdataType.NSEC:
        # RFC 6840 section 5.1: the case of the next name is kept, here that of who asked first.
        return rdata.replace(next=rdata.next.canonicalize()).to_digestable()
    return rdata.to_digestable()


def ask_all(resolver: Resolver, questions: Sequence[Question]) -> list[Verdict]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda one: ask(resolver, one), questions))


def ask_delv(lab: Lab, resolver: Resolver, question: Question) -> Verdict:
    """Return what delv, which leaves the walk to *resolver*, thinks: its verdict, no records."""
    words = [f"@{resolver.address}", "-p", str(resolver.port), "+root=."]
    anchor = ["-a", lab.status["trust_anchor"]["named_conf"]]
    name, rdtype = question[0].to_text(), RdataType.to_text(question[1])
    done = subprocess.run(
        [find("delv"), *words, *anchor, "-t", rdtype, "-q", name],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    told = done.stdout + done.stderr
    # "resolution failed: ncache" is how delv says that an alias leads to nothing.
    failed = "resolution failed" in told.replace("resolution failed: ncache", "")
    validated = "fully validated" in told and "unsigned answer" not in told
    said = Said("SERVFAIL" if failed else "", not failed and validated, frozenset())
    return Verdict(said, said)


@contextmanager
def running_judges(lab: Lab, folder: Path) -> Iterator[dict[str, Resolver]]:
    """Run unbound and BIND, who know nothing but the root hints and the trust anchor of *lab*."""
    more = from_the_root(lab, max_ttl=3600) + MORE_OF_UNBOUND
    with running_unbound(lab, folder, more) as unbound, running_named(lab, folder) as named:
        yield {UNBOUND: unbound, BIND: named}


@contextmanager
def running_named(lab: Lab, folder: Path) -> Iterator[Resolver]:
    port, config = free_port(), folder / "named.conf"
    config.write_text(
        NAMED.format(
            folder=folder,
            port=port,
            anchor=lab.status["trust_anchor"]["named_conf"],
            hints=lab.status["root_hints"],
        )
    )
    with listening(port, "named", "-f", "-c", str(config)):
        yield Resolver("127.0.0.1", port)


@dataclass
class Ours:
    """Resolve in this process, over real sockets; what a server says is asked for once."""

    lab: Lab
    known: dict[Asked, Response] = field(default_factory=dict)

    def ask(self, question: Question) -> Verdict:
        hints = tuple(
            Server(dns.name.from_text(one["name"]), one["address"])
            for one in self.lab.status["root_servers"]
        )
        file = Path(self.lab.status["trust_anchor"]["ds"])
        settings = Settings(hints, parse_anchors(file.read_text(), str(file)))
        now = Instant(self.lab.status["clock"]["now"])
        validation = answer_all(resolve(*question, settings, now), self._answer).result
        checked, unchecked = (
            said(dns.message.from_wire(fitted(query, respond(query, validation), TCP_LIMIT)))
            for query in (_query(question, 0), _query(question, dns.flags.CD))
        )
        return Verdict(checked, replace(unchecked, ad=False))

    def _answer(self, asked: Asked) -> Response:
        if asked not in self.known:
            self.known[asked] = PlainClient(self.lab.port, SystemEntropy()).ask(asked)
        return self.known[asked]

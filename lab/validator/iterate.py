"""Walk from the closest known nameservers to those that can answer (RFC 1034 section 5.3.3).

Decides: whom to ask, and whom next if one does not answer or does not know. Not: whether to
believe the answer.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Protocol, TypeVar, cast

from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA
from dns.rdtypes.nsbase import NSBase

from lab.core.checks import Check, Outcome, Report, broken, check
from lab.core.errors import LabError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.question import Question, Response, Role, Server
from lab.core.rrsets import group
from lab.core.status import SecurityStatus
from lab.validator import rules
from lab.validator.effort import limit_hit
from lab.validator.lifetime import lifetime
from lab.validator.memory import Asking, Contact, ExhaustedError, Memory
from lab.validator.minimise import shorter_names
from lab.validator.reading import Kind, Reading, read
from lab.validator.settings import Minimisation

_USEFUL = frozenset({Rcode.NOERROR, Rcode.NXDOMAIN, Rcode.YXDOMAIN})
_ADDRESSES = (RdataType.A, RdataType.AAAA)


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold what the walk for one question came to.

    Attributes:
        contact: the zone whose servers were asked last.
        server: who gave the reading; None if nobody did.
        reading: None if no server gave a useful response.
        response: that the reading is of.
        heard: some server answered, be it only to refuse.
        checks: one for each server that was of no use, and for the one that was.
    """

    contact: Contact
    server: Server | None
    reading: Reading | None
    heard: bool
    checks: tuple[Check, ...]
    response: Response | None = None

    @property
    def useful(self) -> bool:
        """Tell whether there is something to judge."""
        return self.reading is not None

    def report(self, title: str) -> Report:
        """Return who was asked, as a part of a larger report."""
        if self.server is not None:
            return Report(title, conclusion=f"answered by {self.server}", checks=self.checks)
        return Report(title, Outcome.FAILED, "no useful answer", self.checks)


def iterate(
    memory: Memory, qname: Name, rdtype: RdataType, avoid: Collection[Server] = (), depth: int = 0
) -> Asking[Reply]:
    """Return the first useful response to the question that is no referral.

    Args:
        memory: of this resolution.
        qname: absolute.
        rdtype: the QTYPE.
        avoid: servers whose answer to this question is known to be bogus.
        depth: how many nameserver names are being resolved already.
    """
    followed = yield from _approach(memory, (qname, rdtype), depth)
    reply = yield from _ask_closest(memory, (qname, rdtype), avoid, depth)
    for _ in range(followed, memory.settings.limits.referrals):
        # Servers from the cache may have gone since: then the zone above is asked for those of now.
        outdated = not reply.useful and not avoid and memory.forget(reply.contact)
        if not outdated and (reply.reading is None or reply.reading.kind is not Kind.REFERRAL):
            return reply
        reply = yield from _ask_closest(memory, (qname, rdtype), avoid, depth)
    hit = limit_hit(memory.settings.limits, "referrals", f"{qname} {RdataType.to_text(rdtype)}")
    return replace(reply, server=None, reading=None, checks=(hit, *reply.checks))


def _approach(memory: Memory, about: tuple[Name, RdataType], depth: int) -> Asking[int]:
    """Learn who serves the zone of a name, without telling the zones above the whole of it.

    What the shorter questions are answered is of no further use: the whole one is asked anyway.
    Return how many referrals were followed.
    """
    followed = 0
    if not _minimises(memory, about):
        return followed
    for name in shorter_names(about[0]):
        while not memory.closest(*about).apex.is_subdomain(name):
            if followed >= memory.settings.limits.referrals:
                return followed
            # RFC 9156 section 2.1: QTYPE A draws no attention, and servers are used to it.
            reply = yield from _ask_closest(memory, (name, RdataType.A), (), depth)
            kind = None if reply.reading is None else reply.reading.kind
            if kind in {Kind.ANSWER, Kind.NODATA}:
                break
            # RFC 9156 section 3: some servers deny empty non-terminals, or refuse to speak of them.
            if kind is not Kind.REFERRAL:
                return followed
            followed += 1
    return followed


def _minimises(memory: Memory, about: tuple[Name, RdataType]) -> bool:
    """Tell whether servers are told less than the whole name; a recursive one has to know it."""
    servers = memory.closest(*about).servers
    walking = all(server.role is Role.AUTHORITATIVE for server in servers)
    return walking and memory.settings.minimisation is Minimisation.RELAXED


def _ask_closest(
    memory: Memory, about: tuple[Name, RdataType], avoid: Collection[Server], depth: int
) -> Asking[Reply]:
    """Return what the servers of the closest known zone say, the first useful one of them."""
    contact = memory.closest(*about)
    checks: list[Check] = [] if contact.told is None else [contact.told]
    heard = False
    asked = looked_up = 0
    # Who left a question of this resolution without an answer is not waited for again at once.
    servers = sorted(contact.servers, key=memory.silent.__contains__)
    unresolved = list(contact.unresolved)
    while servers or unresolved:
        hit = _limit(memory, contact, asked, looked_up if not servers else 0)
        if hit is not None:
            checks.append(hit)
            break
        if not servers:
            servers = yield from _addresses(memory, unresolved.pop(0), depth)
            looked_up += 1
            continue
        server = servers.pop(0)
        if server in avoid:
            continue
        asked += 1
        response = yield from memory.ask(Question(*about, server))
        heard = heard or isinstance(response, Response)
        reading, checked = _receive(memory, contact, about, server, response)
        checks.append(checked)
        if reading is not None:
            assert isinstance(response, Response)
            return Reply(contact, server, reading, heard, tuple(checks), response)
    return Reply(contact, None, None, heard, tuple(checks) or (_nobody(contact),))


def _limit(memory: Memory, contact: Contact, asked: int, looked_up: int) -> Check | None:
    """Return which limit forbids to go on with the servers of *contact*; None if none does."""
    limits = memory.settings.limits
    if asked >= limits.servers:
        return limit_hit(limits, "servers", str(contact.apex))
    if looked_up >= limits.nameserver_names:
        return limit_hit(limits, "nameserver_names", str(contact.apex))
    return None


def _nobody(contact: Contact) -> Check:
    return broken(rules.SERVER_ANSWERS, str(contact.apex), servers="none with an address")


def _receive(
    memory: Memory,
    contact: Contact,
    about: tuple[Name, RdataType],
    server: Server,
    response: Response | LabError,
) -> tuple[Reading | None, Check]:
    """Return the reading of a useful response, and the check that says whether it is one."""
    subject = str(Question(*about, server))
    if isinstance(response, ExhaustedError):
        return None, limit_hit(memory.settings.limits, response.limit, subject)
    if isinstance(response, LabError):
        return None, broken(rules.SERVER_ANSWERS, subject, error=response)
    rcode = response.message.rcode()
    if rcode not in _USEFUL:
        return None, broken(rules.SERVER_ANSWERS, subject, rcode=Rcode.to_text(rcode))
    reading = read(response.message, contact.apex, *about, server.role)
    if reading.kind is Kind.REFERRAL and reading.child is not None:
        memory.learn(_delegation(memory.now, contact.apex, reading.child, response))
    useful = reading.kind is not Kind.LAME
    facts = {"rcode": Rcode.to_text(rcode), "kind": reading.kind.value}
    if response.carrier is not None:
        facts["over"] = response.carrier.value
    checked = check(rules.SERVER_AUTHORITATIVE, useful, subject, **facts)
    return (reading if useful else None), checked


def _delegation(now: Instant, parent: Name, child: Name, response: Response) -> Contact:
    """Return the contact that a referral gives: nameservers with their glue, and those without."""
    ns = next(
        one
        for one in group(response.message.authority)
        if one.rrset.owner == child and one.rrset.rdtype == RdataType.NS
    )
    hosts = [cast("NSBase", rdata).target for rdata in ns.rrset.rdatas]
    # Addresses count only for names within the zone that sent them: no outsider's glue.
    glue = [
        one
        for rdtype in _ADDRESSES
        for one in group(response.message.additional)
        if one.rrset.rdtype == rdtype
        and one.rrset.owner in hosts
        and one.rrset.owner.is_subdomain(parent)
    ]
    servers = tuple(
        Server(one.rrset.owner, cast("A | AAAA", rdata).address)
        for one in glue
        for rdata in one.rrset.rdatas
    )
    named = {server.name for server in servers}
    # A name inside the child can only be resolved through the child: without glue it is lost.
    unresolved = [host for host in hosts if host not in named and not host.is_subdomain(child)]
    ttl = lifetime((ns, *glue), now)
    return Contact(child, servers, tuple(unresolved), parent, response, ttl)


def _addresses(memory: Memory, host: Name, depth: int) -> Asking[list[Server]]:
    """Return *host* with each of its addresses; they need no validation (RFC 4035 section 5)."""
    found: list[Server] = []
    if depth >= memory.settings.limits.address_depth:
        return found
    for rdtype in _ADDRESSES:
        reply = yield from iterate(memory, host, rdtype, depth=depth + 1)
        if reply.reading is not None and reply.reading.kind is Kind.ANSWER:
            rdatas = (rdata for one in reply.reading.rrsets for rdata in one.rrset.rdatas)
            found += [Server(host, cast("A | AAAA", rdata).address) for rdata in rdatas]
        if found:
            break
    return found


class Judged(Protocol):
    """End in a status."""

    @property
    def status(self) -> SecurityStatus:
        """Return the verdict."""
        ...

    @property
    def report(self) -> Report:
        """Return the evidence."""
        ...


J = TypeVar("J", bound=Judged)


def ask_until_sound(
    memory: Memory, qname: Name, rdtype: RdataType, judge: Callable[[Reply], J]
) -> Asking[J]:
    """Return the verdict on the first reply that is not bogus, else the first one.

    One server's bad data must not hide another one's good data (RFC 4035 section 4.7 asks for
    no less of a cache).
    """
    avoid: list[Server] = []
    bogus: list[J] = []
    for _ in range(memory.settings.limits.attempts):
        reply = yield from iterate(memory, qname, rdtype, avoid)
        if bogus and not reply.useful:
            break
        verdict = judge(reply)
        if verdict.status is not SecurityStatus.BOGUS or reply.server is None:
            memory.parts += [passed_over(one.report) for one in bogus]
            return verdict
        bogus.append(verdict)
        avoid.append(reply.server)
    return bogus[0]


def passed_over(report: Report) -> Report:
    """Return *report* as that of data which another server's better data replaced."""
    return replace(report, conclusion=f"{report.conclusion}; another server was asked")

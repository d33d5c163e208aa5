"""A small signed Internet in memory: zones, servers as addresses, no socket."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import dns.flags
import dns.message
import dns.zone
from dns.dnssectypes import DSDigest
from dns.message import Message
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.dialogue import Transcript, answer_all
from lab.core.errors import TransportError
from lab.core.instant import Instant
from lab.core.message import pull_message
from lab.core.question import Question, Response, Server
from lab.core.rrsets import RRset
from lab.dnssec.delegation import make_ds
from lab.validator.anchor import TrustAnchor
from lab.validator.resolve import Settings, Validation, resolve
from tests.unit.validator.zone import (
    NOW,
    ROOT_ADDRESS,
    TTL,
    FakeZone,
    ZoneText,
    key_of,
    name,
)

__all__ = ["NOW", "Tamper", "World", "ZoneText", "anchor_of", "build"]

Tamper = Callable[[Question, Message], Message]


@dataclass
class World:
    """Serve zones and resolve names in them.

    Attributes:
        zones: by apex.
        tamper: changes each response: a hostile middle.
        silent: addresses that do not answer.
    """

    zones: dict[Name, FakeZone]
    tamper: Tamper = lambda _question, message: message
    silent: frozenset[str] = frozenset()

    def answer(self, question: Question) -> Response:
        if question.server.address in self.silent:
            raise TransportError("timed out")
        query = dns.message.make_query(question.qname, question.rdtype, want_dnssec=True)
        message = dns.message.make_response(query)
        here = [z for z in self.zones.values() if z.given.address == question.server.address]
        fitting = [z for z in here if question.qname.is_subdomain(z.apex)]
        if question.rdtype == RdataType.DS:
            above = [z for z in fitting if z.apex != question.qname]
            fitting = above or fitting
        if not fitting:
            message.set_rcode(Rcode.REFUSED)
            return Response(message, question.server)
        zone = max(fitting, key=lambda one: len(one.apex))
        zone.fill(message, question.qname, question.rdtype)
        wire = self.tamper(question, message).to_wire(max_size=65535)
        return Response(pull_message(wire), question.server)

    def settings(self, *anchors: Name) -> Settings:
        islands = anchors or (name("."),)
        hints = (Server(name("ns.root."), ROOT_ADDRESS),)
        return Settings(hints, tuple(anchor_of(one) for one in islands))

    def ask(
        self, qname: str, rdtype: str = "A", settings: Settings | None = None, now: Instant = NOW
    ) -> Validation:
        return self.transcript(qname, rdtype, settings, now).result

    def transcript(
        self, qname: str, rdtype: str = "A", settings: Settings | None = None, now: Instant = NOW
    ) -> Transcript[Question, Response, Validation]:
        chosen = settings or self.settings()
        dialogue = resolve(name(qname), RdataType.from_text(rdtype), chosen, now)
        return answer_all(dialogue, self.answer)


def anchor_of(apex: Name) -> TrustAnchor:
    return TrustAnchor(apex, (make_ds(apex, key_of(apex).dnskey, DSDigest.SHA256),))


def build(zones: Mapping[str, ZoneText]) -> World:
    """Return the world of *zones*; delegations, glue and DS RRsets are made."""
    given = {name(apex): zone for apex, zone in zones.items()}
    made = {}
    for apex, zone in given.items():
        children = [one for one in given if one != apex and parent(one, given) == apex]
        more = [rrset for one in children for rrset in _delegation(one, given[one])]
        host = name("ns.root." if len(apex) == 1 else f"ns.{apex}")
        own = dns.rrset.from_text(host, TTL, "IN", "A", zone.address)
        made[apex] = FakeZone(apex, zone, [*more, RRset.from_dns(host, own)])
    return World(made)


def parent(apex: Name, given: Mapping[Name, ZoneText]) -> Name | None:
    above = (one for one in given if one != apex and apex.is_subdomain(one))
    return max(above, key=len, default=None)


def _delegation(apex: Name, zone: ZoneText) -> list[RRset]:
    host = f"ns.{apex}"
    ns = dns.rrset.from_text(apex, TTL, "IN", "NS", host)
    glue = dns.rrset.from_text(host, TTL, "IN", "A", zone.address)
    made = [RRset.from_dns(apex, ns), RRset.from_dns(name(host), glue)]
    if zone.signed and zone.delegated:
        ds = make_ds(apex, key_of(apex).dnskey, DSDigest.SHA256)
        made.append(RRset(apex, RdataType.DS, TTL, (ds,)))
    return made

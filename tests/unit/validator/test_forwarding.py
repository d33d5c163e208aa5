"""A validator that asks a recursive server instead of walking itself."""

from dataclasses import dataclass, field, replace

import dns.flags
import dns.message
import dns.rrset
import pytest
from dns.message import Message
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.dialogue import answer_all
from lab.core.question import Question, Response, Role, Server
from lab.core.status import SecurityStatus
from lab.validator.resolve import Settings, Stub, Validation, resolve
from tests.unit.validator.scenes import BOGUS, INSECURE, SECURE, WORLD, expired, only, world
from tests.unit.validator.world import World, anchor_of
from tests.unit.validator.zone import NOW, FakeZone, key_of, name

FORWARDER = Server(name("resolver."), "127.53.0.53", Role.RECURSIVE)


@dataclass
class Recursor:
    """Follow the aliases of a world for others, and judge nothing (RFC 4035 section 3.2.2)."""

    world: World
    asked: list[Question] = field(default_factory=list)

    def answer(self, question: Question) -> Response:
        assert question.server == FORWARDER
        self.asked.append(question)
        query = dns.message.make_query(question.qname, question.rdtype, want_dnssec=True)
        message = dns.message.make_response(query)
        message.flags |= dns.flags.RA
        self._fill(message, question.qname, question.rdtype)
        return Response(dns.message.from_wire(message.to_wire(max_size=65535)), FORWARDER)

    def _fill(self, message: Message, qname: Name, rdtype: RdataType) -> None:
        part = dns.message.make_response(dns.message.make_query(qname, rdtype, want_dnssec=True))
        self._zone(qname, rdtype).fill(part, qname, rdtype)
        message.answer += part.answer
        message.authority += part.authority
        message.set_rcode(part.rcode())
        aliases = (one for one in part.answer if one.rdtype == RdataType.CNAME)
        alias: dns.rrset.RRset | None = next(aliases, None)
        if alias is not None and rdtype != RdataType.CNAME:
            self._fill(message, alias[0].target, rdtype)

    def _zone(self, qname: Name, rdtype: RdataType) -> FakeZone:
        at = qname.parent() if rdtype == RdataType.DS and len(qname) > 1 else qname
        fitting = (one for one in self.world.zones.values() if at.is_subdomain(one.apex))
        return max(fitting, key=lambda one: len(one.apex))

    def resolve(self, qname: str, rdtype: str = "A") -> Validation:
        settings = Settings((), (anchor_of(name(".")),), (Stub(name("."), (FORWARDER,)),))
        dialogue = resolve(name(qname), RdataType.from_text(rdtype), settings, NOW)
        return answer_all(dialogue, self.answer).result


@pytest.mark.parametrize(
    ("qname", "rdtype", "status", "rcode"),
    [
        ("www.example.fr.", "A", SECURE, Rcode.NOERROR),
        ("www.example.fr.", "TXT", SECURE, Rcode.NOERROR),
        ("nope.example.fr.", "A", SECURE, Rcode.NXDOMAIN),
        ("out.example.fr.", "A", SECURE, Rcode.NOERROR),
        ("dead.example.fr.", "A", SECURE, Rcode.NXDOMAIN),
        ("unsafe.example.fr.", "A", INSECURE, Rcode.NOERROR),
        ("x.tree.example.fr.", "A", SECURE, Rcode.NOERROR),
        ("x.w.example.fr.", "A", SECURE, Rcode.NOERROR),
        ("open.fr.", "DS", SECURE, Rcode.NOERROR),
        ("www.plain.lab.", "A", INSECURE, Rcode.NOERROR),
        ("nope.h.fr.", "A", SECURE, Rcode.NXDOMAIN),
    ],
)
def test_the_verdict_is_that_of_a_walk(
    qname: str, rdtype: str, status: SecurityStatus, rcode: Rcode
) -> None:
    found = Recursor(WORLD).resolve(qname, rdtype)
    assert (found.status, found.rcode) == (status, rcode)


def test_the_whole_chain_of_aliases_comes_from_one_message() -> None:
    recursor = Recursor(WORLD)
    assert recursor.resolve("out.example.fr.").status is SECURE
    addresses = [one.qname for one in recursor.asked if one.rdtype == RdataType.A]
    assert addresses == [name("out.example.fr.")]


def test_bogus_data_of_a_recursive_server_stay_bogus() -> None:
    made = Recursor(world(job=only(RdataType.A, expired)))
    assert made.resolve("www.example.fr.").status is BOGUS


@dataclass
class Liar(Recursor):
    """Deny one name by records of another zone, which are authentic there."""

    lie: tuple[str, str, str, tuple[str, ...], Rcode] = ("", "", "", (), Rcode.NOERROR)

    def _fill(self, message: Message, qname: Name, rdtype: RdataType) -> None:
        about, asked, apex, names, rcode = self.lie
        if (qname, rdtype) != (name(about), RdataType.from_text(asked)):
            return super()._fill(message, qname, rdtype)
        self.world.zones[name(apex)]._deny(message, *(name(one) for one in names))
        message.set_rcode(rcode)
        return None


@pytest.mark.parametrize(
    "lie",
    [
        # RFC 6840 section 4.1: the parent denies no type of the child but DS, and no name in it.
        ("example.fr.", "MX", "fr.", ("example.fr.",), Rcode.NOERROR),
        ("www.example.fr.", "MX", "fr.", ("example.fr.", "fr."), Rcode.NOERROR),
        ("nope.example.fr.", "A", "fr.", ("example.fr.", "fr."), Rcode.NXDOMAIN),
        ("h.fr.", "MX", "fr.", ("h.fr.",), Rcode.NOERROR),
        # RFC 6840 section 4.4: the child does not deny its own DS.
        ("example.fr.", "DS", "example.fr.", ("example.fr.",), Rcode.NOERROR),
        ("near.lab.", "DS", "near.lab.", ("near.lab.",), Rcode.NOERROR),
        # RFC 4035 section 5.4: a neighbour denies nothing, nor does the root.
        ("nope.example.fr.", "A", "h.fr.", ("nope.h.fr.", "h.fr.", "*.h.fr."), Rcode.NXDOMAIN),
        ("nope.example.fr.", "A", ".", ("fr.", "."), Rcode.NXDOMAIN),
        ("fr.", "DS", ".", ("nope.", "."), Rcode.NXDOMAIN),
    ],
)
def test_the_records_of_another_zone_deny_nothing(
    lie: tuple[str, str, str, tuple[str, ...], Rcode],
) -> None:
    assert Liar(WORLD, lie=lie).resolve(lie[0], lie[1]).status is BOGUS


@pytest.mark.parametrize("signer", ["h.fr.", "www.example.fr.", "lab."])
def test_a_zone_beside_or_below_signs_nothing(signer: str) -> None:
    """RFC 4035 section 5.3.1."""
    by_stranger = only(
        RdataType.A, lambda job: replace(job, key=key_of(name(signer)), signer=name(signer))
    )
    assert Recursor(world(job=by_stranger)).resolve("www.example.fr.").status is BOGUS

"""Small stand-ins for what lies beyond the code under test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import dns.flags
import dns.message
import dns.name
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.dialogue import answer_all
from lab.core.errors import TransportError
from lab.core.instant import Instant
from lab.core.question import Question, Response, Server
from lab.dnssec.algorithms import by_mnemonic
from lab.dnssec.keys import KeyRole, KeySet, generate
from lab.nameserver.denying import DenialPolicy
from lab.nameserver.query import Peer, Transport
from lab.nameserver.server import NameServer
from lab.nameserver.signer import Signer
from lab.nameserver.tree import ServedZone, ds_rdatas, plant
from lab.nameserver.zone import load
from lab.validator.anchor import TrustAnchor
from lab.validator.resolve import Settings, Validation, resolve

NOW = Instant(1_795_000_000)
PEER = Peer("127.0.0.1", 4711, Transport.UDP)
PLAIN = DenialPolicy()
TCP_PEER = Peer("127.0.0.1", 4711, Transport.TCP)


def name(text: str) -> Name:
    """Return an absolute name; the final dot may be left out."""
    return dns.name.from_text(text)


@lru_cache
def keys_of(apex: Name, mnemonic: str = "ED25519") -> KeySet:
    """Return one CSK for *apex*, the same one in the whole test run."""
    return KeySet((generate(apex, KeyRole.CSK, by_mnemonic(mnemonic)),))


def served(
    texts: Mapping[str, str], *unsigned: str, denial: DenialPolicy = PLAIN
) -> dict[Name, ServedZone]:
    """Return the zones of *texts*, apex to master file, all signed but the *unsigned* ones."""
    zones = {name(apex): load(text, name(apex), f"{apex}zone") for apex, text in texts.items()}
    bare = {name(apex) for apex in unsigned}
    signers = {
        apex: Signer(apex, keys_of(apex), denial=denial) for apex in zones if apex not in bare
    }
    return plant(zones, signers)


def query(
    qname: str | Name,
    rdtype: str | RdataType = "A",
    *,
    dnssec: bool = True,
    edns: int | None = 0,
    payload: int = 1232,
) -> Message:
    """Return an iterative query; *edns* None: without OPT record."""
    asked = dns.message.make_query(qname, rdtype, use_edns=False)
    asked.flags &= ~dns.flags.RD
    if edns is not None:
        asked.use_edns(edns, dns.flags.DO if dnssec else 0, payload)
    return asked


def tell(server: NameServer, asked: Message, peer: Peer = PEER, now: Instant = NOW) -> Message:
    """Return what *server* answers to *asked*."""
    wire = server.respond(asked.to_wire(), peer, now)
    assert wire is not None
    return dns.message.from_wire(wire)


@dataclass
class Internet:
    """Serve zones at addresses and resolve names in them, without a socket.

    Attributes:
        servers: by address.
        root: the zone at which walks start.
        hints: its nameservers.
        asked: every question so far.
    """

    servers: dict[str, NameServer]
    root: ServedZone
    hints: tuple[Server, ...]
    asked: list[Question] = field(default_factory=list)

    def ask(self, question: Question) -> Response:
        """Answer one question; nobody listens at an unknown address."""
        self.asked.append(question)
        server = self.servers.get(question.server.address)
        if server is None:
            raise TransportError(f"{question.server} does not listen")
        asked = query(question.qname, question.rdtype).to_wire()
        wire = server.respond(asked, TCP_PEER, NOW)
        if wire is None:
            raise TransportError(f"{question.server} says nothing")
        return Response(dns.message.from_wire(wire), question.server)

    @property
    def anchor(self) -> TrustAnchor:
        """Return the trust anchor: the root's key."""
        assert self.root.signer is not None
        return TrustAnchor(self.root.apex, ds_rdatas(self.root.apex, self.root.signer.keys))

    def resolve(self, qname: str | Name, rdtype: str | RdataType = "A") -> Validation:
        """Return the verdict on the answer to a question."""
        asked = name(qname) if isinstance(qname, str) else qname
        settings = Settings(self.hints, (self.anchor,))
        dialogue = resolve(asked, RdataType.make(rdtype), settings, NOW)
        return answer_all(dialogue, self.ask).result

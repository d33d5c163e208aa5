"""Random trees of signed zones: key layouts, ways to deny, and a middle that changes one octet."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import dns.exception
import dns.rdata
import dns.rdataset
from dns.message import Message
from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from hypothesis import strategies as st

from lab.core.dialogue import Transcript, answer_all
from lab.core.question import Question, Response, Server
from lab.core.status import SecurityStatus
from lab.dnssec.algorithms import by_mnemonic
from lab.dnssec.keys import DUTIES, Duty, KeyRole, KeySet, SigningKey, generate
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.nameserver.server import NameServer
from lab.nameserver.signer import Signer
from lab.nameserver.tree import plant
from lab.nameserver.zone import load
from lab.validator.resolve import Settings, Validation, resolve
from lab.validator.settings import Minimisation
from tests.fakes import NOW, Internet, name

APEXES = [".", "a.", "b.a.", "c.b.a.", "d.", "e.x.d."]
MNEMONICS = st.sampled_from(["ED25519", "ECDSAP256SHA256", "ECDSAP384SHA384"])
LAYOUTS = st.sampled_from(["csk", "ksk+zsk", "two ksk", "standby", "pre-published", "algorithms"])
DENIALS = st.sampled_from(
    [
        *(DenialPolicy(mode) for mode in DenialMode),
        DenialPolicy(DenialMode.NSEC3, Nsec3Parameters(3, b"salt")),
    ]
)


@lru_cache
def key(apex: Name, role: KeyRole, mnemonic: str, number: int = 0) -> SigningKey:
    """Return a key, the same one in the whole test run; *number* tells those of a kind apart."""
    assert number >= 0
    return generate(apex, role, by_mnemonic(mnemonic))


def keys_of(apex: Name, layout: str, mnemonic: str) -> KeySet:
    """Return keys as an operator may have them on some day."""
    ksk, zsk = key(apex, KeyRole.KSK, mnemonic), key(apex, KeyRole.ZSK, mnemonic)
    usual = DUTIES[KeyRole.KSK], DUTIES[KeyRole.ZSK]
    match layout:
        case "csk":
            return KeySet((key(apex, KeyRole.CSK, mnemonic),))
        case "two ksk":
            return KeySet((ksk, key(apex, KeyRole.KSK, mnemonic, 1), zsk))
        case "standby":
            other = key(apex, KeyRole.KSK, mnemonic, 1)
            return KeySet((ksk, zsk, other), (*usual, Duty.DELEGATED))
        case "pre-published":
            other = key(apex, KeyRole.ZSK, mnemonic, 1)
            return KeySet((ksk, zsk, other), (*usual, Duty.PUBLISHED))
        case "algorithms":
            return KeySet((ksk, zsk, key(apex, KeyRole.CSK, "RSASHA256")))
        case _:
            return KeySet((ksk, zsk))


def text_of(apex: str, children: list[str], addresses: Mapping[str, str]) -> str:
    """Return a master file that holds one of everything."""
    host = "ns.root." if apex == "." else f"ns.{apex}"
    lines = [f"@ 60 SOA {host} h. 1 2 3 4 60", f"@ 60 NS {host}", f"{host} 60 A {addresses[apex]}"]
    lines += [
        "www 60 A 192.0.2.1",
        "www 60 A 192.0.2.2",
        "*.w 60 TXT text",
        "p.q.ent 60 A 192.0.2.3",
    ]
    lines += ["here 60 CNAME www", "away 60 CNAME www.b.a.", "tree 60 DNAME w"]
    for child in children:
        lines += [f"{child} 60 NS ns.{child}", f"ns.{child} 60 A {addresses[child]}"]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Tree:
    """Hold a tree of zones that may be asked; `change` acts on each response."""

    internet: Internet
    apexes: tuple[str, ...]

    def ask(
        self,
        qname: str,
        rdtype: str,
        change: "Change | None" = None,
        told: Minimisation = Minimisation.RELAXED,
    ) -> Transcript[Question, Response, Validation]:
        settings = Settings(self.internet.hints, (self.internet.anchor,), minimisation=told)

        def answer(question: Question) -> Response:
            response = self.internet.ask(question)
            if change is not None:
                change.apply(response.message)
            return response

        dialogue = resolve(name(qname), RdataType.from_text(rdtype), settings, NOW)
        return answer_all(dialogue, answer)


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Draw which zones there are, and of each the keys, the algorithm and the way to deny."""
    apexes = tuple(one for one in APEXES if one in {".", "b.a."} or draw(st.booleans()))
    addresses = {apex: f"127.53.9.{n + 1}" for n, apex in enumerate(APEXES)}
    zones, signers = {}, {}
    for apex in apexes:
        own = [one for one in apexes if one != apex and _parent(one, apexes) == apex]
        zones[name(apex)] = load(text_of(apex, own, addresses), name(apex), f"{apex}zone")
        keys = keys_of(name(apex), draw(LAYOUTS), draw(MNEMONICS))
        signers[name(apex)] = Signer(name(apex), keys, denial=draw(DENIALS))
    planted = plant(zones, signers)
    servers = {addresses[apex]: NameServer({name(apex): planted[name(apex)]}) for apex in apexes}
    hints = (Server(name("ns.root."), addresses["."]),)
    return Tree(Internet(servers, planted[name(".")], hints), apexes)


def _parent(apex: str, apexes: tuple[str, ...]) -> str:
    above = [one for one in apexes if one != apex and name(apex).is_subdomain(name(one))]
    return max(above, key=lambda one: len(name(one)), default="")


QUESTIONS = [
    ("www", "A"),
    ("www", "MX"),
    ("x.w", "TXT"),
    ("x.y.w", "A"),
    ("ent", "A"),
    ("nope", "A"),
    ("z.nope", "TXT"),
    ("here", "A"),
    ("away", "A"),
    ("x.tree", "TXT"),
    ("@", "DNSKEY"),
    ("@", "SOA"),
    ("@", "DS"),
    ("www", "DS"),
    ("www", "ANY"),
]


@st.composite
def questions(draw: st.DrawFn, tree: Tree) -> tuple[str, str]:
    """Draw something to ask in one of the zones of *tree*."""
    apex = draw(st.sampled_from(tree.apexes))
    owner, rdtype = draw(st.sampled_from(QUESTIONS))
    return (apex if owner == "@" else f"{owner}.{apex.lstrip('.')}"), rdtype


@dataclass(frozen=True)
class Target:
    """Name what is changed: the records of one RRset, or the RRSIGs over it."""

    owner: Name
    rdtype: RdataType
    covers: RdataType


@dataclass(frozen=True)
class Change:
    """Change one octet of one RRset, wherever it appears.

    Attributes:
        target: which RRset.
        at: where, modulo the length of each record.
        flip: what the octet is XORed with.
    """

    target: Target
    at: int
    flip: int

    def apply(self, message: Message) -> None:
        for section in (message.answer, message.authority):
            for rrset in section:
                if (rrset.name, rrset.rdtype, rrset.covers) == (
                    self.target.owner,
                    self.target.rdtype,
                    self.target.covers,
                ):
                    self._change(rrset)
            section[:] = [one for one in section if len(one)]

    def _change(self, rrset: dns.rdataset.Rdataset) -> None:
        # A name in another case is the same octets to a signature (RFC 4034 section 6.2).
        records = sorted(rrset, key=lambda one: one.to_digestable())
        changed = self.changed(records[0])
        keep = records if rrset.rdtype == RdataType.RRSIG else records[1:]
        made = [self.changed(one) for one in keep] if keep is records else [changed, *keep]
        rrset.clear()
        for one in made:
            if one is not None:
                rrset.add(one, rrset.ttl)

    def changed(self, rdata: Rdata) -> Rdata | None:
        """Return *rdata* with the octet changed; None if that is no record any more."""
        octets = bytearray(rdata.to_wire() or b"")
        octets[self.at % len(octets)] ^= self.flip
        try:
            made = dns.rdata.from_wire(RdataClass.IN, rdata.rdtype, bytes(octets), 0, len(octets))
            made.to_wire()
        except (dns.exception.DNSException, ValueError):
            return None
        # An RRSIG over another type is a record of another RRset.
        return made if made.covers() == rdata.covers() else None

    def matters(self, message: Message) -> bool:
        """Tell whether the change is one in the eyes of a signature."""
        for section in (message.answer, message.authority):
            for rrset in section:
                if (rrset.name, rrset.rdtype, rrset.covers) == (
                    self.target.owner,
                    self.target.rdtype,
                    self.target.covers,
                ):
                    first = min(rrset, key=lambda one: one.to_digestable())
                    changed = self.changed(first)
                    if changed is not None and changed.to_digestable() != first.to_digestable():
                        return True
        return False


def targets(transcript: Transcript[Question, Response, Validation]) -> list[Target]:
    """Return what is signed, and the signatures, in the answers that a verdict hangs from."""
    found: dict[Target, None] = {}
    for _, response in transcript.exchanges:
        assert isinstance(response, Response)
        for section in (response.message.answer, response.message.authority):
            for one in section:
                signed = any(
                    other.name == one.name and other.covers == one.rdtype for other in section
                )
                # The NS RRset of an authority section is no part of what is claimed.
                if (signed and one.rdtype != RdataType.NS) or (
                    one.rdtype == RdataType.RRSIG and one.covers != RdataType.NS
                ):
                    found[Target(one.name, one.rdtype, one.covers)] = None
    return list(found)


def records(found: Validation) -> list[tuple[str, frozenset[object]]]:
    """Return what a verdict is about, without RRSIGs: they are made when they are asked for."""
    resolution = found.resolution.require(*SecurityStatus)
    sections = (*resolution.rrsets, *resolution.authority)
    return [(str(one.rrset), frozenset(one.rrset.rdatas)) for one in sections]

"""A small authoritative zone: text in, signed answers out.

Independent of the lab's own nameserver, so that each can be wrong without the other.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import dns.flags
import dns.message
import dns.zone
from dns.message import Message
from dns.name import Name, from_text
from dns.node import Node
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.DNAME import DNAME

from lab.core.instant import DAY, Instant, Window
from lab.core.rrsets import RRset, SignedRRset
from lab.dnssec import nsec3
from lab.dnssec.algorithms import by_mnemonic
from lab.dnssec.keys import KeyRole, SigningKey, generate
from lab.dnssec.nsec import make_nsec
from lab.dnssec.nsec3 import Nsec3Parameters, make_nsec3
from lab.dnssec.signing import SigningJob, sign

NOW = Instant(1_800_000_000)
WINDOW = Window(NOW - DAY, NOW + DAY)
TTL = 3600
ROOT_ADDRESS = "127.53.0.1"

Job = Callable[[SigningJob], SigningJob]


def name(text: str) -> Name:
    return from_text(text)


@lru_cache
def key_of(apex: Name, mnemonic: str = "ED25519") -> SigningKey:
    return generate(apex, KeyRole.CSK, by_mnemonic(mnemonic))


@dataclass(frozen=True)
class ZoneText:
    """Describe one zone of the world.

    Attributes:
        text: master file without SOA; the NS RRset of the apex is made from *address*.
        address: of its only server.
        signed: with a key and, unless *delegated* is False, with a DS in the parent.
        hashed: use NSEC3 with these parameters.
        job: changes each signing job: a fault.
    """

    text: str
    address: str
    signed: bool = True
    delegated: bool = True
    hashed: Nsec3Parameters | None = None
    opt_out: bool = False
    job: Job = field(default=lambda job: job)


class FakeZone:
    """Answer for one zone."""

    def __init__(self, apex: Name, given: ZoneText, more: list[RRset]) -> None:
        self.apex = apex
        self.given = given
        host = f"ns.{apex}" if len(apex) > 1 else "ns.root."
        text = f"@ {TTL} SOA {host} h. 1 2 3 4 {TTL}\n@ {TTL} NS {host}\n{given.text}"
        zone = dns.zone.from_text(text, apex, relativize=False, check_origin=False)
        self.nodes: dict[Name, dict[RdataType, RRset]] = {}
        for owner, node in zone.nodes.items():
            self._enter(owner, node)
        for rrset in more:
            self.nodes.setdefault(rrset.owner, {})[rrset.rdtype] = rrset
        if given.signed:
            dnskey = RRset(apex, RdataType.DNSKEY, TTL, (key_of(apex).dnskey,))
            self.nodes[apex][RdataType.DNSKEY] = dnskey

    def _enter(self, owner: Name, node: Node) -> None:
        rrsets = (RRset.from_dns(owner, one) for one in node.rdatasets)
        self.nodes[owner] = {one.rdtype: one for one in rrsets}

    def cut_above(self, qname: Name) -> Name | None:
        for depth in range(len(self.apex) + 1, len(qname) + 1):
            above = Name(qname.labels[-depth:])
            if RdataType.NS in self.nodes.get(above, {}):
                return above
        return None

    @property
    def owners(self) -> list[Name]:
        """Return the authoritative owners and cuts, in canonical order."""
        return sorted(one for one in self.nodes if self.cut_above(one) in {None, one})

    def exists(self, qname: Name) -> bool:
        return any(one.is_subdomain(qname) for one in self.owners)

    def types(self, owner: Name) -> set[RdataType]:
        present = set(self.nodes.get(owner, {}))
        if self.cut_above(owner) == owner:
            present &= {RdataType.NS, RdataType.DS}
        if present - {RdataType.NS}:
            present.add(RdataType.RRSIG)
        return present

    def signed(self, rrset: RRset, source: Name | None = None) -> SignedRRset:
        """Return *rrset* signed, as expanded from *source*."""
        if not self.given.signed:
            return SignedRRset(rrset)
        original = rrset if source is None else replace(rrset, owner=source)
        job = self.given.job(SigningJob(original, key_of(self.apex), WINDOW, self.apex))
        return SignedRRset(rrset, (sign(job),), rrset.ttl)

    def denial(self, *names: Name) -> list[SignedRRset]:
        """Return the NSEC or NSEC3 that match or cover *names*, each once."""
        if not self.given.signed:
            return []
        make = self._nsec if self.given.hashed is None else self._nsec3
        made = {one.owner: one for one in (make(qname) for qname in names)}
        return [self.signed(one) for one in made.values()]

    def _nsec(self, qname: Name) -> RRset:
        owners = self.owners
        owner = max(one for one in owners if one <= qname)
        following = owners[(owners.index(owner) + 1) % len(owners)]
        nsec = make_nsec(following, self.types(owner) | {RdataType.NSEC, RdataType.RRSIG})
        return RRset(owner, RdataType.NSEC, TTL, (nsec,))

    def _nsec3(self, qname: Name) -> RRset:
        hashing = self.given.hashed
        assert hashing is not None
        names = {Name(one.labels[-n:]) for one in self.owners for n in range(1, len(one) + 1)}
        names = {one for one in names if one.is_subdomain(self.apex) and not self._skipped(one)}
        chain = sorted((hashing.hash(one), one) for one in names)
        digest = hashing.hash(qname)
        at = max((i for i, (one, _) in enumerate(chain) if one <= digest), default=-1)
        start, owner = chain[at]
        following = chain[(at + 1) % len(chain)][0]
        made = make_nsec3(following, self.types(owner), hashing, opt_out=self.given.opt_out)
        where = Name((nsec3.to_label(start), *self.apex.labels))
        return RRset(where, RdataType.NSEC3, TTL, (made,))

    def _skipped(self, owner: Name) -> bool:
        # Opt-Out: unsigned delegations have no NSEC3 of their own (RFC 5155 section 6).
        return self.given.opt_out and self.types(owner) == {RdataType.NS}

    def encloser(self, qname: Name) -> Name:
        while not self.exists(qname):
            qname = qname.parent()
        return qname

    def fill(self, message: Message, qname: Name, rdtype: RdataType) -> None:
        """Put into *message* what this zone says: RFC 1034 section 4.3.2."""
        cut = self.cut_above(qname)
        if cut is not None and not (cut == qname and rdtype == RdataType.DS):
            return self._refer(message, cut)
        message.flags |= dns.flags.AA
        dname = self._dname(qname)
        if dname is not None:
            return self._redirect(message, qname, dname)
        if self.exists(qname):
            return self._say(message, qname, qname, rdtype)
        wildcard = Name((b"*", *self.encloser(qname).labels))
        if wildcard in self.nodes:
            return self._say(message, qname, wildcard, rdtype)
        message.set_rcode(Rcode.NXDOMAIN)
        self._deny(message, *self._closer(qname), wildcard)
        return None

    def _closer(self, qname: Name) -> tuple[Name, Name]:
        """Return the closest encloser and the next closer name."""
        encloser = self.encloser(qname)
        return encloser, Name(qname.labels[-len(encloser) - 1 :])

    def _refer(self, message: Message, cut: Name) -> None:
        node = self.nodes[cut]
        add(message.authority, SignedRRset(node[RdataType.NS]))
        if RdataType.DS in node:
            add(message.authority, self.signed(node[RdataType.DS]))
        elif self._skipped(cut):
            add(message.authority, *self.denial(*self._closer_of_cut(cut)))
        else:
            add(message.authority, *self.denial(cut))
        for rdata in node[RdataType.NS].rdatas:
            glue = self.nodes.get(rdata.target, {})  # type: ignore[attr-defined]  # an NS rdata
            add(message.additional, *(SignedRRset(one) for one in glue.values()))

    def _closer_of_cut(self, cut: Name) -> tuple[Name, Name]:
        return cut.parent(), cut

    def _dname(self, qname: Name) -> RRset | None:
        above = (one for one in self.nodes if qname != one and qname.is_subdomain(one))
        found = (self.nodes[one].get(RdataType.DNAME) for one in above)
        return next((one for one in found if one is not None), None)

    def _redirect(self, message: Message, qname: Name, dname: RRset) -> None:
        rdata = dname.rdatas[0]
        assert isinstance(rdata, DNAME)
        add(message.answer, self.signed(dname))
        target = qname.relativize(dname.owner).concatenate(rdata.target)
        cname = CNAME(RdataClass.IN, RdataType.CNAME, target)
        add(message.answer, SignedRRset(RRset(qname, RdataType.CNAME, TTL, (cname,))))

    def _say(self, message: Message, qname: Name, source: Name, rdtype: RdataType) -> None:
        node = self.nodes.get(source, {})
        found = [one for one in node.values() if rdtype in {one.rdtype, RdataType.ANY}]
        found = found or [one for one in node.values() if one.rdtype == RdataType.CNAME]
        wildcard = None if source == qname else source
        for rrset in found:
            add(message.answer, self.signed(replace(rrset, owner=qname), wildcard))
        if wildcard is not None and found:
            add(message.authority, *self.denial(self._closer(qname)[1]))
        if not found:
            more = () if wildcard is None else self._closer(qname)
            names = self._closer_of_cut(source) if self._skipped(source) else (source, *more)
            self._deny(message, *names)

    def _deny(self, message: Message, *names: Name) -> None:
        add(message.authority, self.signed(self.nodes[self.apex][RdataType.SOA]))
        add(message.authority, *self.denial(*names))


def add(section: list[dns.rrset.RRset], *rrsets: SignedRRset) -> None:
    for one in rrsets:
        section.extend(one.to_dns())

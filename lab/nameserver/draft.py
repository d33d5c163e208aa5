"""One response, written from one zone: what stands in which section (RFC 1034 section 4.3.2).

Decides: which RRsets, signatures and proofs an outcome of the lookup brings with it. Not: which
zone answers, and how much of it fits (server).
"""

from dataclasses import replace
from typing import TypeVar, assert_never

import dns.flags
import dns.rrset
from dns.message import QueryMessage
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import RRset, SignedRRset
from lab.core.seams import Seam
from lab.nameserver.denial import PROOF
from lab.nameserver.lookup import (
    OUTCOME,
    Alias,
    Answer,
    LookupOutcome,
    NoData,
    NxDomain,
    Redirect,
    Referral,
    TooLong,
    addresses,
    look_up,
)
from lab.nameserver.publication import lasting_zonemd_of
from lab.nameserver.tree import ServedZone

MAX_ALIASES = 16

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draft:
    """Fill one response from one zone; signatures and proofs only for those who ask (DO).

    Attributes:
        response: to be filled; its DO bit says whether the asker wants DNSSEC records.
        served: the zone to answer from.
        now: the lab's present; decides the signatures' window.
    """

    response: QueryMessage
    served: ServedZone
    now: Instant

    def fill(self, qname: Name, rdtype: RdataType) -> None:
        """Write the answer for *qname*, following aliases as long as they stay in the zone."""
        self.response.flags |= dns.flags.AA
        for _ in range(MAX_ALIASES):
            outcome = self._look_up(qname, rdtype)
            self._write(outcome)
            if not isinstance(outcome, Alias | Redirect):
                return
            qname = outcome.target
            if not qname.is_subdomain(self.served.apex):
                return

    def _look_up(self, qname: Name, rdtype: RdataType) -> LookupOutcome:
        outcome = self._at(OUTCOME, look_up(self.served.zone, qname, rdtype))
        if rdtype == RdataType.ZONEMD and isinstance(outcome, Answer):
            zonemd = lasting_zonemd_of(self.served, self.now)
            return outcome if zonemd is None else replace(outcome, rrsets=(zonemd,))
        if not isinstance(outcome, NoData | NxDomain):
            return outcome
        made = self._made(outcome, rdtype)
        if made is None:
            return outcome
        return Answer((replace(made, owner=qname),), outcome.place, _wildcard(outcome))

    def _at(self, seam: Seam[T], value: T) -> T:
        """Return *value* as the faults of *seam* leave it; an unsigned zone has none."""
        signer = self.served.signer
        return value if signer is None else signer.hooks.at(seam, value, self.now)

    def _made(self, outcome: NoData | NxDomain, rdtype: RdataType) -> RRset | None:
        """Return the NSEC or RRSIG RRset that was asked for: neither is stored, both are made."""
        signer, denial = self.served.signer, self.served.denial
        if signer is None or denial is None or rdtype not in {RdataType.NSEC, RdataType.RRSIG}:
            return None
        nsec = denial.asked(outcome)
        if rdtype == RdataType.NSEC:
            return nsec
        # As for QTYPE ANY (RFC 8482 section 4.1): those of one RRset are answer enough. Where there
        # is only an NSEC, its bitmap promises its own.
        rrsets = self.served.zone.rrsets(_wildcard(outcome) or outcome.place.name)
        rrset = next(iter(rrsets), nsec)
        if rrset is None:
            return None
        signed = signer.signed(rrset, self.now)
        made = RRset(rrset.owner, rdtype, signed.rrsig_ttl, signed.rrsigs)
        return made if signed.rrsigs else None

    def _write(self, outcome: LookupOutcome) -> None:
        match outcome:
            case Answer(rrsets=rrsets, wildcard=wildcard):
                for rrset in rrsets:
                    self._add(self.response.answer, rrset, wildcard)
                    self._add_addresses(rrset)
            case Alias(rrset=rrset, wildcard=wildcard):
                self._add(self.response.answer, rrset, wildcard)
            case Redirect() | TooLong():
                self._write_redirect(outcome)
            case Referral():
                self._write_referral(outcome)
            case NoData():
                self._add(self.response.authority, self._negative_soa())
            case NxDomain():
                self._write_no_name()
            case _:
                assert_never(outcome)
        denial = self.served.denial if self._with_dnssec else None
        proof = () if denial is None else denial.prove(outcome)
        for rrset in self._at(PROOF, proof):
            self._add(self.response.authority, rrset)

    def _write_redirect(self, redirect: Redirect | TooLong) -> None:
        self._add(self.response.answer, redirect.dname)
        if isinstance(redirect, Redirect):
            self.response.answer.append(redirect.cname.to_dns())
        else:
            # RFC 6672 section 3.2.
            self.response.set_rcode(Rcode.YXDOMAIN)

    def _write_no_name(self) -> None:
        denial = self.served.denial
        flags = self.response.ednsflags
        self.response.set_rcode(Rcode.NXDOMAIN if denial is None else denial.no_name(flags))
        self._add(self.response.authority, self._negative_soa())

    def _write_referral(self, referral: Referral) -> None:
        if not self.response.answer:
            self.response.flags &= ~dns.flags.AA
        # RFC 4035 section 2.2: the NS RRset of a cut is the child's to sign.
        self.response.authority.append(referral.ns.to_dns())
        if referral.ds is not None and self._with_dnssec:
            self._add(self.response.authority, referral.ds)
        for rrset in referral.glue:
            self.response.additional.append(rrset.to_dns())

    def _negative_soa(self) -> RRset:
        # RFC 2308 section 3: the SOA of a "no" carries the TTL that the "no" may be kept for.
        soa = self.served.zone.soa
        return RRset(soa.owner, soa.rdtype, self.served.zone.negative_ttl, soa.rdatas)

    def _add_addresses(self, rrset: RRset) -> None:
        # RFC 9609 section 3: who primes wants the root servers' addresses with their names.
        if rrset.rdtype == RdataType.NS:
            for address in addresses(self.served.zone, rrset):
                if self.served.zone.place(address.owner).cut is None:
                    self._add(self.response.additional, address)
                else:
                    self.response.additional.append(address.to_dns())

    @property
    def _with_dnssec(self) -> bool:
        return self.served.signer is not None and bool(self.response.ednsflags & dns.flags.DO)

    def _add(
        self, section: list[dns.rrset.RRset], rrset: RRset, wildcard: Name | None = None
    ) -> None:
        signer, denial = self.served.signer, self.served.denial
        signed = SignedRRset(rrset)
        # RFC 4035 section 2.2: signatures are not signed.
        if self._with_dnssec and signer and denial and rrset.rdtype != RdataType.RRSIG:
            signed = signer.signed(rrset, self.now, denial.signed_as(wildcard))
        if not signed.rrset.rdatas:
            # What acts at the seams may take every record away.
            return
        present = {(one.name, one.rdtype, one.covers) for one in section}
        section += [
            one for one in signed.to_dns() if (one.name, one.rdtype, one.covers) not in present
        ]


def _wildcard(outcome: NoData | NxDomain) -> Name | None:
    return outcome.wildcard if isinstance(outcome, NoData) else None

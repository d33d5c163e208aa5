"""Answers about records that stand where they are asked for, written without a message object.

Decides: is the answer nothing but one RRset of the qname, with its signatures? Then the octets
follow from the records: their owner is a pointer to the question (RFC 1035 section 4.1.4), and in
their RDATA no name is compressed (RFC 3597 section 4). All others are drafted in full.
"""

import struct
from collections.abc import Iterable

import dns.flags
from dns.name import from_wire
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.instant import Instant, serial_to_instant
from lab.core.rrsets import SignedRRset
from lab.nameserver.ready_answer import FOREVER, QNAME_POINTER, ReadyAnswer, push_opt
from lab.nameserver.ready_question import ReadyQuestion
from lab.nameserver.ready_writing import rdata_octets
from lab.nameserver.tree import ServedZone

# Types without names in their RDATA, which no other record comes with.
TYPES = frozenset(
    {
        RdataType.A,
        RdataType.AAAA,
        RdataType.TXT,
        RdataType.TLSA,
        RdataType.SMIMEA,
        RdataType.OPENPGPKEY,
        RdataType.SSHFP,
        RdataType.CAA,
        RdataType.DNSKEY,
        RdataType.CDS,
        RdataType.CDNSKEY,
    }
)

_FLAGS = int(dns.flags.QR | dns.flags.AA)
_RECORD = struct.Struct("!HHHIH")


def write_records(served: ServedZone, question: ReadyQuestion, now: Instant) -> ReadyAnswer | None:
    """Return what *served*, the closest zone, answers to *question*; None if it takes a draft."""
    signer = served.signer
    if question.rdtype not in TYPES or not question.offsets or (signer and signer.hooks.faults):
        return None
    owner, rdtype = from_wire(question.name, 0)[0], RdataType(question.rdtype)
    leaf = served.zone.leaf(owner)
    # RFC 4035 section 2.2: what stands at a cut or below is not this zone's to sign.
    is_own = leaf is not None and not leaf.is_glue() and not leaf.is_delegation()
    rrset = leaf.get(rdtype) if leaf is not None and is_own else None
    if rrset is None:
        return None
    wants_signature = signer is not None and question.wants_dnssec
    signed = signer.signed(rrset, now) if signer and wants_signature else SignedRRset(rrset)
    until = FOREVER
    for rrsig in signed.rrsigs:
        assert signer is not None
        gives_way = signer.policy.replaced_at(serial_to_instant(rrsig.expiration, now))
        until = min(until, gives_way)
    body = b"".join(
        (
            *_pushed(rrset.rdatas, rrset.ttl),
            *_pushed(signed.rrsigs, signed.rrsig_ttl),
            push_opt(question),
        )
    )
    counts = (len(rrset.rdatas) + len(signed.rrsigs), 0, int(question.has_edns))
    return ReadyAnswer(_FLAGS, counts, body, until)


def _pushed(rdatas: Iterable[Rdata], ttl: int) -> Iterable[bytes]:
    for rdata in rdatas:
        octets = rdata_octets(rdata)
        yield _RECORD.pack(QNAME_POINTER, rdata.rdtype, RdataClass.IN, ttl, len(octets))
        yield octets

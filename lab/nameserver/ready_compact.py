"""Compact denial (RFC 9824), written in octets: one signature for each name, and little else.

The SOA record and its signature are the same for all names in a gap, so they come from an answer
that the nameserver has written (`ready_body`). The NSEC record is about the qname alone, and has to
be signed for it: its bitmap never changes, and its next name is the qname with a NUL before it. The
signature is not kept, as names that do not exist are without end.
"""

import struct
from zlib import crc32

from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.instant import Instant
from lab.dnssec.canonical import RRSIG_HEAD, name_octets, windows_octets
from lab.dnssec.nsec import bitmap
from lab.nameserver.query import COMPACT_OK
from lab.nameserver.ready_answer import QNAME_POINTER, ReadyAnswer, push_opt
from lab.nameserver.ready_body import Body
from lab.nameserver.ready_question import HEADER_OCTETS, ReadyQuestion
from lab.nameserver.signer import Signer

_RECORD = struct.Struct("!HHIH")
# Plain integers, as a packer has to ask an enum for its number.
_NSEC, _RRSIG, _IN = int(RdataType.NSEC), int(RdataType.RRSIG), int(RdataClass.IN)
_NOERROR, _NXDOMAIN = int(Rcode.NOERROR), int(Rcode.NXDOMAIN)
_NSEC_TYPE = _NSEC.to_bytes(2, "big")
_QNAME = QNAME_POINTER.to_bytes(2, "big")
_RCODE_MASK = 0xF
_UINT32 = 2**32 - 1
# A label of one NUL octet: what it makes of a name is the next one in canonical order.
_NUL_LABEL = b"\x01\x00"
# RFC 9824 section 3.1: exactly these three types.
_NO_NAME = frozenset({RdataType.RRSIG, RdataType.NSEC, RdataType.NXNAME})
_BITMAP = windows_octets(bitmap(_NO_NAME))
_NAME_LIMIT = 255


class CompactDenied:
    """Sign for each name of one gap that it does not exist.

    Attributes:
        since: when the SOA record was signed.
        until: the first moment at which its signature may be another one.
    """

    __slots__ = ("_apex", "_body", "_keys", "_policy", "_signer_name", "_ttl", "since", "until")

    def __init__(
        self, body: Body, times: tuple[Instant, Instant], signer: Signer, ttl: int
    ) -> None:
        """Say what *body* says, and sign for each name by *signer*; *ttl* is that of the NSEC."""
        self._body, self._policy, self._ttl = body, signer.policy, ttl
        self.since, self.until = times
        self._keys = [(one, int(one.dnskey.algorithm), one.tag) for one in signer.keys.zone_signing]
        # In the case of the zone; what is signed has it in lower case.
        self._apex, self._signer_name = signer.apex.to_wire() or b"", name_octets(signer.apex)

    def answer(self, question: ReadyQuestion, now: Instant) -> ReadyAnswer | None:
        """Return the answer to *question*; None: it does not fit, or the name is a special one."""
        name = question.name
        # The NUL needs two octets; the labels of what looks like a wildcard are counted otherwise.
        if len(name) + len(_NUL_LABEL) > _NAME_LIMIT or name.startswith(b"\x01*"):
            return None
        rdata = _NUL_LABEL + question.asked[: len(name)] + _BITMAP
        nsec = _RECORD.pack(_NSEC, _IN, self._ttl, len(rdata)) + rdata
        rrsigs = self._rrsigs(name, len(question.offsets), nsec, now)
        octets = self._body.behind(len(name)) + _QNAME + nsec + rrsigs + push_opt(question)
        if HEADER_OCTETS + len(question.asked) + len(octets) > question.room:
            return None
        counts = (0, self._body.counts[1] + 1 + len(self._keys), int(question.has_edns))
        return ReadyAnswer(self._flags(question), counts, octets, self.until)

    def _flags(self, question: ReadyQuestion) -> int:
        # RFC 9824 section 5: who does not say that it knows of NXNAME is told NOERROR.
        rcode = _NXDOMAIN if question.edns_flags & COMPACT_OK else _NOERROR
        return self._body.flags & ~_RCODE_MASK | rcode

    def _rrsigs(self, name: bytes, labels: int, nsec: bytes, now: Instant) -> bytes:
        """Return the RRSIG records of *name* over *nsec*, which is given without its owner."""
        inception, expiration = self._policy.times(int(now), crc32(name + _NSEC_TYPE))
        expiration, inception = expiration & _UINT32, inception & _UINT32
        made = b""
        for key, algorithm, tag in self._keys:
            head = RRSIG_HEAD.pack(_NSEC, algorithm, labels, self._ttl, expiration, inception, tag)
            rdata = head + self._apex + key.sign(head + self._signer_name + name + nsec)
            made += _QNAME + _RECORD.pack(_RRSIG, _IN, self._ttl, len(rdata)) + rdata
        return made

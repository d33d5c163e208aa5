"""Compact denial (RFC 9824), written in octets: one signature for each name, and little else.

The SOA record and its signature are the same for all names in a gap, so they come from an answer
that the nameserver has written (`ready_body`). The NSEC record is about the qname alone, and has to
be signed for it: its bitmap never changes, and its next name is the qname with a NUL before it. The
signature is not kept, as names that do not exist are without end.
"""

import struct
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.instant import Instant
from lab.dnssec.canonical import RRSIG_HEAD, name_octets, windows_octets
from lab.dnssec.nsec import bitmap
from lab.dnssec.signing import place_at
from lab.nameserver.denial_minimal import NO_NAME
from lab.nameserver.query import COMPACT_OK
from lab.nameserver.ready_answer import QNAME_POINTER, ReadyAnswer, plain_opt
from lab.nameserver.ready_body import Body
from lab.nameserver.ready_question import HEADER_OCTETS, Manner, ReadyQuestion, manner
from lab.nameserver.signer import Signer

_RECORD = struct.Struct("!HHIH")
# Plain integers, as a packer has to ask an enum for its number.
_NSEC, _RRSIG, _IN = int(RdataType.NSEC), int(RdataType.RRSIG), int(RdataClass.IN)
_NOERROR, _NXDOMAIN = int(Rcode.NOERROR), int(Rcode.NXDOMAIN)
_QNAME = QNAME_POINTER.to_bytes(2, "big")
_RCODE_MASK = 0xF
_UINT32 = 2**32 - 1
# A label of one NUL octet: what it makes of a name is the next one in canonical order.
_NUL_LABEL = b"\x01\x00"
_NAME_LIMIT = 255

_Form: TypeAlias = tuple[int, Manner]
"""Octets of a qname, and how it was asked for: what answers differ in beside the name itself."""


class _Frame(NamedTuple):
    """Hold what is equal in all answers of one form."""

    answer: ReadyAnswer
    head: bytes
    before: bytes
    nsec: bytes
    opt: bytes


class CompactDenied:
    """Sign for each name of one gap that it does not exist, or what types one name has.

    Attributes:
        since: when the SOA record was signed.
        until: the first moment at which its signature may be another one.
    """

    __slots__ = (
        *("_apex", "_bitmap", "_body", "_form", "_frame", "_keys", "_no_name", "_policy"),
        *("_signer_name", "_ttl", "since", "until"),
    )

    def __init__(
        self,
        body: Body,
        times: tuple[Instant, Instant],
        signer: Signer,
        ttl: int,
        types: Iterable[RdataType],
    ) -> None:
        """Say what *body* says, and by *signer* that a name has *types*; *ttl* is the NSEC's."""
        self._body, self._policy, self._ttl = body, signer.policy, ttl
        self.since, self.until = times
        types = frozenset(types)
        self._bitmap, self._no_name = windows_octets(bitmap(types)), types == NO_NAME
        self._keys = [
            (one.private.sign, int(one.dnskey.algorithm), one.tag)
            for one in signer.keys.zone_signing
        ]
        # In the case of the zone; what is signed has it in lower case.
        self._apex, self._signer_name = signer.apex.to_wire() or b"", name_octets(signer.apex)
        self._form: _Form | None = None
        self._frame = self._framed(0, (0, False, 0))

    def answer(self, question: ReadyQuestion, now: Instant) -> ReadyAnswer | None:
        """Return the answer to *question*; None: it does not fit, or the name is a special one."""
        name, asked, labels = question.name, question.asked, len(question.offsets)
        sections = self._sections(name, labels, asked, manner(question), now)
        if sections is None or HEADER_OCTETS + len(asked) + len(sections) > question.room:
            return None
        return self._frame.answer._replace(body=sections)

    def octets(
        self, name: bytes, labels: int, asked: bytes, how: Manner, now: Instant
    ) -> bytes | None:
        """Return the message for the question *asked* in some manner, without its ID.

        None: *name*, that of the question in lower case, which has so many *labels*, is special.
        """
        sections = self._sections(name, labels, asked, how, now)
        return None if sections is None else self._frame.head + asked + sections

    def _sections(
        self, name: bytes, labels: int, asked: bytes, how: Manner, now: Instant
    ) -> bytes | None:
        # The NUL needs two octets; the labels of what looks like a wildcard are counted otherwise;
        # nothing points to the root.
        is_special = not labels or name.startswith(b"\x01*")
        if is_special or len(name) + len(_NUL_LABEL) > _NAME_LIMIT:
            return None
        form = len(name), how
        if form != self._form:
            self._form, self._frame = form, self._framed(len(name), how)
        frame = self._frame
        nsec = frame.nsec + asked[: len(name)] + self._bitmap
        return frame.before + nsec + self._rrsigs(name, labels, nsec, now) + frame.opt

    def _framed(self, length: int, how: Manner) -> _Frame:
        wants_recursion, has_edns, edns_flags = how
        # RFC 9824 section 5: who does not say that it knows of NXNAME is told NOERROR.
        is_told = self._no_name and edns_flags & COMPACT_OK
        flags = self._body.flags & ~_RCODE_MASK | (_NXDOMAIN if is_told else _NOERROR)
        counts = (0, self._body.counts[1] + 1 + len(self._keys), int(has_edns))
        answer = ReadyAnswer(flags, counts, b"", self.until)
        rdata_length = len(_NUL_LABEL) + length + len(self._bitmap)
        return _Frame(
            answer,
            answer.head(wants_recursion),
            self._body.behind(length) + _QNAME,
            _RECORD.pack(_NSEC, _IN, self._ttl, rdata_length) + _NUL_LABEL,
            plain_opt(edns_flags) if has_edns else b"",
        )

    def _rrsigs(self, name: bytes, labels: int, nsec: bytes, now: Instant) -> bytes:
        """Return the RRSIG records of *name* over *nsec*, which is given without its owner."""
        inception, expiration = self._policy.times(int(now), place_at(name, _NSEC))
        expiration, inception = expiration & _UINT32, inception & _UINT32
        ttl, made = self._ttl, b""
        for sign, algorithm, tag in self._keys:
            head = RRSIG_HEAD.pack(_NSEC, algorithm, labels, ttl, expiration, inception, tag)
            rdata = head + self._apex + sign(head + self._signer_name + name + nsec)
            made += _QNAME + _RECORD.pack(_RRSIG, _IN, ttl, len(rdata)) + rdata
        return made

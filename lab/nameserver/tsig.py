"""Transaction signatures at the border, on octets (RFC 8945).

Decides: who sent this message, as far as a shared key can prove it, and how the answer is sealed.
Behind the border nobody sees a TSIG record. `now` is the real time here, as everywhere with TSIG:
the other side is a real program, whatever time it is in the lab.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from hmac import compare_digest
from typing import Any

import dns.exception
import dns.name
import dns.rdata
import dns.tsig
from dns.name import Name
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.TSIG import TSIG
from dns.tsig import Key

from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.nameserver.exchange import NOT_YET

# RFC 8945 section 6: MD5 must not be used any more, and SHA-1 only to interoperate.
ALGORITHMS: Mapping[str, Name] = {
    "hmac-sha256": dns.tsig.HMAC_SHA256,
    "hmac-sha384": dns.tsig.HMAC_SHA384,
    "hmac-sha512": dns.tsig.HMAC_SHA512,
    "hmac-sha224": dns.tsig.HMAC_SHA224,
    "hmac-sha1": dns.tsig.HMAC_SHA1,
}
FUDGE = 300

_HEADER = struct.Struct("!HHHHHH")
_RECORD = struct.Struct("!HHIH")
_POINTER = 0xC0
_SHORTEST_MAC = 10
# The type and class of a TSIG record: without these octets a message has none.
_MARK = struct.pack("!HH", RdataType.TSIG, RdataClass.ANY)

Keys = Mapping[Name, Key]


@dataclass(frozen=True, slots=True)
class Seal:
    """Seal the answers to one request.

    Attributes:
        request: the TSIG of the request.
        owner: the name of its key.
        key: None if it is unknown or did not fit: nothing can be signed (RFC 8945 section 5.3.2).
        error: of the TSIG, 0 for none.
        now: real time, seconds.
    """

    request: TSIG
    owner: Name
    key: Key | None
    error: Rcode
    now: int

    def sealed(self, wire: bytes) -> bytes:
        """Return an answer of one message with its TSIG."""
        return next(self.each([wire]))

    def each(self, wires: Iterable[bytes]) -> Iterator[bytes]:
        """Iterate over the messages of one answer, each with its TSIG (RFC 8945 section 5.3.1)."""
        context: Any = None
        for wire in wires:
            if wire == NOT_YET:
                yield wire
                continue
            tsig = self._tsig(wire)
            if self.key is not None:
                tsig, context = dns.tsig.sign(
                    wire, self.key, tsig, tsig.time_signed, self.request.mac, context, multi=True
                )
            yield _with_tsig(wire, self.owner, tsig)

    def room(self) -> int:
        """Return how many octets the TSIG will take at most."""
        return len(_with_tsig(bytes(_HEADER.size), self.owner, self._tsig(bytes(2)))) + 64

    def _tsig(self, wire: bytes) -> TSIG:
        # RFC 8945 section 5.2.3: who has a wrong clock is told the server's time.
        wrong_clock = self.error == Rcode.BADTIME
        return TSIG(
            RdataClass.ANY,
            RdataType.TSIG,
            self.request.algorithm,
            self.request.time_signed if wrong_clock else self.now,
            FUDGE,
            b"",
            _HEADER.unpack_from(wire.ljust(_HEADER.size, b"\0"))[0],
            int(self.error),
            self.now.to_bytes(6, "big") if wrong_clock else b"",
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold a message without its TSIG.

    Attributes:
        wire: the message that was signed.
        seal: for the answer; None if the message had no TSIG.
    """

    wire: bytes
    seal: Seal | None = None

    @property
    def key(self) -> Name | None:
        """Return the name of the key that the sender has proved to hold."""
        return None if self.seal is None or self.seal.error else self.seal.owner

    @property
    def refused(self) -> bool:
        """Tell whether the TSIG is wrong, so that the answer is NOTAUTH."""
        return self.seal is not None and bool(self.seal.error)


def open_message(wire: bytes, keys: Keys, now: int) -> Opened:
    """Return what *wire* says, and with which key it was signed (RFC 8945 section 5.2).

    Args:
        wire: one message, at least a header.
        keys: the shared keys by name.
        now: real time, seconds.

    Raises:
        PeerError: it is malformed, or its TSIG is not the last record.
    """
    if _MARK not in wire:
        return Opened(wire)
    start = _last_record(wire)
    if start is None:
        return Opened(wire)
    owner, tsig = _pull(wire, start)
    counts = _HEADER.unpack_from(wire)
    plain = _HEADER.pack(*counts[:5], counts[5] - 1) + wire[_HEADER.size : start]
    key = keys.get(owner)
    error = _judge(plain, tsig, key, now)
    # RFC 8945 section 5.3.2: without a good MAC in the request there is none in the answer.
    usable = None if error in {Rcode.BADKEY, Rcode.BADSIG} else key
    return Opened(plain, Seal(tsig, owner, usable, error, now))


def _judge(plain: bytes, tsig: TSIG, key: Key | None, now: int) -> Rcode:
    """Return the TSIG error; the order of the checks is that of RFC 8945 section 5.2."""
    if key is None or key.algorithm != tsig.algorithm:
        return Rcode.BADKEY
    expected = dns.tsig.sign(plain, key, tsig, tsig.time_signed)[0].mac
    # RFC 8945 section 5.2.2.1: neither longer than the algorithm's, nor shorter than half of it.
    if not max(_SHORTEST_MAC, len(expected) // 2) <= len(tsig.mac) <= len(expected):
        raise PeerError("the MAC of its TSIG has an impossible length", plain)
    if not compare_digest(expected[: len(tsig.mac)], tsig.mac):
        return Rcode.BADSIG
    if abs(now - tsig.time_signed) > tsig.fudge:
        return Rcode.BADTIME
    # RFC 8945 section 5.2.4: it is our policy to take no truncated MAC.
    return Rcode.BADTRUNC if len(tsig.mac) < len(expected) else Rcode.NOERROR


def _last_record(wire: bytes) -> int | None:
    """Return where the TSIG of *wire* begins; None if it has none."""
    try:
        _, _, questions, *sections = _HEADER.unpack_from(wire)
        at, last = _HEADER.size, None
        for _ in range(questions):
            at = _after_name(wire, at) + 4
        for number in range(sum(sections), 0, -1):
            start, name_end = at, _after_name(wire, at)
            rdtype, _, _, length = _RECORD.unpack_from(wire, name_end)
            at = name_end + _RECORD.size + length
            if rdtype == RdataType.TSIG:
                last = start
                # RFC 8945 section 5.1: one TSIG, and no record after it.
                if number > 1 or not sections[2]:
                    raise PeerError("its TSIG is not the last record", wire)
    except (struct.error, IndexError) as error:
        raise PeerError("malformed", wire) from error
    if last is not None and at != len(wire):
        raise PeerError("there is something behind its TSIG", wire)
    return last


def _after_name(wire: bytes, at: int) -> int:
    while wire[at]:
        if wire[at] >= _POINTER:
            return at + 2
        at += 1 + wire[at]
    return at + 1


def _pull(wire: bytes, start: int) -> tuple[Name, TSIG]:
    try:
        owner, length = dns.name.from_wire(wire, start)
        at = start + length
        rdtype, rdclass, _, rdlength = _RECORD.unpack_from(wire, at)
        rdata = dns.rdata.from_wire(rdclass, rdtype, wire, at + _RECORD.size, rdlength)
    except (dns.exception.DNSException, struct.error, ValueError) as error:
        raise PeerError(f"malformed TSIG: {error}", wire) from error
    if not isinstance(rdata, TSIG):
        raise PeerError("malformed TSIG: its class is not ANY", wire)
    return owner, rdata


def _with_tsig(wire: bytes, owner: Name, tsig: TSIG) -> bytes:
    rdata = tsig.to_wire()
    assert rdata is not None
    head = owner.to_wire() or b""
    record = head + _RECORD.pack(RdataType.TSIG, RdataClass.ANY, 0, len(rdata)) + rdata
    additional = _HEADER.unpack_from(wire)[5] + 1
    return wire[:10] + struct.pack("!H", additional) + wire[12:] + record

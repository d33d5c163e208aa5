"""Queries and answers as dnstap: messages of protobuf in Frame Streams (dnstap.info).

Both are written here by hand, as only a few fields are needed: a reader such as `dnstap-read` shows
them beside those of any other nameserver.
"""

from collections.abc import Iterator
from enum import IntEnum
from ipaddress import ip_address
from typing import Final

from dns.opcode import Opcode

from lab.core.frozen import dataclass
from lab.nameserver.event import QueryEvent
from lab.nameserver.query import Transport

CONTENT_TYPE: Final = b"protobuf:dnstap.Dnstap"

_CONTROL_START, _CONTROL_STOP, _FIELD_CONTENT_TYPE = 2, 3, 1
_VARINT, _OCTETS, _FIXED32 = 0, 2, 5
_NANOSECONDS = 1_000_000_000


class Kind(IntEnum):
    """Number the types of messages that a nameserver has (dnstap.proto, Message.Type)."""

    AUTH_QUERY = 1
    AUTH_RESPONSE = 2
    UPDATE_QUERY = 13
    UPDATE_RESPONSE = 14


_PROTOCOLS = {Transport.UDP: 1, Transport.TCP: 2, Transport.TLS: 3}
_FAMILIES = {4: 1, 6: 2}


def start_frame() -> bytes:
    """Return what a file of Frame Streams begins with."""
    named = _word(_FIELD_CONTENT_TYPE) + _word(len(CONTENT_TYPE)) + CONTENT_TYPE
    return _control(_word(_CONTROL_START) + named)


def stop_frame() -> bytes:
    """Return what a file of Frame Streams ends with."""
    return _control(_word(_CONTROL_STOP))


def frames(event: QueryEvent, identity: bytes, version: bytes) -> Iterator[bytes]:
    """Iterate over the frames that tell of *event*: the query, and the answer if there is one.

    Args:
        event: with the first message of its answer.
        identity: name of the server.
        version: name of the software.
    """
    is_update = event.opcode == Opcode.UPDATE
    query = Kind.UPDATE_QUERY if is_update else Kind.AUTH_QUERY
    yield _Tap(event, identity, version).frame(query)
    if event.answer is not None:
        answer = Kind.UPDATE_RESPONSE if is_update else Kind.AUTH_RESPONSE
        yield _Tap(event, identity, version).frame(answer)


@dataclass(frozen=True, slots=True)
class _Tap:
    """Write one message of dnstap.proto; the numbers are those of its fields."""

    event: QueryEvent
    identity: bytes
    version: bytes

    def frame(self, kind: Kind) -> bytes:
        message = _field(14, self._message(kind))
        of_type_message = _field(15, 1)
        told = _field(1, self.identity) + _field(2, self.version) + message + of_type_message
        return _word(len(told)) + told

    def _message(self, kind: Kind) -> bytes:
        event = self.event
        client, server = ip_address(event.peer.host), ip_address(event.address)
        seconds = int(event.time)
        nanoseconds = int((event.time - seconds) * _NANOSECONDS)
        common = (
            _field(1, kind)
            + _field(2, _FAMILIES[client.version])
            + _field(3, _PROTOCOLS[event.transport])
            + _field(4, client.packed)
            + _field(5, server.packed)
            + _field(6, event.peer.port)
            + _field(7, event.port)
            + _field(8, seconds)
            + _fixed(9, nanoseconds)
        )
        if kind in {Kind.AUTH_QUERY, Kind.UPDATE_QUERY}:
            return common + _field(10, event.query)
        # An answer is made at once: it has the time of its query.
        times = _field(12, seconds) + _fixed(13, nanoseconds)
        return common + times + _field(14, event.answer or b"")


def _control(payload: bytes) -> bytes:
    """Return a control frame: a length of 0 is the mark of one."""
    return _word(0) + _word(len(payload)) + payload


def _word(number: int) -> bytes:
    return number.to_bytes(4, "big")


def _field(number: int, value: int | bytes) -> bytes:
    """Return one field of protobuf, a varint or octets with their length."""
    if isinstance(value, bytes):
        return _varint(number << 3 | _OCTETS) + _varint(len(value)) + value
    return _varint(number << 3 | _VARINT) + _varint(value)


def _fixed(number: int, value: int) -> bytes:
    return _varint(number << 3 | _FIXED32) + value.to_bytes(4, "little")


def _varint(value: int) -> bytes:
    octets = bytearray()
    # Seven bits an octet, the lowest first; the eighth says that there are more.
    while value >> 7:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*octets, value])

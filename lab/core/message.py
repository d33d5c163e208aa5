"""A response as octets becomes a message: as much of it as can be read.

A record that cannot be read is left out; that it is missing is for a validator to judge. A DS is
kept whatever its digest: it names no key, but belongs to what the parent signed. Decoding takes
time, so a response is decoded when somebody looks into it.
"""

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

import dns.message
import dns.rdata
from dns.dnssectypes import Algorithm, DSDigest
from dns.exception import DNSException
from dns.flags import Flag
from dns.message import Message, QueryMessage
from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS
from dns.wire import Parser

_FLAGS = struct.Struct("!2xH")
_HEADER = struct.Struct("!4xHHHH")
_DS_FIELDS = struct.Struct("!HBB")


class _Record(NamedTuple):
    section: int
    owner: Name
    rdtype: int
    rdclass: int
    ttl: int
    rdata: bytes


class Undecoded(QueryMessage):
    """A response that becomes a message when somebody looks into it; octets and flags are there.

    Most of the work on a response is to decode it, and who reads octets needs none of that.

    Attributes:
        wire: as received, of opcode QUERY and with a whole header; what is wrong behind that is
            left out of the message, so that decoding does not fail.
    """

    wire: bytes

    def __init__(self, wire: bytes) -> None:
        """Keep *wire*. That all else is missing is what brings it about."""
        self.wire = wire
        self.flags = Flag(_FLAGS.unpack_from(wire)[0])

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 whatever the attribute is
        """Decode at the first look at what only a message has."""
        if name.startswith("__") or self.decoded:
            raise AttributeError(name)
        self.__dict__.update(pull_message(self.wire).__dict__)
        return getattr(self, name)

    @property
    def decoded(self) -> bool:
        """Tell whether it is a message by now, which somebody may have changed."""
        return "sections" in self.__dict__


def pull_message(wire: bytes) -> Message:
    """Return the message that *wire* holds.

    Raises:
        DNSException: not even its header and its question can be read.
        ValueError: a field has a value that nothing can have.
    """
    message = dns.message.from_wire(wire, ignore_trailing=True, continue_on_error=True)
    if message.errors:
        _add_odd_ds(message, wire)
    return message


def _add_odd_ds(message: Message, wire: bytes) -> None:
    """Add the DS RRs that dnspython refuses: digest type 0, or a digest of the wrong length.

    RFC 4035 section 5.2: such a DS is not used, and says nothing about the others of its RRset.
    """
    for one in _records(wire):
        if (one.rdtype, one.rdclass) == (RdataType.DS, RdataClass.IN) and _is_odd(one.rdata):
            section = message.sections[one.section]
            rrset = message.find_rrset(section, one.owner, RdataClass.IN, RdataType.DS, create=True)
            rrset.add(make_odd_ds(one.rdata), one.ttl)


def _records(wire: bytes) -> Iterator[_Record]:
    """Yield the records of *wire*, up to the first one that ends behind its end."""
    questions, *counts = _HEADER.unpack_from(wire)
    parser = Parser(wire, _HEADER.size)
    try:
        for _ in range(questions):
            parser.get_name(decompress=True)
            parser.get_struct("!HH")
        for section, count in enumerate(counts, start=1):
            for _ in range(count):
                owner = parser.get_name(decompress=True)
                rdtype, rdclass, ttl, length = parser.get_struct("!HHIH")
                rdata = parser.get_bytes(length)
                yield _Record(section, owner, rdtype, rdclass, ttl, rdata)
    except DNSException:
        return


def _is_odd(rdata: bytes) -> bool:
    if len(rdata) < _DS_FIELDS.size:
        return False
    try:
        dns.rdata.from_wire(RdataClass.IN, RdataType.DS, rdata, 0, len(rdata))
    except DNSException:
        return True
    return False


def make_odd_ds(rdata: bytes) -> DS:
    """Return the DS of *rdata*, four octets at least, without asking whether its digest is one."""
    tag, algorithm, digest_type = _DS_FIELDS.unpack_from(rdata)
    made = DS.__new__(DS)
    fields = {
        "rdclass": RdataClass.IN,
        "rdtype": RdataType.DS,
        "rdcomment": None,
        "key_tag": tag,
        "algorithm": Algorithm.make(algorithm),
        "digest_type": DSDigest.make(digest_type),
        "digest": rdata[_DS_FIELDS.size :],
    }
    # dnspython's rdata are immutable, and their constructor refuses these values.
    for field, value in fields.items():
        object.__setattr__(made, field, value)
    return made

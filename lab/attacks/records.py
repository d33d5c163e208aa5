"""TLS records as somebody on the way sees them: where each begins and ends, and who sent it.

Type and length stand in clear before what is sealed (RFC 8446 section 5.2). So whoever is on the
way can count records, cut between them and change them; he can open none.
"""

from enum import Enum

from lab.core.frozen import dataclass

_HEADER = 5


class Sender(Enum):
    """Tell from which side a record comes."""

    CLIENT = "client"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class TlsRecord:
    """Hold one record of a connection.

    Attributes:
        sender: who sent it.
        number: how many that side has sent with it, from 1.
        octets: all of it, header included.
    """

    sender: Sender
    number: int
    octets: bytes


def split(octets: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """Return the complete records at the head of *octets*, and what is left over."""
    records, at = [], 0
    while len(octets) - at >= _HEADER:
        # RFC 8446 section 5.1: type, two octets of version, two of length.
        end = at + _HEADER + int.from_bytes(octets[at + 3 : at + _HEADER], "big")
        if end > len(octets):
            break
        records.append(octets[at:end])
        at = end
    return tuple(records), octets[at:]

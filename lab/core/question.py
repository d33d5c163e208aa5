"""What a resolving dialogue asks of the network, and what it is sent back."""

from enum import Enum

from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.errors import LabError
from lab.core.frozen import dataclass
from lab.core.names import text_of


class Role(Enum):
    """Tell what a server does for those who ask."""

    AUTHORITATIVE = "authoritative"
    RECURSIVE = "recursive"


class Carrier(Enum):
    """Tell what a response came over, and how far the server was known by it."""

    UDP = "UDP"
    TCP = "TCP"
    TLS = "TLS, server not authenticated"
    TLS_DANE = "TLS, server authenticated by its TLSA records"
    TLS_PIN = "TLS, server authenticated by a pinned key"


class Profile(Enum):
    """Say what TLS is for: against those who listen, or also against those who interfere."""

    OPPORTUNISTIC = "opportunistic"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Server:
    """Name one nameserver and where it listens.

    Attributes:
        name: its host name, as in the NS RRset.
        address: IPv4 or IPv6, in text.
        role: a RECURSIVE one is asked with RD and CD set (RFC 4035 section 4.9.1, RFC 6840 5.9).
        port: None for that of the client: referrals and glue carry none.
    """

    name: Name
    address: str
    role: Role = Role.AUTHORITATIVE
    port: int | None = None

    def __str__(self) -> str:
        """Return it as `a.nic.fr. (127.53.1.1)`."""
        return f"{text_of(self.name)} ({self.address})"


@dataclass(frozen=True, slots=True)
class Question:
    """Ask *server* for one RRset with DO set (RFC 3225): with RD only if it is RECURSIVE.

    Attributes:
        qname: absolute.
        rdtype: the QTYPE.
        server: the one to ask; trying another one is the dialogue's decision.
    """

    qname: Name
    rdtype: RdataType
    server: Server

    def __str__(self) -> str:
        """Return it as `www.example.fr. A @ a.nic.fr. (127.53.1.1)`."""
        return f"{text_of(self.qname)} {RdataType.to_text(self.rdtype)} @ {self.server}"


@dataclass(frozen=True, slots=True)
class Response:
    """Hold what *server* answered: a message whose ID, question and sender were checked.

    Attributes:
        message: decoded.
        server: who sent it.
        carrier: what it came over; None if it is not from a network.
    """

    message: Message
    server: Server
    carrier: Carrier | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """Hold one question with what came of it.

    Attributes:
        question: as sent.
        outcome: the response, or why there is none.
    """

    question: Question
    outcome: Response | LabError

"""What a resolving dialogue asks of the network, and what it is sent back."""

from dataclasses import dataclass

from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType


@dataclass(frozen=True, slots=True)
class Server:
    """Name one nameserver and where it listens.

    Attributes:
        name: its host name, as in the NS RRset.
        address: IPv4 or IPv6, in text.
    """

    name: Name
    address: str

    def __str__(self) -> str:
        """Return it as `a.nic.fr. (127.53.1.1)`."""
        return f"{self.name} ({self.address})"


@dataclass(frozen=True, slots=True)
class Question:
    """Ask *server* for one RRset, iteratively (RD clear), with DO set (RFC 3225).

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
        return f"{self.qname} {RdataType.to_text(self.rdtype)} @ {self.server}"


@dataclass(frozen=True, slots=True)
class Response:
    """Hold what *server* answered: a message whose ID, question and sender were checked.

    Attributes:
        message: decoded; after a fall-back to TCP if UDP was truncated.
        server: who sent it.
    """

    message: Message
    server: Server

"""What can be done to TLS connections: listen, block, cut, change, and stand in for the server.

The relay stands before one server. What goes on is a record at a time, so that nothing is known of
a connection but what is seen on the way.
"""

from enum import Enum

from dns.name import Name

from lab.attacks.attack import NamedAttack, attack
from lab.attacks.plot import Rule
from lab.attacks.records import Sender, TlsRecord
from lab.core.errors import InputError
from lab.core.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTls(NamedAttack):
    """Limit an attack to the connections to one server; a later one takes its place there.

    Attributes:
        server: host name of an operator's server, or of a nameserver (DNS over TLS).
    """

    server: Name

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return none: DNS in clear is left alone."""
        return ()

    def passed(self, record: TlsRecord) -> bytes | None:
        """Return what goes on instead of *record*; None cuts the connection."""
        return record.octets


@attack("tls-eavesdropping")
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsEavesdropping(OnTls):
    """Change nothing, and count the records: more than their lengths is not to be seen.

    Certificates and names of clients are encrypted since TLS 1.3 (RFC 8446 section 2); the name of
    the server in the first message is not.
    """


class Blocking(Enum):
    """Tell how a connection is kept from being made."""

    RESET = "reset"
    SILENCE = "silence"


@attack("tls-blocked")
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsBlocked(OnTls):
    """Let no handshake through, as a firewall does that wants to see what is said.

    Whoever wants TLS only if it is to be had goes on in clear (opportunistic, RFC 9539 section 4;
    STARTTLS without DANE). Whoever knows from the DNS that the server speaks TLS does not.

    Attributes:
        how: "reset" ends the connection at once, "silence" lets the client wait.
    """

    how: Blocking = Blocking.RESET

    def passed(self, record: TlsRecord) -> bytes | None:
        """Return nothing."""
        del record
        return None if self.how is Blocking.RESET else b""


@attack("tls-cut")
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsCut(OnTls):
    """Cut the connection in the middle: of the handshake, or of what follows.

    Nobody is deceived. An end without the goodbye of TLS is an error, so that nobody takes a part
    for the whole (RFC 8446 section 6.1).

    Attributes:
        after: how many records of the server still arrive.
    """

    after: int = 1

    def passed(self, record: TlsRecord) -> bytes | None:
        """Return the record, or cut."""
        late = record.sender is Sender.SERVER and record.number > self.after
        return None if late else record.octets


@attack("tls-record-changed")
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsRecordChanged(OnTls):
    """Invert one octet of one record.

    Each encrypted record carries a proof that it is whole (RFC 8446 section 5.2), and the Finished
    message one for what went before in clear (section 4.4.4): the other side ends the connection.

    Attributes:
        sender: of the record.
        record: which one, counted from 1; the third of a server is the first that is encrypted.
        place: which octet, counted from the end of the record.
    """

    sender: Sender = Sender.SERVER
    record: int = 3
    place: int = 1

    def __post_init__(self) -> None:
        """Refuse what is no place."""
        for key, number in (("record", self.record), ("place", self.place)):
            if number < 1:
                raise InputError("expected a number from 1 on", key)

    def passed(self, record: TlsRecord) -> bytes:
        """Return the record, or the changed one."""
        octets = bytearray(record.octets)
        if (record.sender, record.number) == (self.sender, self.record):
            octets[-min(self.place, len(octets))] ^= 0xFF
        return bytes(octets)


@attack("tls-impersonation")
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsImpersonation(OnTls):
    """Answer in the place of the server, with another certificate and the key that belongs to it.

    The handshake is perfect; only who judges the certificate can find out. A client that trusts
    many CAs is deceived if one of them issues to the attacker. A client with DANE wants what the
    TLSA record names, and opportunistic TLS takes everybody (RFC 9539 section 4). What is asked of
    a nameserver is answered as the attacks on DNS in clear have it.

    Attributes:
        shows: the identity whose certificate is shown; the story may have it issued by any CA.
    """

    shows: str = "intruder.ns"

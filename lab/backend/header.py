"""Who speaks to whom: the head of every message of the Backend Interfaces (section 22.2)."""

from dataclasses import replace
from typing import Annotated, Self, TypeAlias

import dns.exception
import dns.name
from dns.name import Name

from lab.backend.wire import KINDS, At, Kind, read_text
from lab.core.errors import InputError, PeerError
from lab.core.frozen import dataclass
from lab.lorawan.identifiers import Eui64, NetId

PROTOCOL_VERSION = "1.0"
# Peers of version 1.1 add members, which are passed over, and a few that are read here.
SPOKEN = frozenset({PROTOCOL_VERSION, "1.1"})

TEXT_LIMIT = 255


@dataclass(frozen=True, order=True, slots=True)
class AsId:
    """Name an application server; in this lab by its host name, without trailing dot.

    Attributes:
        text: as the operators agreed on it.
    """

    text: str

    def __str__(self) -> str:
        """Return it as JSON writes it."""
        return self.text

    @classmethod
    def of(cls, host: Name) -> Self:
        """Return the AS-ID of the application server *host*."""
        return cls(host.to_text(omit_final_dot=True))

    @property
    def host(self) -> Name:
        """Return the host that it names.

        Raises:
            InputError: it is no host name.
        """
        try:
            return dns.name.from_text(self.text)
        except (dns.exception.DNSException, UnicodeError) as error:
            raise InputError(f"the AS-ID {self.text!r} is no host name: {error}") from error


PartyId: TypeAlias = Eui64 | NetId | AsId
"""A network by its NetID, a join server by its JoinEUI, an application server by its AS-ID."""


def party_of(text: str) -> PartyId:
    """Return whom *text* names: 6 hexadecimal digits a network, 16 a join server.

    Raises:
        InputError: it is empty or too long.
    """
    for cls in (NetId, Eui64):
        try:
            return cls.from_text(text)
        except InputError:
            continue
    if not 0 < len(text) <= TEXT_LIMIT:
        raise InputError(f"expected an identifier of 1 to {TEXT_LIMIT} characters")
    return AsId(text)


def _read_party(held: object, at: At) -> PartyId:
    try:
        return party_of(read_text(held, at))
    except InputError as error:
        raise PeerError(error.what) from error


KINDS[PartyId] = Kind(_read_party, str)


@dataclass(frozen=True, slots=True)
class Header:
    """Hold the head of a message.

    Attributes:
        protocol_version: "1.0" or "1.1" if we are to understand it.
        sender_id: who says it sent this.
        receiver_id: for whom.
        transaction_id: chosen by who asks; the answer repeats it.
        sender_token: a note of the sender, which the answer brings back; may be empty.
        receiver_token: such a note, brought back.
        sender_ns_id: which network server of the network (1.1).
        receiver_ns_id: the same (1.1).
    """

    protocol_version: Annotated[str, At("ProtocolVersion")]
    sender_id: Annotated[PartyId, At("SenderID")]
    receiver_id: Annotated[PartyId, At("ReceiverID")]
    transaction_id: Annotated[int, At("TransactionID")]
    sender_token: Annotated[bytes, At("SenderToken")] = b""
    receiver_token: Annotated[bytes, At("ReceiverToken")] = b""
    sender_ns_id: Annotated[Eui64 | None, At("SenderNSID")] = None
    receiver_ns_id: Annotated[Eui64 | None, At("ReceiverNSID")] = None

    def back(self) -> "Header":
        """Return the head of the answer: both sides change places."""
        spoken = self.protocol_version if self.protocol_version in SPOKEN else PROTOCOL_VERSION
        return replace(
            self,
            protocol_version=spoken,
            sender_id=self.receiver_id,
            receiver_id=self.sender_id,
            sender_token=b"",
            receiver_token=self.sender_token,
            sender_ns_id=self.receiver_ns_id,
            receiver_ns_id=self.sender_ns_id,
        )

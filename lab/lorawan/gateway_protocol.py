"""Speak the Semtech UDP protocol between a gateway and its network server, version 2.

Decides what the octets of a datagram mean (PROTOCOL.TXT of Semtech's packet_forwarder, sections 3
to 6), so that any packet forwarder or simulator can attach. The protocol knows no authentication:
whoever reaches the port can say that it is a gateway. Left to others: sockets, and what is in a
frame.
"""

import json
from collections.abc import Mapping
from dataclasses import field
from enum import IntEnum
from types import MappingProxyType
from typing import Any, TypeAlias, assert_never

from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.lorawan.identifiers import Eui64
from lab.lorawan.packets import (
    Received,
    Transmit,
    object_in,
    pull_json,
    push_received,
    push_transmit,
    received_in,
    text_in,
    transmit_of,
)

VERSION = 2
# Version 1 differs in that a gateway does not acknowledge a downlink.
_VERSIONS = frozenset({1, VERSION})
_HEAD = 4
_EUI = 8


class Kind(IntEnum):
    """Number the kinds of datagrams."""

    PUSH_DATA = 0
    PUSH_ACK = 1
    PULL_DATA = 2
    PULL_RESP = 3
    PULL_ACK = 4
    TX_ACK = 5


@dataclass(frozen=True, slots=True)
class PushData:
    """Carry what a gateway heard to the server.

    Attributes:
        token: 16 bits, to recognise the acknowledgement.
        gateway: who sends.
        received: good LoRa frames; what came by FSK or with a bad checksum is left out.
        status: counters of the gateway, as it names them; empty if none are told.
    """

    token: int
    gateway: Eui64
    received: tuple[Received, ...]
    status: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class PullData:
    """Keep the way back to a gateway open."""

    token: int
    gateway: Eui64


@dataclass(frozen=True, slots=True)
class PushAck:
    """Acknowledge a PushData."""

    token: int


@dataclass(frozen=True, slots=True)
class PullAck:
    """Acknowledge a PullData."""

    token: int


@dataclass(frozen=True, slots=True)
class PullResp:
    """Carry one frame to a gateway, to be sent."""

    token: int
    transmit: Transmit


@dataclass(frozen=True, slots=True)
class TxAck:
    """Tell what a gateway does about a PullResp.

    Attributes:
        token: of the PullResp.
        gateway: who answers.
        error: "NONE", or the reason: "TOO_LATE", "TOO_EARLY", "COLLISION_PACKET", "TX_FREQ", …
    """

    token: int
    gateway: Eui64
    error: str = "NONE"


Datagram: TypeAlias = PushData | PushAck | PullData | PullResp | PullAck | TxAck


def pull_datagram(octets: bytes) -> Datagram:
    """Return what *octets* say.

    Raises:
        PeerError: they are no datagram of this protocol.
    """
    if len(octets) < _HEAD or octets[0] not in _VERSIONS:
        raise PeerError("this is no datagram of the Semtech protocol, version 1 or 2", octets)
    token = int.from_bytes(octets[1:3])
    match octets[3]:
        case Kind.PUSH_ACK:
            return PushAck(token)
        case Kind.PULL_ACK:
            return PullAck(token)
        case Kind.PULL_RESP:
            return PullResp(token, transmit_of(object_in(pull_json(octets[_HEAD:]), "txpk")))
        case Kind.PUSH_DATA | Kind.PULL_DATA | Kind.TX_ACK:
            return _of_gateway(octets, token)
        case number:
            raise PeerError(f"there is no datagram of type {number}", octets)


def _of_gateway(octets: bytes, token: int) -> Datagram:
    if len(octets) < _HEAD + _EUI:
        raise PeerError("the datagram ends within the EUI of its gateway", octets)
    gateway, body = Eui64(octets[_HEAD : _HEAD + _EUI]), octets[_HEAD + _EUI :]
    if octets[3] == Kind.PULL_DATA:
        return PullData(token, gateway)
    if octets[3] == Kind.TX_ACK:
        # Nothing at all is as good as "NONE"; some forwarders add a line end.
        told = object_in(pull_json(body), "txpk_ack") if body.strip(b"\0\r\n ") else {}
        return TxAck(token, gateway, text_in(told, "error") if "error" in told else "NONE")
    document = pull_json(body)
    status = object_in(document, "stat") if "stat" in document else {}
    return PushData(token, gateway, tuple(received_in(document)), status)


def push_datagram(datagram: Datagram) -> bytes:
    """Return the octets of *datagram*."""
    match datagram:
        case PushData(token, gateway, received, status):
            body: dict[str, Any] = {"rxpk": [push_received(one) for one in received]}
            if status:
                body = {"stat": dict(status)} | (body if received else {})
            return _head(Kind.PUSH_DATA, token) + gateway.octets + _push_json(body)
        case PullData(token, gateway):
            return _head(Kind.PULL_DATA, token) + gateway.octets
        case PushAck(token):
            return _head(Kind.PUSH_ACK, token)
        case PullAck(token):
            return _head(Kind.PULL_ACK, token)
        case PullResp(token, transmit):
            return _head(Kind.PULL_RESP, token) + _push_json({"txpk": push_transmit(transmit)})
        case TxAck(token, gateway, error):
            told = _push_json({"txpk_ack": {"error": error}})
            return _head(Kind.TX_ACK, token) + gateway.octets + told
        case _:
            assert_never(datagram)


def _head(kind: Kind, token: int) -> bytes:
    return bytes((VERSION, *token.to_bytes(2), kind))


def _push_json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()

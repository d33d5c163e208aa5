"""Actions about LoRaWAN: devices and servers speak; only a running lab can do it."""

from enum import Enum
from typing import TypeAlias

from lab.backend.header import AsId
from lab.core.checks import Report
from lab.core.frozen import dataclass
from lab.lorawan.device import Confirmation
from lab.lorawan.frames import RejoinKind
from lab.lorawan.identifiers import NetId


class AirEnding(Enum):
    """Tell what became of a frame of a device.

    Attributes:
        JOINED: it was let in.
        UNANSWERED: it asked to be let in, and hears nothing.
        READ: its application server has read what it said.
        UNREAD: nobody has.
        IGNORED: it was repeated by somebody, and no network did anything about it.
        TAKEN: it was repeated, and some network did.
    """

    JOINED = "joined"
    UNANSWERED = "unanswered"
    READ = "read"
    UNREAD = "unread"
    IGNORED = "ignored"
    TAKEN = "taken"


class Speaker(Enum):
    """Tell who speaks on air as a device.

    Attributes:
        DEVICE: itself.
        COPY: something that somebody made, who has the keys that it was delivered with.
    """

    DEVICE = "device"
    COPY = "copy"

    def called(self, device: str) -> str:
        """Return who that is, for people who know *device* by that name."""
        return device if self is Speaker.DEVICE else f"a copy of {device}"


class LorawanAct:
    """Be one of the actions below."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class LetJoin(LorawanAct):
    """Let a device ask to be let in; the result is an AirResult.

    Attributes:
        device: its name in lorawan.toml.
        by: who really asks.
    """

    device: str
    by: Speaker = Speaker.DEVICE


@dataclass(frozen=True, slots=True)
class LetRejoin(LorawanAct):
    """Let a device ask for a new session, while it has one; the result is an AirResult.

    Attributes:
        device: its name in lorawan.toml.
        kind: what it asks for.
    """

    device: str
    kind: RejoinKind


@dataclass(frozen=True, slots=True)
class Replay(LorawanAct):
    """Send the last frame of a device once more, as somebody else; the result is an AirResult.

    Attributes:
        device: its name in lorawan.toml.
    """

    device: str


@dataclass(frozen=True, slots=True)
class LetSend(LorawanAct):
    """Let a device send an uplink; the result is an AirResult.

    Attributes:
        device: its name in lorawan.toml.
        payload: in the clear.
        f_port: 1 to 223.
        confirmation: whether it wants an acknowledgement.
        by: who really sends.
    """

    device: str
    payload: bytes
    f_port: int
    confirmation: Confirmation
    by: Speaker = Speaker.DEVICE


@dataclass(frozen=True, slots=True)
class Activate(LorawanAct):
    """Write a session into a device that never joins, and its servers; the result is a Report.

    Attributes:
        device: its name in lorawan.toml.
    """

    device: str


@dataclass(frozen=True, slots=True)
class CutPower(LorawanAct):
    """Take the battery of a device out and put it in again; the result is a Report.

    Attributes:
        device: its name in lorawan.toml.
    """

    device: str


@dataclass(frozen=True, slots=True)
class AskHome(LorawanAct):
    """Let a server ask a join server for the home of a device (HomeNSReq); the result is a Report.

    Attributes:
        client: the identity that connects, e.g. "tsp.ns".
        sender: the SenderID that it claims.
        device: whose home is asked for; its join server is asked.
    """

    client: str
    sender: NetId
    device: str


@dataclass(frozen=True, slots=True)
class ReadAsNetwork(LorawanAct):
    """Let the home network of a device try to read its last payload; the result is a Report.

    Attributes:
        device: its name in lorawan.toml.
    """

    device: str


@dataclass(frozen=True, slots=True)
class AskAppKey(LorawanAct):
    """Let a server ask for the AppSKey of a session (AppSKeyReq); the result is a Report.

    Attributes:
        client: the identity that connects, e.g. "tsp.as".
        sender: the AS-ID that it claims.
        device: whose key it wants; its join server is asked.
    """

    client: str
    sender: AsId
    device: str


@dataclass(frozen=True, slots=True)
class AirResult:
    """Tell what became of a frame.

    Attributes:
        ending: in one word.
        report: of the network servers that heard it, with the sequence of all that followed.
    """

    ending: AirEnding
    report: Report


DeviceAction: TypeAlias = LetJoin | LetRejoin | LetSend | Replay | Activate | CutPower
"""What a device does, or has done to it."""

ServerAction: TypeAlias = AskHome | AskAppKey | ReadAsNetwork
"""What a server does about a device."""

LorawanAction: TypeAlias = DeviceAction | ServerAction

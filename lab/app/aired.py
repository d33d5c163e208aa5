"""One frame of a device in the air: who waits for an answer, and what became of it."""

from collections.abc import Mapping
from dataclasses import field

from twisted.internet.defer import Deferred

from lab.core.checks import Report
from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.lorawan.device import Device
from lab.lorawan.hearing import Hearing, Joined
from lab.lorawan.identifiers import Eui64
from lab.lorawan.mhdr import MType, pull_mhdr
from lab.lorawan.radio import Place
from lab.lorawan.windows import Sent, Window
from lab.scenario.lorawan_actions import Speaker


@dataclass(frozen=True, slots=True)
class Aired:
    """Hold what became of one frame of a device.

    Attributes:
        octets: of the frame.
        heard_by: the gateways that heard it.
        hearing: what the device heard in its windows; None: nothing.
        reports: of the network servers.
        first_event: number of the first event in the log that belongs to it.
    """

    octets: bytes
    heard_by: tuple[Eui64, ...]
    hearing: Hearing | None
    reports: Mapping[str, Report]
    first_event: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Hold one frame that goes on air.

    Attributes:
        octets: of the frame.
        sent: how it goes.
        windows: in which its device listens afterwards.
    """

    octets: bytes
    sent: Sent
    windows: tuple[Window, Window]


@dataclass
class Listening:
    """Wait for what comes in the windows after one uplink.

    Attributes:
        device: as it was when it had sent.
        place: where it stands.
        octets: of the uplink.
        windows: in which it listens.
        ended: gateways that heard it, and their counters when it ended.
        undecided: network servers that have not made up their mind.
        by: who really listens.
        reports: of those that have.
        heard: what has come; None: nothing yet.
        done: has the result when the device listens no more.
    """

    device: Device
    place: Place
    octets: bytes
    windows: tuple[Window, Window]
    ended: Mapping[Eui64, int]
    undecided: set[str]
    by: Speaker = Speaker.DEVICE
    reports: dict[str, Report] = field(default_factory=dict)
    heard: Hearing | None = None
    done: Deferred[Hearing | None] = field(default_factory=Deferred)

    def end(self) -> None:
        """Listen no more."""
        if not self.done.called:
            self.done.callback(self.heard)


def waits(device: Device, octets: bytes) -> bool:
    """Tell whether a device wants an answer to *octets*, which it sent.

    Data may go out in an old session after a join that nobody has answered: that is not asked anew.
    """
    if pull_mhdr(octets) in {MType.UNCONFIRMED_UP, MType.CONFIRMED_UP}:
        return device.session is not None and device.session.unacknowledged is not None
    return device.asked is not None or device.rejoining is not None


def told(hearing: Hearing) -> str:
    """Return what a device has understood, in a few words."""
    if isinstance(hearing, Joined):
        return f"let in as {hearing.accept.dev_addr} by {hearing.accept.net_id}"
    return "understood"


def kind_of(octets: bytes) -> str:
    """Return what a frame is called: a network server may want anything to be sent."""
    try:
        return pull_mhdr(octets).called
    except PeerError:
        return "no frame"

"""Carry one packet over a link that loses messages, and keep a record of every message.

Both directions of SCHC have the same events, so one loop runs either. What is lost is decided by
the caller: a simulated radio, a seeded chance, a test.
"""

from collections.abc import Callable
from typing import Protocol, Self

from lab.core.frozen import dataclass
from lab.lorawan.mhdr import Direction
from lab.lorawan.schc import DOWNLINK_RULE, UNCOMPRESSED_RULE, UPLINK_RULE, State, uncompressed
from lab.lorawan.schc_downlink import DownlinkReceiver, DownlinkSender
from lab.lorawan.schc_uplink import UplinkReceiver, UplinkSender


class Sender(Protocol):
    """Send a packet in fragments."""

    @property
    def state(self) -> State:
        """Return how far it is."""
        ...

    def step(self) -> tuple[Self, bytes]:
        """Return the next message, or nothing."""
        ...

    def expire(self) -> tuple[Self, bytes]:
        """Return what to send when the timer ends."""
        ...

    def receive(self, octets: bytes) -> Self:
        """Take an answer."""
        ...


class Receiver(Protocol):
    """Receive a packet in fragments."""

    @property
    def packet(self) -> bytes:
        """Return the packet if it is whole."""
        ...

    def receive(self, octets: bytes) -> tuple[Self, bytes]:
        """Take a message; return the answer, or nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one payload that was on air.

    Attributes:
        direction: who sent it.
        f_port: SCHC's RuleID.
        payload: what stands behind it.
        heard: whether it arrived.
    """

    direction: Direction
    f_port: int
    payload: bytes
    heard: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hold how a packet fared.

    Attributes:
        messages: all that was on air.
        packet: what arrived whole; empty: nothing did.
        state: what the sender believes.
    """

    messages: tuple[Message, ...]
    packet: bytes
    state: State


Heard = Callable[[Direction, bytes], bool]


def everything(_direction: Direction, _payload: bytes) -> bool:
    """Lose nothing."""
    return True


def send_up(payload: bytes, mtu: int, heard: Heard = everything) -> Transfer:
    """Send *payload* from a device in frames of at most *mtu* octets of application payload.

    Raises:
        InputError: SCHC cannot carry it.
    """
    if len(payload) <= mtu:
        return _whole(Direction.UP, payload, heard)
    sender = UplinkSender.start(uncompressed(payload), mtu)
    return run(sender, UplinkReceiver(), Direction.UP, heard)


def send_down(payload: bytes, mtu: int, heard: Heard = everything) -> Transfer:
    """Send *payload* to a device in frames of at most *mtu* octets of application payload.

    Raises:
        InputError: SCHC cannot carry it.
    """
    if len(payload) <= mtu:
        return _whole(Direction.DOWN, payload, heard)
    sender = DownlinkSender.start(uncompressed(payload), mtu)
    return run(sender, DownlinkReceiver(), Direction.DOWN, heard)


def run(sender: Sender, receiver: Receiver, direction: Direction, heard: Heard) -> Transfer:
    """Let *sender* and *receiver* talk until the sender has done or given up."""
    f_port = UPLINK_RULE if direction is Direction.UP else DOWNLINK_RULE
    back = Direction(1 - direction)
    messages = []
    sender, payload = sender.step()
    while payload:
        arrived = heard(direction, payload)
        messages.append(Message(direction, f_port, payload, arrived))
        if arrived:
            receiver, answer = receiver.receive(payload)
            if answer:
                arrived = heard(back, answer)
                messages.append(Message(back, f_port, answer, arrived))
                sender = sender.receive(answer) if arrived else sender
        sender, payload = sender.step()
        if not payload:
            sender, payload = sender.expire()
    return Transfer(tuple(messages), receiver.packet, sender.state)


def _whole(direction: Direction, payload: bytes, heard: Heard) -> Transfer:
    """Send what fits into one frame without fragmenting it: nobody acknowledges it."""
    arrived = heard(direction, payload)
    message = Message(direction, UNCOMPRESSED_RULE, payload, arrived)
    return Transfer((message,), uncompressed(payload) if arrived else b"", State.DONE)

"""Fragments from the device to the network: SCHC in mode ACK-on-Error (RFC 9011 section 5.6.2).

The packet is cut into tiles of 10 octets, 63 of them a window, four windows at most. The device
sends all tiles, several in a frame if they fit, then an All-1 fragment with the check sequence;
the network answers with the first window in which tiles are missing, and only those come again.
"""

from collections.abc import Mapping
from dataclasses import field, replace

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.lorawan.schc import (
    MAX_ACK_REQUESTS,
    RCS_SIZE,
    RECEIVER_ABORT,
    State,
    reassembly_check,
)
from lab.lorawan.schc_uplink_messages import (
    SENDER_ABORT,
    TILE,
    WINDOW,
    WINDOWS,
    Ack,
    Fragment,
    LastFragment,
    pull_ack,
    pull_sent,
)

MAX_PACKET = TILE * WINDOW * WINDOWS


@dataclass(frozen=True, slots=True)
class UplinkSender:
    """Send one packet from a device.

    Attributes:
        packet: the SCHC Packet.
        mtu: octets of payload in a frame, the same throughout.
        queue: numbers of the tiles to be sent, counted through all windows.
        closing: the message after them: All-1, ACK REQ or an abort; nothing: wait.
        attempts: requests for an answer since the last one came.
        state: where we are.
    """

    packet: bytes
    mtu: int
    queue: tuple[int, ...]
    closing: bytes
    attempts: int = 0
    state: State = State.ACTIVE

    @classmethod
    def start(cls, packet: bytes, mtu: int) -> "UplinkSender":
        """Return a sender that has sent nothing yet.

        Raises:
            InputError: the packet is empty or too long, or no tile fits into a frame.
        """
        if not 0 < len(packet) <= MAX_PACKET:
            raise InputError(f"SCHC carries 1 to {MAX_PACKET} octets, not {len(packet)}")
        if mtu <= TILE:
            raise InputError(f"a frame must hold {TILE + 1} octets, not {mtu}")
        sender = cls(packet, mtu, (), b"")
        return replace(sender, queue=tuple(range(sender.alone)), closing=sender.all_1)

    @property
    def count(self) -> int:
        """Return the number of tiles."""
        return -(-len(self.packet) // TILE)

    @property
    def alone(self) -> int:
        """Return how many of them travel in fragments of their own."""
        return self.count - 1 if self.last_tile else self.count

    @property
    def last_tile(self) -> bytes:
        """Return the last tile if it travels in the All-1 fragment: if it always fits there."""
        tile = self.packet[(self.count - 1) * TILE :]
        return tile if 1 + RCS_SIZE + len(tile) <= self.mtu else b""

    @property
    def all_1(self) -> bytes:
        """Return the All-1 fragment."""
        rcs = reassembly_check(self.packet)
        return LastFragment(self.last_window, rcs, self.last_tile).push()

    @property
    def ack_request(self) -> bytes:
        """Return the message that asks for an answer."""
        return Fragment(self.last_window, 0).push()

    @property
    def last_window(self) -> int:
        """Return the window of the last tile."""
        return (self.count - 1) // WINDOW

    def step(self) -> tuple["UplinkSender", bytes]:
        """Return the next message; nothing: wait for an answer or the end of the timer."""
        if self.queue:
            tiles = self._contiguous()
            first = tiles[0]
            window, position = divmod(first, WINDOW)
            payload = self.packet[first * TILE : (tiles[-1] + 1) * TILE]
            message = Fragment(window, WINDOW - 1 - position, payload).push()
            return replace(self, queue=self.queue[len(tiles) :]), message
        if not self.closing:
            return self, b""
        return replace(self, closing=b"", attempts=self.attempts + 1), self.closing

    def expire(self) -> tuple["UplinkSender", bytes]:
        """Return what to send when no answer came in time: ask for one, at last abort."""
        if self.state is not State.ACTIVE:
            return self, b""
        asking = replace(self, closing=self.ack_request)
        return _unless_tired(asking).step()

    def receive(self, octets: bytes) -> "UplinkSender":
        """Return the sender after an answer; `step` has what follows.

        Raises:
            PeerError: the answer makes no sense.
        """
        ack = pull_ack(octets)
        if self.state is not State.ACTIVE:
            return self
        if ack is None:
            return replace(self, queue=(), closing=b"", state=State.ABORTED)
        if ack.received is None:
            return self._completed(ack)
        return self._asked_again(ack.window, ack.received)

    def _completed(self, ack: Ack) -> "UplinkSender":
        # RFC 8724 section 8.4.3.1: only the last window can complete the packet.
        if ack.window != self.last_window:
            return self
        return replace(self, queue=(), closing=b"", state=State.DONE)

    def _asked_again(self, window: int, received: tuple[bool, ...]) -> "UplinkSender":
        numbers = (window * WINDOW + position for position, got in enumerate(received) if not got)
        missing = {number for number in numbers if number < self.alone}
        if missing:
            queue = tuple(sorted({*missing, *self.queue}))
            return replace(self, queue=queue, closing=self.closing or self.ack_request, attempts=0)
        # Incomplete, it says, but no tile is missing: it lacks the All-1, or the check has failed.
        return _unless_tired(replace(self, closing=self.all_1))

    def _contiguous(self) -> tuple[int, ...]:
        room = (self.mtu - 1) // TILE
        first = self.queue[0]
        run = (number for at, number in enumerate(self.queue[:room]) if number == first + at)
        return tuple(run)


@dataclass(frozen=True, slots=True)
class UplinkReceiver:
    """Receive one packet at the network.

    Attributes:
        tiles: number, counted through all windows, to octets.
        last: the All-1 fragment, once it came.
        packet: whole and checked; empty before.
        attempts: answers since the last new tile.
        state: where we are.
    """

    tiles: Mapping[int, bytes] = field(default_factory=dict)
    last: LastFragment | None = None
    packet: bytes = b""
    attempts: int = 0
    state: State = State.ACTIVE

    def receive(self, octets: bytes) -> tuple["UplinkReceiver", bytes]:
        """Return the receiver after a message, and the answer if there is one.

        Raises:
            PeerError: the message makes no sense.
        """
        sent = pull_sent(octets)
        if self.state is State.ABORTED:
            return self, RECEIVER_ABORT
        match sent:
            case None:
                done = self.state is State.DONE
                return (self if done else replace(self, state=State.ABORTED)), b""
            case Fragment(payload=payload) if payload:
                return self._kept(sent), b""
            case Fragment():
                return _answered(self, sent.window)
            case LastFragment():
                closed = self if self.last == sent else replace(self, last=sent, attempts=0)
                return _answered(closed, sent.window)

    def expire(self) -> tuple["UplinkReceiver", bytes]:
        """Return the receiver after nothing came for long, and what to send."""
        if self.state is State.DONE:
            return self, b""
        return replace(self, state=State.ABORTED), RECEIVER_ABORT

    def _kept(self, fragment: Fragment) -> "UplinkReceiver":
        first = fragment.window * WINDOW + WINDOW - 1 - fragment.fcn
        payload = fragment.payload
        new = {first + at // TILE: payload[at : at + TILE] for at in range(0, len(payload), TILE)}
        if self.state is State.DONE or new.keys() <= self.tiles.keys():
            return self
        fitting = {number: tile for number, tile in new.items() if number < WINDOW * WINDOWS}
        return replace(self, tiles={**fitting, **self.tiles}, attempts=0)


def _unless_tired(sender: UplinkSender) -> UplinkSender:
    if sender.attempts < MAX_ACK_REQUESTS:
        return sender
    return replace(sender, queue=(), closing=SENDER_ABORT, state=State.ABORTED)


def _answered(receiver: UplinkReceiver, window: int) -> tuple[UplinkReceiver, bytes]:
    if receiver.state is State.DONE:
        assert receiver.last is not None
        return receiver, Ack(receiver.last.window, None).push()
    if receiver.last is not None:
        tiles = b"".join(receiver.tiles[one] for one in sorted(receiver.tiles))
        packet = tiles + receiver.last.tile
        if reassembly_check(packet) == receiver.last.rcs:
            done = replace(receiver, packet=packet, state=State.DONE)
            return done, Ack(receiver.last.window, None).push()
    if receiver.attempts >= MAX_ACK_REQUESTS:
        return replace(receiver, state=State.ABORTED), RECEIVER_ABORT
    asked = replace(receiver, attempts=receiver.attempts + 1)
    return asked, _missing(receiver, window).push()


def _missing(receiver: UplinkReceiver, window: int) -> Ack:
    """Return the answer about the first window that has not all of its tiles."""
    last = receiver.last.window if receiver.last is not None else window
    for one in range(last + 1):
        received = [number in receiver.tiles for number in range(one * WINDOW, (one + 1) * WINDOW)]
        if one == last and receiver.last is not None and receiver.last.tile:
            # RFC 8724 section 8.2.2.3: the last bit of the last window stands for its tile.
            received[-1] = True
        if not all(received):
            return Ack(one, tuple(received))
    return Ack(last, (True,) * WINDOW)

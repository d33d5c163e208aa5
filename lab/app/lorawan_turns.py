"""Who of a crowd may speak next: so many at a time, and who wants to join before who has joined.

A machine that cannot bear all of it lets everybody in first, and reads fewer uplinks. At first one
device speaks, and each that is done makes room for two: for the first of a kind servers have to be
found in the DNS, and met.
"""

from enum import IntEnum
from heapq import heappop, heappush

from twisted.internet.defer import Deferred


class Wish(IntEnum):
    """Tell what a device waits for; the least comes first."""

    JOIN = 0
    SEND = 1


class Turns:
    """Give out turns."""

    def __init__(self, at_once: int) -> None:
        """Let *at_once* devices speak at the same time, after a while."""
        self._free, self._room, self._most = 1, 1, at_once
        self._came = 0
        self._waiting: list[tuple[Wish, int, Deferred[None]]] = []

    def take(self, wish: Wish) -> "Deferred[None]":
        """Return what fires when it is one's turn; among those who wish the same, in order."""
        turn: Deferred[None] = Deferred()
        self._came += 1
        heappush(self._waiting, (wish, self._came, turn))
        self._give_out()
        return turn

    def give_back(self) -> None:
        """End a turn."""
        more = min(1, self._most - self._room)
        self._room += more
        self._free += 1 + more
        self._give_out()

    def _give_out(self) -> None:
        while self._free and self._waiting:
            self._free -= 1
            _, _, turn = heappop(self._waiting)
            turn.callback(None)

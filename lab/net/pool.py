"""Which connection carries which request: a state machine without connections.

To one peer there are so many at most. A request gets one that is at rest, or the right to open one,
or it waits for its turn; what has to be done comes back as a value.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeAlias, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
LineT = TypeVar("LineT")
TurnT = TypeVar("TurnT")


class Todo(Enum):
    """Tell what a request does that got no connection.

    OPEN: it opens one; there is room. WAIT: there is none yet.
    """

    OPEN = "open"
    WAIT = "wait"


Granted: TypeAlias = LineT | Todo


@dataclass
class _Place(Generic[LineT, TurnT]):
    """Hold what there is for one peer: those at rest, the last used one at the end."""

    resting: list[LineT] = field(default_factory=list)
    waiting: deque[TurnT] = field(default_factory=deque)
    busy: int = 0


class Pool(Generic[KeyT, LineT, TurnT]):
    """Know which connections are at rest, how many are busy, and who waits."""

    def __init__(self, most: int) -> None:
        """Allow *most* connections to one peer."""
        self._most = most
        self._places: defaultdict[KeyT, _Place[LineT, TurnT]] = defaultdict(_Place)

    def want(self, key: KeyT, turn: TurnT) -> Granted[LineT]:
        """Return a connection to *key*, or what to do; with WAIT, `give_back` names *turn* later.

        The one that was used last comes first: those that are too many grow old and go.
        """
        place = self._places[key]
        if place.resting:
            place.busy += 1
            return place.resting.pop()
        if place.busy < self._most:
            place.busy += 1
            return Todo.OPEN
        place.waiting.append(turn)
        return Todo.WAIT

    def give_back(self, key: KeyT, line: LineT | None) -> tuple[TurnT, LineT | Todo] | None:
        """End a request; *line* is None if its connection is of no more use.

        Returns:
            Whose turn it is now, with the connection or OPEN; None if nobody waits.
        """
        place = self._places[key]
        if place.waiting:
            return place.waiting.popleft(), Todo.OPEN if line is None else line
        place.busy -= 1
        if line is not None:
            place.resting.append(line)
        self._tidy(key)
        return None

    def withdraw(self, key: KeyT, turn: TurnT) -> None:
        """Let somebody wait no longer."""
        self._places[key].waiting.remove(turn)

    def forget(self, key: KeyT, line: LineT) -> None:
        """Offer a connection no more that has ended while it was at rest."""
        place = self._places[key]
        if line in place.resting:
            place.resting.remove(line)
        self._tidy(key)

    def retire(self, holds: Callable[[LineT], bool]) -> tuple[LineT, ...]:
        """Return those at rest that do not hold any more; they are offered no more."""
        retired = []
        for key, place in tuple(self._places.items()):
            retired += [one for one in place.resting if not holds(one)]
            place.resting = [one for one in place.resting if one not in retired]
            self._tidy(key)
        return tuple(retired)

    def __len__(self) -> int:
        """Return how many connections there are, or are being opened."""
        return sum(one.busy + len(one.resting) for one in self._places.values())

    def _tidy(self, key: KeyT) -> None:
        place = self._places[key]
        if not place.busy and not place.resting:
            del self._places[key]

"""Give out turns: so many at a time, and to one domain only a share of them.

A nameserver that does not answer holds every lookup that leads to it. With shares it holds those of
its own domain; names of others find a turn at once.
"""

from collections import Counter

from dns.name import Name
from twisted.internet.defer import CancelledError, Deferred

from lab.dane.bounds import LookupLimits, Tally

# The root's label counts: "fr." has two.
_LABELS = 3


class Turns:
    """Know who has a turn, and who waits for one.

    Attributes:
        tally: what there was since it was set.
    """

    def __init__(self, limits: LookupLimits) -> None:
        """Give out turns within *limits*."""
        self._limits = limits
        self._busy: Counter[Name] = Counter()
        self._waiting: list[tuple[Name, Deferred[None]]] = []
        self.tally = Tally()

    async def take(self, name: Name) -> bool:
        """Wait for a turn; return False at once if too many wait already."""
        domain = _domain(name)
        if self._is_free(domain):
            self._begin(domain)
            return True
        own = sum(one == domain for one, _ in self._waiting)
        limits = self._limits
        if len(self._waiting) >= limits.waiting or own >= limits.waiting_of_one_domain:
            self.tally.not_asked += 1
            return False
        turn: Deferred[None] = Deferred()
        entry = (domain, turn)
        self._waiting.append(entry)
        self.tally.waiting = max(self.tally.waiting, len(self._waiting))
        try:
            await turn
        except CancelledError:
            self._waiting.remove(entry)
            raise
        return True

    def give_back(self, name: Name) -> None:
        """End a turn; the first who waits and may gets it."""
        self._busy[_domain(name)] -= 1
        self._busy += Counter()
        for entry in self._waiting:
            domain, turn = entry
            if self._is_free(domain):
                self._waiting.remove(entry)
                self._begin(domain)
                turn.callback(None)
                return

    def _is_free(self, domain: Name) -> bool:
        limits = self._limits
        return self._busy.total() < limits.at_once and self._busy[domain] < limits.of_one_domain

    def _begin(self, domain: Name) -> None:
        self._busy[domain] += 1
        self.tally.at_once = max(self.tally.at_once, self._busy.total())


def _domain(name: Name) -> Name:
    return Name(name.canonicalize().labels[-_LABELS:])

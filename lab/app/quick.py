"""Quick answers at one address of a running server: limited, counted and told of like all others.

Decides: is a datagram answered from what is ready, and who hears of it. What has no ready answer
goes to the responder of `Answering`.
"""

from functools import partial
from typing import TYPE_CHECKING

from lab.core.instant import Instant
from lab.nameserver.query import Peer, Transport
from lab.nameserver.ready import ReadyAnswers
from lab.nameserver.ready_denial import ReadyDenials
from lab.nameserver.server import NameServer
from lab.net.dns_server import nothing_at_once
from lab.net.udp_batch import Quick

if TYPE_CHECKING:
    from lab.app.answering import Answering
    from lab.app.server import RunningServer

_ID_OCTETS = 2


class QuickAnswers:
    """Answer datagrams to one address from what is ready there."""

    def __init__(self, lab: "RunningServer", answering: "Answering", address: str) -> None:
        """Answer for *address* of *lab*; *answering* knows who is to hear of it."""
        self._lab, self._answering, self._address = lab, answering, address
        self._names: NameServer | None = None
        self._ready: ReadyAnswers | None = None

    def __call__(self) -> Quick:
        """Return what answers now; it is asked for again when anything else has happened."""
        if self._lab.desk.secondaries.beside(self._address):
            # They change beside the world, and are for few.
            return nothing_at_once
        names = self._lab.world.name_servers.get(self._address)
        if names is None:
            return nothing_at_once
        return self._quick(self._ready_for(names), self._lab.clock.now())

    def _ready_for(self, names: NameServer) -> ReadyAnswers:
        if self._ready is None:
            book = partial(self._answering.account, self._address)
            self._denials = ReadyDenials(names)
            self._ready = ReadyAnswers(names, book, self._denials)
        elif names is not self._names:
            self._denials = self._denials.followed_by(names)
            self._ready.go_on(names, self._denials)
        self._names = names
        return self._ready

    def _quick(self, ready: ReadyAnswers, now: Instant) -> Quick:
        answering, address = self._answering, self._address
        # Without limit and listeners, a count is all that has to be done for each.
        is_watched = answering.limiter is not None or bool(answering.on_query)

        def quick(wire: bytes, sender: tuple[str, int]) -> bytes | None:
            try:
                sent = ready.answer(wire, now)
            except Exception:  # noqa: BLE001 the responder meets the defect again, and tells of it
                return None
            if sent is None:
                return None
            octets, tally = sent
            octets = wire[:_ID_OCTETS] + octets
            if is_watched:
                peer = Peer(sender[0], sender[1], Transport.UDP)
                return answering.let_out(address, peer, wire, octets, tally)
            tally.answered(len(wire), len(octets))
            return octets

        return quick

"""What the running lab does with each message, beside answering queries."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dns.name import Name
from dns.tsig import Key

from lab.app.keyring import Keyring
from lab.app.secondaries import Secondaries
from lab.nameserver.access import Caller
from lab.nameserver.exchange import NOT_YET, Exchange
from lab.nameserver.query import Peer, Transport
from lab.nameserver.reception import Desk, Notified, Reception, Updating
from lab.nameserver.transfer import by_tcp, transfer

if TYPE_CHECKING:
    from lab.app.server import RunningServer


class FrontDesk:
    """Receive messages for all addresses of one lab.

    Attributes:
        keys: the TSIG keys, by name.
        secondaries: those who fetch zones, and what they were given.
    """

    def __init__(self, lab: "RunningServer") -> None:
        """Serve *lab*; nothing is read before `start`."""
        self._lab = lab
        self._keyring = Keyring(lab.state)
        self._desk = Desk(transfer=self._transfer)
        self.secondaries = Secondaries(lab)
        self.keys: dict[Name, Key] = {}

    def start(self) -> None:
        """Read the TSIG keys; the lab's own one is made if there is none."""
        self.keys = self._keyring.prepare(self._lab.entropy)

    def reload_keys(self) -> None:
        """Read the TSIG keys again: a file has come or gone."""
        self.keys = self._keyring.load()

    def on_notify(self, notified: Notified) -> None:
        """Let *notified* be told of each NOTIFY."""
        self._desk = replace(self._desk, notified=notified)

    def on_update(self, update: Updating) -> None:
        """Let *update* do the dynamic updates."""
        self._desk = replace(self._desk, update=update)

    def _transfer(self, exchange: Exchange, _caller: Caller) -> Iterable[bytes]:
        """Send a zone as it is to stay: without faults, and without what a scenario plays."""
        lab = self._lab
        apex = exchange.query.question[0].name
        if apex in lab.base.sources:
            lab.lasting.journal.mark_transferred(apex)
        if exchange.peer.transport is Transport.UDP and not self.secondaries.is_ready(apex):
            return by_tcp(exchange, self.secondaries.served(apex).zone.soa)
        return self._in_turns(exchange, apex)

    def _in_turns(self, exchange: Exchange, apex: Name) -> Iterator[bytes]:
        for history in self.secondaries.published(apex, exchange.now):
            if history is None:
                yield NOT_YET
            else:
                yield from transfer(exchange, history)

    def delay(self, address: str, wire: bytes) -> float:
        """Return how many seconds *wire* has to wait at *address* before it is received."""
        lab = self._lab
        return lab.world.name_servers[address].delay(wire, lab.clock.now())

    def receive(self, address: str, wire: bytes, peer: Peer) -> Iterable[bytes]:
        """Return what is sent for *wire*, which came to *address*."""
        lab = self._lab
        names, access = lab.world.name_servers[address], lab.world.access
        extra = self.secondaries.beside(address)
        if extra:
            names = replace(names, zones={**names.zones, **extra})
            access = {**access, **{apex: self.secondaries.access(apex) for apex in extra}}
        reception = Reception(names, access, self.keys, self._desk)
        return reception.receive(wire, peer, lab.clock.now(), int(lab.reactor.seconds()))

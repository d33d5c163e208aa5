"""What the running lab does for its secondaries: the catalog, NOTIFY, and fresh signatures."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import dns.message
from dns.flags import AA
from dns.message import Message
from dns.name import Name
from dns.opcode import NOTIFY
from dns.rdatatype import RdataType
from dns.tsig import Key
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from lab.app.preparing import Preparing
from lab.core.instant import Instant
from lab.nameserver.access import Access, Target
from lab.nameserver.catalog import catalog_zone
from lab.nameserver.history import History, Publications
from lab.nameserver.tree import ServedZone
from lab.nameserver.zone import following
from lab.net.notify import notify
from lab.world.build import World
from lab.world.distribution import Distribution

if TYPE_CHECKING:
    from lab.app.server import RunningServer

log = Logger()


class Secondaries:
    """Serve the secondaries of one lab.

    Attributes:
        publications: what they were given.
        hosted: zones that only they serve, by apex.
    """

    def __init__(self, lab: "RunningServer") -> None:
        """Serve those of *lab*; nothing happens before `start`."""
        self._lab = lab
        self._catalog: ServedZone | None = None
        self._telling: dict[tuple[Name, Target], Deferred[bool]] = {}
        self.publications = Publications()
        self._preparing = Preparing(lab.reactor, self.publications, lab.options.signers)
        self.hosted: dict[Name, ServedZone] = {}

    @property
    def distribution(self) -> Distribution | None:
        """Return where secondaries fetch all zones; None: nowhere."""
        return self._lab.base.materials.distribution

    def start(self) -> None:
        """Tell every secondary that we are there, and look after signatures from now on."""
        self._renew_catalog()
        self._lab.on_change.append(self.tell)
        self.tell(self._all())
        self._lab.keeper.add("signatures", self.refresh)

    def stop(self) -> None:
        """Tell nobody any more, and sign for nobody."""
        self._preparing.stop()
        given_up, self._telling = self._telling, {}
        for telling in given_up.values():
            telling.cancel()

    def host(self, served: ServedZone) -> None:
        """Let the secondaries serve one more zone, or a newer version of it."""
        self.hosted[served.apex] = served
        self._renew_catalog()
        self.tell([served.apex, *self._catalog_apex()])

    def drop(self, apex: Name) -> None:
        """Let the secondaries forget a zone that was given to `host`."""
        del self.hosted[apex]
        self._renew_catalog()
        self.tell(self._catalog_apex())

    def beside(self, address: str) -> Mapping[Name, ServedZone]:
        """Return what *address* serves beside the zones of the world."""
        hidden = self.distribution
        if hidden is None or hidden.address != address or self._catalog is None:
            return {}
        return {self._catalog.apex: self._catalog, **self.hosted}

    def access(self, apex: Name) -> Access:
        """Return the access lists of any zone."""
        own = self._lab.base.access.get(apex)
        if own is not None:
            return own
        return Access() if self.distribution is None else self.distribution.access

    def served(self, apex: Name) -> ServedZone:
        """Return a zone as it is to stay: without what a scenario plays."""
        if self._catalog is not None and apex == self._catalog.apex:
            return self._catalog
        return self.hosted.get(apex) or self._lab.base.served[apex]

    def is_ready(self, apex: Name) -> bool:
        """Tell whether what is transferred of a zone is there."""
        return self.publications.known(self.served(apex)) is not None

    def published(self, apex: Name, now: Instant) -> Iterator[History | None]:
        """Give None until that is there, then that: now its signatures are looked after."""
        before = self.publications.next_due
        for history in self._preparing.turns(partial(self.served, apex), now):
            if self.publications.next_due != before:
                self._lab.keeper.wake()
            yield history

    async def refresh(self, now: Instant) -> Instant | None:
        """Sign zones anew, under a greater serial, whose signatures are near their end.

        Only those count that were transferred; return when the next ones are.
        """
        due = self.publications.due(now)
        for apex in due:
            if apex in self.hosted:
                self.host(_next_version(self.hosted[apex]))
        self._change([apex for apex in due if apex in self._lab.base.sources])
        for apex in due:
            if apex in self.hosted or apex in self._lab.base.sources:
                await self._preparing.prepared(partial(self.served, apex), now)
        return self.publications.next_due

    def _change(self, apexes: Iterable[Name]) -> None:
        wanted = tuple(apexes)

        def edit(world: World) -> World:
            for apex in wanted:
                zone = world.sources[apex]
                world = world.with_source(zone.with_serial(following(zone.serial)))
            return world

        if wanted:
            self._lab.change(edit)

    def tell(self, apexes: Iterable[Name]) -> None:
        """Send NOTIFY for *apexes* to those who are to be told; an older NOTIFY is given up."""
        for apex in apexes:
            for target in self.access(apex).notify:
                self._tell(apex, target)

    def _tell(self, apex: Name, target: Target) -> None:
        earlier = self._telling.pop((apex, target), None)
        if earlier is not None:
            earlier.cancel()
        message = self._notification(apex, target)
        source = self._source(apex)
        telling = Deferred.fromCoroutine(notify(self._lab.reactor, source, target, message))
        self._telling[apex, target] = telling
        telling.addBoth(partial(self._told, apex, target, telling))

    def _told(self, apex: Name, target: Target, telling: Deferred[bool], heard: object) -> None:
        if self._telling.get((apex, target)) is telling:
            del self._telling[apex, target]
            if heard is not True:
                log.info("{target} did not hear that {apex} changed", target=target, apex=apex)

    def _notification(self, apex: Name, target: Target) -> Message:
        message = dns.message.make_query(apex, RdataType.SOA)
        message.flags = AA
        message.set_opcode(NOTIFY)
        # RFC 1996 section 3.7: the SOA is a hint which version there is.
        message.answer.append(self.served(apex).zone.soa.to_dns())
        key: Key | None = None if target.key is None else self._lab.desk.keys.get(target.key)
        if key is not None:
            message.use_tsig(key)
        return message

    def _source(self, apex: Name) -> str:
        """Return the address from which secondaries expect the NOTIFY: that of their primary."""
        if self.distribution is not None:
            return self.distribution.address
        configs = self._lab.base.materials.configs
        return next(one.nameservers[0].address for one in configs if one.apex == apex)

    def _all(self) -> tuple[Name, ...]:
        return (*self._lab.base.sources, *self.hosted, *self._catalog_apex())

    def _catalog_apex(self) -> tuple[Name, ...]:
        return () if self._catalog is None else (self._catalog.apex,)

    def _renew_catalog(self) -> None:
        hidden = self.distribution
        if hidden is None:
            return
        # Seconds since 1970 grow from run to run, and nobody can remember a greater one.
        serial = int(self._lab.reactor.seconds())
        if self._catalog is not None:
            serial = max(serial, following(self._catalog.zone.serial))
        members = (*self._lab.base.sources, *self.hosted)
        self._catalog = ServedZone(catalog_zone(hidden.catalog, members, serial), None)


def _next_version(served: ServedZone) -> ServedZone:
    return replace(served, zone=served.zone.with_serial(following(served.zone.serial)))

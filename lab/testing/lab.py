"""`Lab`: a private tree of signed zones with all that a test of a client needs around it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time  # noqa: TID251 a test clock starts at the real time
from typing import NamedTuple, Self, Unpack, cast

from dns.name import Name, root
from dns.rdatatype import RdataType

from lab.api import Result
from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError, LabError
from lab.core.parameters import KINDS
from lab.nameserver.event import QueryEvent
from lab.net.entropy import SystemEntropy
from lab.present.event import event_line
from lab.testing.answering import Answering
from lab.testing.certificates import LabAuthority
from lab.testing.clock import MovableClock
from lab.testing.files import resolv_conf, unbound_conf
from lab.testing.keys import KeyMaker
from lab.testing.sockets import BusyError, Sockets
from lab.testing.tree import bare, configured, planted
from lab.testing.zones import LabZone, ZoneSettings
from lab.world.build import World
from lab.world.export import (
    anchor_dnskey_text,
    anchor_ds_text,
    anchor_named_conf_text,
    hints_text,
)

# Third octets of 127.53.0.0/16: the half that `lab up` does not use.
_BLOCKS = range(128, 256)
_RESOLVER, _UNBOUND = 253, 254
_SEED_OCTETS = 16
# Of the queries, in what is said of a test that failed.
_SHOWN = 40


class Address(NamedTuple):
    """Say where a server listens, over UDP and TCP.

    Attributes:
        address: in 127.53.0.0/16.
        port: the same for all servers of a lab.
    """

    address: str
    port: int


class Lab:
    """Serve a root, and the zones that a test asks for, until `close` or the end of `with`.

    Attributes:
        clock: of all its servers; see `MovableClock`.
        key_maker: makes the keys of its zones.
    """

    def __init__(
        self, *, seed: str | None = None, now: int | datetime | None = None, port: int = 0
    ) -> None:
        """Open the nameserver of the root, and a validating resolver.

        Args:
            seed: one seed and one *now* give the same keys, signatures and certificates twice, but
                for RSA keys and ML-DSA signatures; None: they are new each time.
            now: seconds since 1970 or an aware datetime at which the clock stands still; None: it
                runs with the real time.
            port: of every server; 0: one that is free. With 53 referrals lead any resolver on, and
                `resolv_conf` is enough; this needs root or a network namespace of one's own.

        Raises:
            LabError: the system does not let this process listen there.
        """
        seed = SystemEntropy().bytes(_SEED_OCTETS).hex() if seed is None else seed
        self._seed = seed
        self.clock = MovableClock(time)
        if now is not None:
            self.clock.freeze_at(now)
        self.key_maker = KeyMaker(seed)
        self._zones: dict[Name, LabZone] = {}
        self._numbers = count(1)
        self._folder: TemporaryDirectory[str] | None = None
        self._sockets = Sockets(port)
        try:
            self._network, self._answering = self._settled()
            self._plant(root, {})
        except BaseException:
            self.close()
            raise

    def _settled(self) -> tuple[str, Answering]:
        """Return a network in which no other lab has this port, with a resolver that listens."""
        for block in _BLOCKS:
            network = f"127.53.{block}"
            chance = SeededEntropy(f"{self._seed}/messages")
            answering = Answering(bare(), f"{network}.{_RESOLVER}", self.clock, chance)
            try:
                self._sockets.open(answering.resolver, answering.recurse)
            except BusyError:
                continue
            return network, answering
        raise LabError(f"port {self._sockets.port} is taken everywhere in 127.53.128.0/17")

    def __enter__(self) -> Self:
        """Return the lab itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close every socket, end the thread, and remove the files; harmless the second time."""
        self._sockets.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def zone(self, name: str, **settings: Unpack[ZoneSettings]) -> LabZone:
        """Return a zone: a new one, or that which was made before.

        Its top level domain is made with it, signed as is usual, unless it is there. Other zones
        between both are made by asking for them first.

        Args:
            name: of the zone, e.g. "shop.example".
            settings: how a new zone is signed; see `ZoneSettings`.

        Raises:
            InputError: the name or a setting is wrong, or the zone is here and *settings* come too
                late.
        """
        apex = cast("Name", KINDS[Name].convert(name))
        if apex in self._zones:
            if settings:
                raise InputError(f"{name} is here already; how to sign it is said at first")
            return self._zones[apex]
        top = Name(apex.labels[-2:])
        if top not in self._zones and top != apex:
            self._plant(top, {})
        return self._plant(apex, settings)

    def _plant(self, apex: Name, settings: Mapping[str, object]) -> LabZone:
        number = next(self._numbers)
        if number >= _RESOLVER:
            raise LabError(f"a lab has room for {_RESOLVER - 1} zones")
        address = f"{self._network}.{number}"
        config = configured(apex, address, settings)
        keys = self.key_maker.key_set(config) if config.signed else None
        self.world = planted(self.world, config, keys)
        self._sockets.open(address, partial(self._answering.serve, address))
        self._zones[apex] = LabZone(self, config)
        return self._zones[apex]

    @property
    def root(self) -> LabZone:
        """Return the root zone."""
        return self._zones[root]

    @property
    def world(self) -> World:
        """Return what is served, as a value; another one may be assigned."""
        return self._answering.world

    @world.setter
    def world(self, world: World) -> None:
        self._answering.world = world

    def clear(self) -> None:
        """Mend every zone."""
        for zone in self._zones.values():
            zone.clear()

    def validate(self, name: str, rdtype: str = "A") -> Result:
        """Return the verdict of the lab's own validator: status, records, EDE, report.

        Raises:
            InputError: that is no name, or no type.
        """
        qname = cast("Name", KINDS[Name].convert(name))
        return self._answering.validate(qname, cast("RdataType", KINDS[RdataType].convert(rdtype)))

    @property
    def queries(self) -> tuple[QueryEvent, ...]:
        """Return the last thousand queries that came to any server, oldest first."""
        return self._answering.events

    def sections(self) -> Iterator[tuple[str, str]]:
        """Iterate over what explains a test that failed: title and text of each part."""
        lines = (f"{one.peer.host} asks {event_line(one)}" for one in self.queries[-_SHOWN:])
        yield "dnssec_lab: queries", "\n".join(lines) or "none"
        if self._answering.last is not None:
            yield "dnssec_lab: last validation", self._answering.last.to_text()

    def at(self, address: str) -> Address:
        """Return where a server of this lab listens."""
        return Address(address, self._sockets.port)

    @property
    def port(self) -> int:
        """Return the port of every server."""
        return self._sockets.port

    @property
    def resolver(self) -> Address:
        """Return where the validating resolver listens: it sets AD, and answers SERVFAIL."""
        return self.at(self._answering.resolver)

    @property
    def authoritative(self) -> dict[str, Address]:
        """Return name of each zone to where its nameserver listens; the root is "."."""
        return {zone.apex: zone.nameserver for zone in self._zones.values()}

    @property
    def folder(self) -> Path:
        """Return a folder for files of the test; it is removed with the lab."""
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="dnssec-lab-")
        return Path(self._folder.name)

    @cached_property
    def ca(self) -> LabAuthority:
        """Return a certification authority."""
        return LabAuthority(self.folder, self.clock, SeededEntropy(f"{self._seed}/ca"))

    @property
    def trust_anchor(self) -> Path:
        """Return a file with the root's keys as DNSKEY records: for unbound, drill, kdig."""
        return self._file("anchor.key", anchor_dnskey_text(*self.world.anchors))

    @property
    def trust_anchor_ds(self) -> Path:
        """Return a file with the same as DS records."""
        return self._file("anchor.ds", anchor_ds_text(*self.world.anchors))

    @property
    def trust_anchor_bind(self) -> Path:
        """Return a file with the same as `trust-anchors {}` of named.conf: for `delv -a`."""
        return self._file("anchor.conf", anchor_named_conf_text(*self.world.anchors))

    @property
    def root_hints(self) -> Path:
        """Return a file of root hints (RFC 9609), which know no port: see *port* of `Lab`."""
        return self._file("root.hints", hints_text(self.world.hints))

    @property
    def resolv_conf(self) -> Path:
        """Return a resolv.conf(5) that names the resolver, but not its port."""
        return self._file("resolv.conf", resolv_conf(*self.resolver))

    @property
    def unbound_conf(self) -> Path:
        """Return a configuration for unbound, with the zones that there are now."""
        return self._file("unbound.conf", unbound_conf(self.world, *self.unbound))

    @property
    def unbound(self) -> Address:
        """Return where unbound listens when it runs with `unbound_conf`; nobody else does."""
        return self.at(f"{self._network}.{_UNBOUND}")

    def _file(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return file

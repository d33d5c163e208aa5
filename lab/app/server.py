"""A running nameserver: sockets around a world that can be exchanged while they stay open.

`lab serve` runs one as it is; the lab of `lab up` is one with operators and a stub on top
(running).
"""

import os
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from dns.name import Name
from twisted.logger import Logger

from lab.app.answering import Answering
from lab.app.desk import FrontDesk
from lab.app.hosted import HostedZones
from lab.app.journal import JOURNAL
from lab.app.keeper import Keeper
from lab.app.keystore import KeyStore
from lab.app.lasting import Lasting
from lab.app.quick import QuickAnswers
from lab.app.state import StateFolder
from lab.app.status import describe, write_public_files
from lab.app.updates import updating
from lab.app.workers import Workers
from lab.core.entropy import Entropy, SeededEntropy
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.nameserver.exchange import CookiePolicy
from lab.net.clock import LabClock
from lab.net.dns_server import ask_each_time, listen
from lab.net.entropy import SystemEntropy
from lab.net.ports import BindError, PortSet, on_one_port
from lab.net.reactor import Reactor
from lab.validator.settings import Caching
from lab.world.build import World, assemble
from lab.world.materials import Materials
from lab.world.serials import with_new_serials, with_serials_of

if TYPE_CHECKING:
    from lab.app.plan import Plan

    # `lab serve` has no operators, and need not load what theirs do.
    from lab.net.broker import Broker
    from lab.net.webhook import Webhook
    from lab.tls.handshake import Handshake

log = Logger()

DNS_PORT = 53
DNS_PORT_WITHOUT_PRIVILEGE = 5300


class Answers(Enum):
    """Tell whether an answer is made once for all who ask the same, or each time anew."""

    KEPT = "kept"
    ANEW = "anew"


class Source(Protocol):
    """Read what a world is made of, from wherever it is."""

    def read(self, state: StateFolder, now: Instant, entropy: Entropy) -> Materials:
        """Return the materials; keys that are missing in *state* are made.

        Raises:
            LabError: a file is missing or wrong.
        """
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """Say how to start a server.

    Attributes:
        source: where its zones come from.
        state: folder of keys.
        port: for DNS; None: 53 if this process may, else 5300; 0: any free one.
        dot_port: for DNS over TLS, in a lab; None: 853 if this process may, else 8853; 0: any free
            one.
        gateway_port: for LoRaWAN gateways, in a lab; None: 1700, or any free one if that is taken.
        webhook: who is told of the readings of LoRaWAN devices, in a lab.
        mqtt: with which broker readings and payloads for devices are exchanged, in a lab.
        cookies: whether a good cookie is demanded of those who send one.
        rrl: answers of one kind to one network in a second, over UDP; 0: no limit.
        frozen_at: stop the server's clock at this moment.
        offset: seconds between the server's clock and the real time.
        seed: what keys and certificates are made of, so that another run makes the same; empty: of
            the system's randomness.
        resolver: address and port of a validating resolver, in a lab; port 0: that of the others.
        workers: how many processes answer plain questions over UDP.
        signers: how many processes sign a large zone as a whole; None: as many as processors.
        answers: whether answers over UDP are kept for those who ask the same.
        caching: how long that resolver keeps what it has judged.
        tls: how the operators speak TLS, in a lab.
    """

    source: Source
    state: StateFolder
    port: int | None = None
    dot_port: int | None = None
    gateway_port: int | None = None
    webhook: "Webhook | None" = None
    mqtt: "Broker | None" = None
    cookies: CookiePolicy = CookiePolicy.OFFERED
    rrl: int = 0
    frozen_at: Instant | None = None
    offset: int = 0
    seed: str = ""
    workers: int = 1
    signers: int | None = None
    answers: Answers = Answers.KEPT
    resolver: tuple[str, int] | None = None
    caching: Caching = Caching.UNTIL_EXPIRY
    tls: "Handshake | None" = None


OnChange = Callable[[tuple[Name, ...]], None]
"""Is told which zones publish something else now, after it is safe on disk."""


class RunningServer:
    """Hold the sockets, the clock and the present world.

    Attributes:
        base: the world without what a scenario changed: `world` again when it has ended.
        clock: what everything asks for the time.
        keeper: does what falls due on that clock.
        port: of every nameserver.
        resolver: where a validating resolver listens; None if there is none.
        answering: limits and counts answers, and tells of them.
        desk: deals with TSIG keys, transfers, notifications and updates.
        hosted: zones that only secondaries serve.
        remarks: sentences for the user about what was found at the start.
        on_change: are told of each lasting change, in this order.
        workers: more processes that answer.
        lasting: the journal of such changes, while the server runs.
        keystore: the keys of zones, and what is known of them, on disk.
    """

    base: World
    lasting: Lasting

    def __init__(self, reactor: Reactor, options: Options) -> None:
        """Prepare; nothing is opened before `start`."""
        self.reactor = reactor
        self.options = options
        self.state = options.state
        self.entropy: Entropy = SeededEntropy(options.seed) if options.seed else SystemEntropy()
        self.clock = LabClock(reactor.seconds)
        self.keeper = Keeper(reactor, self.clock)
        self.port = 0
        self.resolver: tuple[str, int] | None = None
        self.answering = Answering(self, options.rrl)
        self.on_change: list[OnChange] = []
        self.remarks: tuple[str, ...] = ()
        self.keystore = KeyStore(self.state)
        self.workers = Workers(self, options.workers - 1)
        self.clock.on_change.append(self.workers.renew)
        self.desk = FrontDesk(self)
        self.hosted = HostedZones(self)
        self.desk.on_update(updating(self))
        # Master files may be large: they stay until every port is known.
        self._materials: Materials | None = None
        self._ports: list[PortSet] = []
        self._files = ExitStack()
        self._lock: int | None = None
        self._set_clock()

    def _set_clock(self) -> None:
        self.clock.shift(self.options.offset)
        if self.options.frozen_at is not None:
            self.clock.freeze(self.options.frozen_at)

    @property
    def world(self) -> World:
        """What is answered from; a scenario assigns another one for its time."""
        return self._world

    @world.setter
    def world(self, world: World) -> None:
        """Answer from *world*: when this returns, all processes do."""
        self._world = world
        self.workers.renew()

    async def start(self) -> None:
        """Read, generate, bind, serve: all of it or nothing.

        Raises:
            LabError: one sentence; every socket is closed again.
        """
        self.state.prepare()
        self._lock = self.state.lock()
        try:
            self.lasting = self._files.enter_context(closing(Lasting(self.state.file(JOURNAL))))
            self.desk.start()
            materials = self.options.source.read(self.state, self.clock.now(), self.entropy)
            service = replace(materials.service, cookies=self.options.cookies)
            self._begin(replace(materials, service=service))
            await self._open()
            self._materials = None
            self.lasting.keep()
            self.desk.secondaries.start()
            self.hosted.start()
            write_public_files(self.world, self.state)
            self._settle()
            self.keeper.start()
        except BaseException:
            await self.stop()
            raise

    def _begin(self, materials: Materials) -> None:
        """Start from what files and keys say, and from what earlier runs changed."""
        self._materials = materials
        world, self.remarks = self.lasting.begin(self._build(materials))
        self.world = self.base = world.without_texts()

    @property
    def _read(self) -> Materials:
        """Return what the world was made of, master files included, until every port is open."""
        assert self._materials is not None
        return self._materials

    def _build(self, materials: Materials) -> World:
        """Return the world of *materials*; the lab asks more of them."""
        return assemble(materials)

    async def _open(self) -> None:
        """Open every socket; the lab has more of them."""
        await self._open_dns()

    def _settle(self) -> None:
        """Take up what goes on by itself; the lab has more of it."""

    def plan(self) -> "Plan":
        """Return where a validation that begins now starts."""
        from lab.app.plan import plan_in_lab  # noqa: PLC0415 with the validator

        return plan_in_lab(describe(self.world, self.state, self.port, self.clock, self.resolver))

    def change(self, edit: Callable[[World], World]) -> None:
        """Change the world to stay: in that of now, in that after a scenario, and on disk.

        A zone that then publishes something else has a greater serial; nobody is told of a change
        that a crash could undo. Faults are not kept from run to run.

        Raises:
            LabError: *edit* refuses, or the journal cannot be written; nothing has changed.
        """
        base = with_new_serials(self.base, edit(self.base))
        world = base if self.world is self.base else edit(self.world)
        self.keystore.record(self.base, base)
        changed = self.lasting.record(self.base, base)
        self.world = base if world is base else with_serials_of(world, base, changed)
        self.base = base
        for listener in self.on_change if changed else ():
            try:
                listener(changed)
            except Exception:  # noqa: BLE001 the change is made; who is told of it cannot undo it
                log.failure("defect after a change of {zones}", zones=changed)

    async def stop(self) -> None:
        """Close every socket and give the state folder free; harmless if nothing is open."""
        await self.keeper.stop()
        self.desk.secondaries.stop()
        self.workers.stop()
        ports, self._ports = self._ports, []
        for one in ports:
            await one.close()
        if self._lock is not None:
            self._files.close()
            self.state.run_file.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    async def _open_dns(self) -> None:
        wanted = self.options.port
        try:
            await self._listen_dns(DNS_PORT if wanted is None else wanted)
        except BindError as error:
            if wanted is not None or not error.forbidden:
                raise
            await self._listen_dns(DNS_PORT_WITHOUT_PRIVILEGE)

    async def _listen_dns(self, port: int) -> None:
        def one(ports: PortSet, address: str, number: int) -> int:
            respond = self.answering.responder(address)
            is_kept = self.options.answers is Answers.KEPT
            turn = QuickAnswers(self, self.answering, address) if is_kept else ask_each_time
            self.workers.sit(address, turn)
            kind = self.workers.kind_of_port
            return listen(self.reactor, ports, address, number, respond, turn, kind)

        ports, self.port = await on_one_port(self.world.name_servers, port, one)
        self._ports.append(ports)

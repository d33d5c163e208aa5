"""What the running lab does about keys: their life, and the parents that read CDS."""

from dataclasses import replace
from typing import TYPE_CHECKING

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS
from twisted.logger import Logger

from lab.core.checks import Outcome, Report
from lab.core.errors import InputError
from lab.core.instant import Instant
from lab.dnssec.algorithms import SigningAlgorithm, algorithm
from lab.dnssec.keylife import Goal, Order
from lab.dnssec.keys import Duty, KeyRole, generate
from lab.nameserver.access import Caller
from lab.nameserver.tree import ds_rdatas, parent_of
from lab.scenario.action import Haste, RollKey
from lab.world.build import World
from lab.world.delays import FirstDs
from lab.world.first_ds import first_ds
from lab.world.keylife import (
    Succession,
    forced,
    life_of,
    lived,
    next_event,
    rolled,
    with_life,
)
from lab.world.operating import keys_of
from lab.world.parental import Petition, Ruling, rule_on

if TYPE_CHECKING:
    from lab.app.running import RunningLab

log = Logger()

_SIGNS = Duty.SIGNS_KEYS | Duty.SIGNS_ZONE
RETRY_S = 30
"""A parent looks again after this time while a child wants what it has not got."""


class Household:
    """Keep the keys of one lab.

    Attributes:
        rulings: what each parent last said, by child.
    """

    def __init__(self, lab: "RunningLab") -> None:
        """Keep the keys of *lab*; nothing is done before `begin`."""
        self._lab = lab
        self.rulings: dict[Name, Report] = {}
        self._told: set[Name] = set()

    def begin(self) -> None:
        """Start from what `hierarchy.toml` says now, and let the keeper go on."""
        now = self._lab.clock.now()
        self._lab.edit(lambda world: lived(world, now))
        for config in self._lab.base.materials.configs:
            if config.signed:
                self._realign(config.apex)
        self._lab.keeper.add("key life", self._live)
        self._lab.keeper.add("parents", self._scan)

    def _realign(self, apex: Name) -> None:
        """Begin a rollover if the file asks for another algorithm or other roles than there are."""
        lab = self._lab
        now = lab.clock.now()
        config = lab.base.config(apex)
        members = life_of(lab.base, apex, now).life.members
        active = [one for one in members if one.goal is Goal.ACTIVE]
        wanted = {one.role for one in config.policy.keys if one.duties & _SIGNS}
        number = int(config.algorithm.number)
        if {(one.role, one.algorithm) for one in active} != {(one, number) for one in wanted}:
            self.roll(apex, (), config.algorithm, Order.SIGN_FIRST)

    async def _live(self, now: Instant) -> Instant | None:
        before = self._lab.world
        self._lab.edit(lambda world: lived(world, now))
        if self._lab.world is not before:
            self._lab.keeper.wake()
        return next_event(self._lab.world)

    def on_notify(self, zone: Name, rdtype: RdataType, _caller: Caller) -> None:
        """Let the parent of *zone* look at once: NOTIFY(CDS) (RFC 9859 section 4)."""
        if rdtype in {RdataType.CDS, RdataType.CDNSKEY}:
            self._told.add(zone)
            self._lab.keeper.wake()

    async def _scan(self, now: Instant) -> Instant | None:
        """Look at the children that want something, or that said so."""
        told, self._told = self._told, set()
        for apex in self._lab.world.signers:
            if (
                apex in told and parent_of(apex, self._lab.world.sources) is not None
            ) or self._wants(apex):
                await self.examine(apex)
        return now + RETRY_S if any(map(self._wants, self._lab.world.signers)) else None

    def _wants(self, apex: Name) -> bool:
        world = self._lab.world
        if parent_of(apex, world.sources) is None:
            return False
        wanted = ds_rdatas(apex, keys_of(world, apex), world.config(apex).policy.ds_digests)
        return set(wanted) != set(world.delegations.get(apex, ()))

    async def examine(self, apex: Name) -> Ruling:
        """Ask the nameservers of *apex* what it wants, and do it if it may be done."""
        lab = self._lab
        ds = lab.world.delegations.get(apex, ())
        ruling = await (self._ruling(apex, ds) if ds else self._first_ruling(apex))
        self.rulings[apex] = ruling.report
        if ruling.report.outcome is Outcome.FAILED:
            log.info("{child}: {why}", child=str(apex), why=ruling.report.conclusion)
        elif set(ruling.ds) != set(ds):
            lab.edit(lambda world: world.with_delegation(apex, ruling.ds))
            lab.keeper.wake()
        return ruling

    async def _ruling(self, apex: Name, ds: tuple[DS, ...]) -> Ruling:
        lab = self._lab
        petition = Petition(
            apex,
            ds,
            await lab.validate(apex, RdataType.CDS),
            await lab.validate(apex, RdataType.CDNSKEY),
            await lab.validate(apex, RdataType.DNSKEY),
        )
        return rule_on(petition, lab.settings, lab.clock.now())

    async def _first_ruling(self, apex: Name) -> Ruling:
        lab = self._lab
        if lab.world.config(apex).delays.first_ds is FirstDs.BY_HAND:
            return Ruling((), Report(f"{apex}: the first DS", Outcome.FAILED, "given by hand only"))
        return await lab.look(first_ds(lab.world, apex, lab.settings, lab.clock.now()))

    def roll(
        self,
        apex: Name,
        roles: tuple[KeyRole, ...],
        chosen: SigningAlgorithm | None,
        order: Order | None,
    ) -> None:
        """Begin to replace keys of *apex*.

        Args:
            apex: of the zone.
            roles: whose keys; empty: all, by those that hierarchy.toml asks for.
            chosen: algorithm of the new keys; None: that of the old ones.
            order: of the records; None: the usual one.

        Raises:
            LabError: it cannot be done.
        """
        lab = self._lab
        now = lab.clock.now()
        life, config = life_of(lab.world, apex, now).life, lab.world.config(apex)
        active = [one for one in life.members if one.goal is Goal.ACTIVE]
        if roles and not {one.role for one in active} >= set(roles):
            there = " and ".join(sorted({one.role.value for one in active}))
            raise InputError(f"{apex} has no such key; its roles are {there}")
        number = {one.algorithm for one in active}
        known = chosen or config.algorithm
        new = roles or tuple(one.role for one in config.policy.keys if one.duties & _SIGNS)
        if {int(known.number)} != number:
            # RFC 6781 section 4.1.4: an algorithm is exchanged as a whole.
            roles, order = (), order or Order.SIGN_FIRST
            new = tuple(dict.fromkeys(one.role for one in active)) if chosen else new
        usual = config.delays.orders[new[0]]
        fresh = tuple(generate(apex, role, known, lab.entropy) for role in new)
        change = Succession(apex, fresh, roles, order or usual)
        lab.edit(lambda world: rolled(world, change, now))
        lab.keeper.wake()

    async def perform(self, action: RollKey) -> tuple[str, ...]:
        """Begin to replace a key, do what can be done now, and return what that breaks.

        Raises:
            LabError: it cannot be done.
        """
        number = action.algorithm
        order = None if action.how is Haste.USUAL else Order.AT_ONCE
        self.roll(action.zone, (action.role,), None if number is None else algorithm(number), order)
        broken: tuple[str, ...] = ()
        if action.how in {Haste.FORCE, Haste.CARELESS}:
            broken = self._force(action.zone, action.how)
        await self._lab.keeper.catch_up()
        return broken

    def _force(self, apex: Name, how: Haste) -> tuple[str, ...]:
        """Do at once what is left to do for *apex*; return what it breaks."""
        lab = self._lab
        now = lab.clock.now()

        def edit(world: World) -> World:
            after = forced(world, apex, now)
            keys = after.signers[apex].keys
            if how is Haste.CARELESS or parent_of(apex, after.sources) is None:
                return after
            digests = after.config(apex).policy.ds_digests
            return after.with_delegation(apex, ds_rdatas(apex, keys, digests))

        lab.edit(edit)
        lab.keeper.wake()
        return life_of(lab.world, apex, now).life.problems

    def secure(self, apex: Name, *, wanted: bool) -> None:
        """Let *apex* ask for a DS, or for none: it becomes insecure (RFC 8078 section 4)."""
        now = self._lab.clock.now()

        def edit(world: World) -> World:
            known = life_of(world, apex, now)
            return with_life(world, apex, known.with_life(replace(known.life, secure=wanted)))

        self._lab.edit(edit)
        self._lab.keeper.wake()

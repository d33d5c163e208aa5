"""Steps in which a zone becomes signed: keys in the zone, and then its DS RRset in the parent."""

from functools import partial

from dns.name import Name

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.nameserver.tree import ds_rdatas
from lab.scenario.action import Play
from lab.scenario.edits import Edit
from lab.scenario.step import Step, simply, step
from lab.world.build import World
from lab.world.operating import keys_of
from lab.world.wishes import Signing, ZoneWish, with_wish


@step("sign-zone")
@dataclass(frozen=True, slots=True, kw_only=True)
class SignZoneStep(Step):
    """Give an unsigned zone keys, and sign it; its parent knows nothing of them (RFC 6781).

    Attributes:
        zone: its apex.
    """

    zone: Name

    @property
    def title(self) -> str:
        """Return it as `sign shop.example.fr.`."""
        return f"sign {self.zone}"

    def play(self) -> Play:
        """Sign it."""
        return (yield from simply(Edit(partial(_signed, zone=self.zone)), self.title))


@step("unsign-zone")
@dataclass(frozen=True, slots=True, kw_only=True)
class UnsignZoneStep(Step):
    """Take keys and signatures out of a zone; what the parent says of it stays.

    Attributes:
        zone: its apex.
    """

    zone: Name

    @property
    def title(self) -> str:
        """Return it as `unsign shop.example.fr.`."""
        return f"unsign {self.zone}"

    def play(self) -> Play:
        """Let its keys go."""
        return (yield from simply(Edit(partial(_unsigned, zone=self.zone)), self.title))


@step("publish-ds")
@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDsStep(Step):
    """Let the parent of a zone publish the DS RRset of its keys (RFC 4034 section 5).

    Attributes:
        zone: apex of the child.
    """

    zone: Name

    @property
    def title(self) -> str:
        """Return it as `publish the DS of shop.example.fr.`."""
        return f"publish the DS of {self.zone}"

    def play(self) -> Play:
        """Publish it."""
        return (yield from simply(Edit(partial(_with_ds, zone=self.zone)), self.title))


def _signed(world: World, zone: Name) -> World:
    if zone not in world.sources:
        raise InputError(f"the lab has no zone {zone}")
    if zone in world.signers:
        raise InputError(f"{zone} is signed already")
    return with_wish(world, ZoneWish(zone, signing=Signing.SIGNED)).with_delegation(zone, ())


def _unsigned(world: World, zone: Name) -> World:
    _refuse_unsigned(world, zone)
    known = world.delegations.get(zone, ())
    return with_wish(world, ZoneWish(zone, signing=Signing.UNSIGNED)).with_delegation(zone, known)


def _with_ds(world: World, zone: Name) -> World:
    _refuse_unsigned(world, zone)
    digests = world.config(zone).policy.ds_digests
    return world.with_delegation(zone, ds_rdatas(zone, keys_of(world, zone), digests))


def _refuse_unsigned(world: World, zone: Name) -> None:
    if zone not in world.signers:
        raise InputError(f"the lab has no signed zone {zone}")

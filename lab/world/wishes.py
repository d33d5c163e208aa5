"""What a story wants of a zone: one more, or one that is signed or denies otherwise.

A new zone is delegated by the closest zone above it and served by the nameservers of that one, so
that no socket has to be opened. Its keys, and those of a zone that changes its algorithm, are fresh
and are written nowhere: with the world of the story they are gone.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from enum import Enum
from typing import Any

from dns.name import Name

from lab.core.entropy import Entropy
from lab.core.errors import InputError, ZoneError
from lab.core.frozen import dataclass
from lab.dnssec.keys import KeySet, generate
from lab.nameserver.signer import Signer
from lab.nameserver.tree import ds_rdatas, parent_of
from lab.nameserver.zone import Zone, load
from lab.world.build import World
from lab.world.config import ZoneConfig
from lab.world.policy import DEFAULTS, Policy, read_policy

TTL = 300
# RFC 1035 section 3.3.13: the zone begins with an SOA; its MNAME is the first nameserver.
_HEAD = "@ {ttl} IN SOA {host} hostmaster 1 3600 600 604800 {ttl}\n"
# RFC 2308 section 4: the TTL of records that have none of their own.
_USUAL_TTL = f"$TTL {TTL}\n"
_NEW_KEYS = {"algorithm", "keys"}


class Signing(Enum):
    """Tell whether a zone shall be signed."""

    AS_IT_IS = "as it is"
    SIGNED = "signed"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class ZoneWish:
    """Say what a zone shall be like.

    Attributes:
        apex: of the zone; a new one if the lab has none of that name.
        records: lines of master file that it has besides; a new zone's SOA and NS are made.
        signing: whether it has keys; a new zone has.
        policy: fields of its `Policy` that are other than they were, or than is usual.
        where: `file:line`, for messages.
    """

    apex: Name
    records: str = ""
    signing: Signing = Signing.AS_IT_IS
    policy: Mapping[str, Any] = field(default_factory=dict)
    where: str = ""


def with_wish(world: World, wish: ZoneWish, entropy: Entropy | None = None) -> World:
    """Return the world in which a zone is as *wish* says, with keys of *entropy* if given.

    Raises:
        InputError: it cannot be so, and why.
    """
    if wish.apex in world.sources:
        return _changed(world, wish, entropy)
    return _grown(world, wish, entropy)


def read_records(text: str, apex: Name, hosts: tuple[Name, ...], where: str) -> Zone:
    """Return the zone that *hosts* serve, with the records of a piece of master file.

    Raises:
        ZoneError: *text* is no such piece; its lines are those of *text*.
    """
    names = "".join(f"@ {TTL} IN NS {one}\n" for one in hosts)
    zone = load(_HEAD.format(ttl=TTL, host=hosts[0]) + names, apex, where)
    try:
        return zone.with_records(_USUAL_TTL + text, where)
    except ZoneError as error:
        line = error.where.rpartition(":")[2]
        at = f"{where}:{int(line) - _USUAL_TTL.count(chr(10))}" if line.isdigit() else where
        raise ZoneError(error.what, at) from error


def _grown(world: World, wish: ZoneWish, entropy: Entropy | None) -> World:
    parent = parent_of(wish.apex, world.sources)
    if parent is None:
        raise InputError(f"no zone of the lab stands above {wish.apex}", wish.where)
    above = world.config(parent)
    _refuse_taken(world.sources[parent], wish)
    hosts = tuple(one.name for one in above.nameservers)
    policy = _policy(read_policy(DEFAULTS, lambda _: wish.where), wish)
    config = replace(
        above,
        apex=wish.apex,
        file=wish.where,
        policy=policy,
        where=wish.where,
        signed=wish.signing is not Signing.UNSIGNED,
    )
    cut = "".join(f"{wish.apex} {TTL} IN NS {host}\n" for host in hosts)
    grown = replace(
        world,
        materials=replace(world.materials, configs=(*world.materials.configs, config)),
        sources={
            **world.sources,
            parent: world.sources[parent].with_records(cut, wish.where),
            wish.apex: read_records(wish.records, wish.apex, hosts, wish.where),
        },
    )
    return _with_keys(grown, config, entropy) if config.signed else grown


def _refuse_taken(parent: Zone, wish: ZoneWish) -> None:
    """Let a new zone take no name that its parent has: what is there would be hidden."""
    for owner in parent.owners():
        if owner.is_subdomain(wish.apex):
            what = f"{wish.apex} cannot be a zone: {parent.apex} has records at {owner}"
            raise InputError(what, wish.where)


def _changed(world: World, wish: ZoneWish, entropy: Entropy | None) -> World:
    before = world.config(wish.apex)
    signed = {
        Signing.AS_IT_IS: before.signed,
        Signing.SIGNED: True,
        Signing.UNSIGNED: False,
    }[wish.signing]
    config = replace(before, policy=_policy(before.policy, wish), signed=signed)
    configs = tuple(config if one is before else one for one in world.materials.configs)
    changed = replace(world, materials=replace(world.materials, configs=configs))
    if wish.records:
        changed = changed.with_records(wish.apex, _USUAL_TTL + wish.records)
    if not signed:
        signers = {apex: one for apex, one in world.signers.items() if apex != wish.apex}
        others = {apex: one for apex, one in world.co_signers.items() if apex != wish.apex}
        bare = replace(changed, signers=signers, co_signers=others)
        return bare.with_delegation(wish.apex, ())
    if not before.signed or _NEW_KEYS & set(wish.policy):
        return _with_keys(changed, config, entropy)
    keys = world.signers[wish.apex].keys
    return _with_signer(changed, config, keys)


def _policy(usual: Policy, wish: ZoneWish) -> Policy:
    return replace(usual, **wish.policy)


def _with_keys(world: World, config: ZoneConfig, entropy: Entropy | None) -> World:
    """Return the world with fresh keys for a zone, and nothing known of the life of old ones."""
    planned = config.policy.keys
    keys = tuple(generate(config.apex, one.role, config.algorithm, entropy) for one in planned)
    lives = {apex: one for apex, one in world.lives.items() if apex != config.apex}
    key_set = KeySet(keys, tuple(one.duties for one in planned))
    return _with_signer(replace(world, lives=lives), config, key_set)


def _with_signer(world: World, config: ZoneConfig, keys: KeySet) -> World:
    policy = config.policy
    signer = Signer(config.apex, keys, policy.signing, policy.denial, policy.zonemd)
    signed = replace(world, signers={**world.signers, config.apex: signer})
    return signed.with_delegation(config.apex, ds_rdatas(config.apex, keys, policy.ds_digests))

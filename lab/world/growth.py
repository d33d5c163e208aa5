"""What is kept from one version of a world to the next: zones that nothing has changed.

A lab may hold thousands of zones, and an update changes one of them. All versions of a world share
one `Growth`; it looks whether the parts it made something of are the very same objects.
"""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from dns.name import Name

from lab.core.frozen import dataclass
from lab.nameserver.access import Access
from lab.nameserver.difference import Difference
from lab.nameserver.server import NameServer
from lab.nameserver.signer import Signer
from lab.nameserver.tree import Children, ServedZone, children_of
from lab.nameserver.zone import Zone
from lab.world.co_signing import CoSigner
from lab.world.config import ZoneConfig
from lab.world.ground import Ground
from lab.world.serving import name_servers, renewed

T = TypeVar("T")
Sources = Mapping[Name, Zone]


def differing(before: Sources, after: Sources) -> tuple[Name, ...] | None:
    """Return whose versions are not the same; None if these are not the same zones in one order."""
    if len(before) != len(after) or any(
        one is not other and one != other for one, other in zip(before, after, strict=True)
    ):
        return None
    pairs = zip(before.values(), after.items(), strict=True)
    return tuple(apex for old, (apex, new) in pairs if old is not new)


class Recent(Generic[T]):
    """Keep what was made of some objects, as long as it is asked for of the same ones."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._kept: tuple[tuple[object, ...], T] | None = None

    def of(self, parts: tuple[object, ...], make: Callable[[], T]) -> T:
        """Return what *make* returns, or returned when it was asked for of the same *parts*."""
        if self._kept is None or any(
            one is not other for one, other in zip(self._kept[0], parts, strict=True)
        ):
            self._kept = parts, make()
        return self._kept[1]


@dataclass(frozen=True, slots=True)
class Grown:
    """Hold what is served, and what it grew out of.

    Attributes:
        ground: what zones are made of, but for their signers.
        signers: apex to signer.
        co_signers: apex to second operator.
        served: apex to zone.
        servers: address to server.
    """

    ground: Ground
    signers: Mapping[Name, Signer]
    co_signers: Mapping[Name, CoSigner]
    served: dict[Name, ServedZone]
    servers: dict[str, NameServer]

    def changed(
        self, ground: Ground, signers: Mapping[Name, Signer], co_signers: Mapping[Name, CoSigner]
    ) -> tuple[Name, ...] | None:
        """Return which zones have other records there; None if more than that may be different."""
        parts = ("materials", "delegations", "lives", "hooks")
        if co_signers or self.co_signers or signers is not self.signers:
            return None
        if any(getattr(ground, one) is not getattr(self.ground, one) for one in parts):
            return None
        return differing(self.ground.sources, ground.sources)


class Growth:
    """Remember the world that was served last.

    Attributes:
        access: apex to access lists.
        configs: apex to configuration.
        changes: between two worlds: apex to difference.
        surroundings: apex to digest; see `world.serials`.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self.access: Recent[dict[Name, Access]] = Recent()
        self.configs: Recent[dict[Name, ZoneConfig]] = Recent()
        self.changes: Recent[dict[Name, Difference]] = Recent()
        self.surroundings: Recent[dict[Name, bytes]] = Recent()
        self._children: Recent[Children] = Recent()
        self._family: Sources = {}
        self._asked: Sources = self._family
        self._last: Grown | None = None

    def children(self, sources: Sources, delegations: Mapping[Name, object]) -> Children:
        """Return apex to those of *delegations* that hang from it."""
        # Thousands of zones are asked about in turn, all of the same sources.
        if sources is not self._asked and differing(self._family, sources) is None:
            self._family = sources
        self._asked = sources
        family = self._family
        return self._children.of((family, delegations), lambda: children_of(delegations, family))

    def grown(
        self, ground: Ground, signers: Mapping[Name, Signer], co_signers: Mapping[Name, CoSigner]
    ) -> Grown:
        """Return what is served: zones whose records are those of last time are not made again."""
        children = self.children(ground.sources, ground.all_delegations)
        changed = None if self._last is None else self._last.changed(ground, signers, co_signers)
        if self._last is None or changed is None:
            served = ground.first(signers, co_signers, children)
            others = ground.second(signers, co_signers, children)
            servers = name_servers(ground.materials, served, others, ground.hooks)
        else:
            fresh = ground.first(signers, co_signers, children, changed)
            served = {**self._last.served, **fresh}
            servers = renewed(self._last.servers, fresh, ground.hooks)
        self._last = Grown(ground, signers, co_signers, served, servers)
        return self._last

"""What the zones of a world grow out of: records, delegations, lives of keys, and faults.

Whoever signs, the same ground gives the zones that are served.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from dns.name import Name
from dns.rdtypes.ANY.DS import DS

from lab.core.frozen import dataclass
from lab.core.seams import Hooks
from lab.dnssec.zonelife import ZoneLife
from lab.nameserver.signer import Signer
from lab.nameserver.tree import Children, ServedZone, grow
from lab.nameserver.zone import Zone
from lab.world.acting import everywhere
from lab.world.cds import wishes
from lab.world.co_signing import CoSigner
from lab.world.materials import Materials


@dataclass(frozen=True, slots=True)
class Ground:
    """Hold all of a world that is in its zones, but for the signatures.

    Attributes:
        materials: what the world was built from.
        sources: apex to zone, without DNSSEC.
        delegations: apex to the DS RRset that its parent publishes.
        lives: apex to the life of its keys.
        hooks: the faults that act now.
    """

    materials: Materials
    sources: Mapping[Name, Zone]
    delegations: Mapping[Name, tuple[DS, ...]]
    lives: Mapping[Name, ZoneLife]
    hooks: Hooks

    @property
    def all_delegations(self) -> Mapping[Name, tuple[DS, ...]]:
        """Return `delegations`, and those of zones that are broken on purpose."""
        tree = self.materials.tree
        return self.delegations if tree is None else {**self.delegations, **tree.delegations}

    def first(
        self,
        signers: Mapping[Name, Signer],
        co_signers: Mapping[Name, CoSigner],
        children: Children,
        only: Collection[Name] | None = None,
    ) -> dict[Name, ServedZone]:
        """Return the zones as their first operators serve them.

        Args:
            signers: apex to signer.
            co_signers: apex to second operator.
            children: apex to zones that are delegated from it.
            only: which zones; None: all.
        """
        pairs = {apex: one.beside(signers[apex])[0] for apex, one in co_signers.items()}
        return self._signed_by({**signers, **pairs} if pairs else signers, children, only)

    def second(
        self,
        signers: Mapping[Name, Signer],
        co_signers: Mapping[Name, CoSigner],
        children: Children,
    ) -> dict[tuple[str, Name], ServedZone]:
        """Return address and apex to zone, where second operators serve it."""
        pairs = {apex: one.beside(signers[apex])[1] for apex, one in co_signers.items()}
        served = self._signed_by({**signers, **pairs}, children, tuple(pairs))
        return {
            (address, apex): served[apex]
            for apex, one in co_signers.items()
            for address in one.addresses
        }

    def _signed_by(
        self, signers: Mapping[Name, Signer], children: Children, only: Collection[Name] | None
    ) -> dict[Name, ServedZone]:
        """Return the zones as *signers* serve them: signed, and linked by DS records."""
        hooks, delegations, tree = everywhere(self.hooks), self.all_delegations, self.materials.tree
        if tree is not None:
            hooks = Hooks((*tree.faults, *hooks.faults))
        configs = {one.apex: one for one in self.materials.configs}

        def served(apex: Name) -> ServedZone:
            zone, signer, below = self.sources[apex], signers.get(apex), children.get(apex, ())
            if signer is None:
                return grow(zone, None, below, delegations)
            own = wishes(zone, configs[apex], signer, self.lives, self.sources)
            return grow(zone, replace(signer, hooks=hooks.within(apex)), below, delegations, own)

        return {apex: served(apex) for apex in (self.sources if only is None else only)}

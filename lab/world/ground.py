"""What the zones of a world grow out of: records, delegations, lives of keys, and faults.

Whoever signs, the same ground gives the zones that are served.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dns.name import Name
from dns.rdtypes.ANY.DS import DS

from lab.core.seams import Hooks
from lab.dnssec.zonelife import ZoneLife
from lab.nameserver.signer import Signer
from lab.nameserver.tree import ServedZone, plant
from lab.nameserver.zone import Zone
from lab.world.acting import everywhere
from lab.world.cds import with_cds
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

    def first(
        self, signers: Mapping[Name, Signer], co_signers: Mapping[Name, CoSigner]
    ) -> dict[Name, ServedZone]:
        """Return the zones as their first operators serve them."""
        pairs = {apex: one.beside(signers[apex]) for apex, one in co_signers.items()}
        return self._signed_by({**signers, **{apex: pair[0] for apex, pair in pairs.items()}})

    def second(
        self, signers: Mapping[Name, Signer], co_signers: Mapping[Name, CoSigner]
    ) -> dict[tuple[str, Name], ServedZone]:
        """Return address and apex to zone, where second operators serve it."""
        if not co_signers:
            return {}
        pairs = {apex: one.beside(signers[apex]) for apex, one in co_signers.items()}
        served = self._signed_by({**signers, **{apex: pair[1] for apex, pair in pairs.items()}})
        return {
            (address, apex): served[apex]
            for apex, one in co_signers.items()
            for address in one.addresses
        }

    def _signed_by(self, signers: Mapping[Name, Signer]) -> dict[Name, ServedZone]:
        """Return the zones as *signers* serve them: signed, and linked by DS records."""
        hooks, delegations, tree = everywhere(self.hooks), self.delegations, self.materials.tree
        if tree is not None:
            hooks = Hooks((*tree.faults, *hooks.faults))
            delegations = {**delegations, **tree.delegations}
        acting = {
            apex: replace(signer, hooks=hooks.within(apex)) for apex, signer in signers.items()
        }
        zones = with_cds(self.sources, signers, self.lives, self.materials.configs)
        return plant(zones, acting, delegations)

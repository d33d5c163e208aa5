"""What an identity shows in a handshake: its certificate, or what a fault makes of it."""

from collections.abc import Callable

from lab.core.instant import Instant
from lab.core.seams import Hooks
from lab.faults.certificates import SHOWN_IDENTITY, OnIdentity, Showing
from lab.pki.ca import CertificateAuthority
from lab.pki.identity import Identity
from lab.world.build import World


def shown(
    world: World, name: str, authority: Callable[[], CertificateAuthority], now: Instant
) -> Identity:
    """Return private key and chain that *name* shows.

    Args:
        world: with its certificates, and the faults that act.
        name: the identity, e.g. "tsp.js".
        authority: returns the CA of its operator; called only where a fault acts.
        now: the lab's present.
    """
    identity = world.materials.identities[name]
    own = tuple(
        one for one in world.hooks.faults if isinstance(one, OnIdentity) and one.identity == name
    )
    if not own:
        return identity
    return Hooks(own).at(SHOWN_IDENTITY, Showing(name, identity, authority()), now).identity

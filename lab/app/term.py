"""How long a connection between operators may be used: as long as its DANE decision holds."""

from lab.app.ground import Ground
from lab.dane.decision import Decision


class WorldTerm:
    """Bind a connection to the lab as it was when it was begun.

    A decision holds until the TLSA RRset, a signature or a certificate of its evidence runs out,
    by the lab's clock; not at moments before it was made, to which the lab may travel; and not
    after any change of the lab: who withdraws a TLSA record wants to see it refused. Each side
    goes by its own decision, so the shorter of the two counts.
    """

    def __init__(self, ground: Ground) -> None:
        """Begin now, before anything is decided."""
        self._ground, self._world, self._since = ground, ground.world, ground.clock.now()

    def holds(self, decision: Decision) -> bool:
        """Tell whether one more request may go over the connection now."""
        if decision.until is None or self._ground.world is not self._world:
            return False
        return self._since <= self._ground.clock.now() < decision.until

"""Dynamic updates of a running server: the outcome is pure, here it is made to last."""

from typing import TYPE_CHECKING

from dns.rcode import Rcode
from dns.update import UpdateMessage
from twisted.logger import Logger

from lab.core.errors import LabError
from lab.core.rules import Ede
from lab.nameserver.reception import Updating
from lab.nameserver.update import May, Outcome, update
from lab.world.build import World

if TYPE_CHECKING:
    from lab.app.server import RunningServer

log = Logger()


def updating(lab: "RunningServer") -> Updating:
    """Return what does the updates of *lab*."""

    def do(message: UpdateMessage, may: May) -> Outcome:
        """Change one zone to stay; when this returns the change is on disk."""
        apex = message.zone[0].name
        source = lab.base.sources.get(apex)
        if source is None:
            return Outcome(Rcode.NOTAUTH, ede=Ede.NOT_AUTHORITATIVE)
        outcome = update(source, message, may)
        zone, change = outcome.zone, outcome.change

        def edit(world: World) -> World:
            present = world.sources[apex]
            # In a scenario the zone may be another one.
            after = zone if present is source else None
            return world.with_source(after or change.applied_to(present))

        try:
            if zone is not None:
                lab.change(edit)
        except LabError as error:
            log.info("update of {zone} failed: {error}", zone=apex, error=error)
            return Outcome(Rcode.SERVFAIL, ede=Ede.OTHER, reason=str(error))
        if outcome.reason:
            log.info("update of {zone} refused: {reason}", zone=apex, reason=outcome.reason)
        return outcome

    return do

"""Steps about crowds of strangers, and the bounds of what they can make a server do."""

from dataclasses import field, replace
from functools import partial

from dns.name import Name

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.parameters import Seconds
from lab.dane.bounds import LookupLimits
from lab.scenario.action import IdentityName, Play
from lab.scenario.crowd import BeginCrowd, CrowdResult, EndCrowd
from lab.scenario.edits import Edit
from lab.scenario.step import Step, judged, simply, step
from lab.world.build import World

MOST = 100
_USUAL_S = Seconds(8)


@step("lookup-limits")
@dataclass(frozen=True, slots=True, kw_only=True)
class LookupLimitsStep(Step):
    """Say how much a server looks up for strangers.

    Attributes:
        server: whose limits.
        at_once: lookups at the same time.
        of_one_domain: of these, for names below the same domain (two labels).
        waiting: names that may wait for their turn.
        seconds: for one lookup.
    """

    server: IdentityName
    at_once: int = field(default=16, metadata={"key": "at-once"})
    of_one_domain: int = field(default=4, metadata={"key": "of-one-domain"})
    waiting: int = 64
    seconds: Seconds = _USUAL_S

    def __post_init__(self) -> None:
        """Refuse limits that would let nobody in."""
        if min(self.at_once, self.of_one_domain, self.seconds) < 1 or self.waiting < 0:
            raise InputError("each limit is 1 or more, and waiting 0 or more", "at-once")

    @property
    def title(self) -> str:
        """Return it as `afnic.js: 8 lookups at a time, 2 of one domain, 8 wait`."""
        return (
            f"{self.server}: {self.at_once} lookups at a time, {self.of_one_domain} of one domain, "
            f"{self.waiting} wait"
        )

    def play(self) -> Play:
        """Set them."""
        limits = LookupLimits(
            self.at_once, self.of_one_domain, self.waiting, seconds=float(self.seconds)
        )
        edit = partial(_with_limits, server=self.server, limits=limits)
        return (yield from simply(Edit(edit), self.title))


def _with_limits(world: World, server: IdentityName, limits: LookupLimits) -> World:
    world.identity(server)
    return replace(world, limits={**world.limits, server: limits})


@step("crowd")
@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdStep(Step):
    """Let many clients come to a server at the same time; the story goes on while they are there.

    Each shows the certificate of one identity, and claims a name of its own, so that the server
    looks up another name for each.

    Attributes:
        client: whose certificate they show.
        server: to whom they come.
        count: how many, up to 100.
        below: the names that they claim are below this one.
    """

    client: IdentityName = field(metadata={"key": "from"})
    server: IdentityName = field(metadata={"key": "to"})
    count: int
    below: Name

    def __post_init__(self) -> None:
        """Refuse crowds that are none, or more than a lesson needs."""
        if not 1 <= self.count <= MOST:
            raise InputError(f"a crowd has 1 to {MOST} clients", "count")

    @property
    def title(self) -> str:
        """Return it as `24 clients below x.example. come to afnic.js`."""
        return f"{self.count} clients below {self.below} come to {self.server}"

    def play(self) -> Play:
        """Let them come."""
        action = BeginCrowd(self.client, self.server, self.count, self.below)
        return (yield from simply(action, self.title))


@step("crowd-gone")
@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdGoneStep(Step):
    """Wait until everybody of the crowd has gone, and compare what they made the server do.

    Attributes:
        lookups: so many at the same time, at most.
        within: so long from their first connection to the end of the last, at most.
    """

    lookups: int | None = None
    within: Seconds | None = None

    @property
    def title(self) -> str:
        """Return what is waited for."""
        return "until the crowd has gone"

    def play(self) -> Play:
        """Wait and compare."""
        result = yield EndCrowd()
        assert isinstance(result, CrowdResult), "EndCrowd results in a CrowdResult"
        report = result.report(self.lookups, self.within)
        many = "lookup" if self.lookups == 1 else "lookups"
        bounds = (self.lookups and f"{self.lookups} {many}", self.within and f"{self.within} s")
        expected = ", ".join(str(one) for one in bounds if one)
        return judged(self.title, expected, report.conclusion, report.checks, report)

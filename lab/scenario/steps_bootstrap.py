"""Steps in which a zone gets its first DS by itself: a signal, and a parent that looks."""

from enum import Enum

from dns.name import Name

from lab.core.checks import Outcome, check
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.rules import Rule
from lab.scenario.action import AskFirstDs, Play
from lab.scenario.edits import Edit
from lab.scenario.rules import OUTCOME
from lab.scenario.step import Step, judged, reason_check, simply, step
from lab.world.bootstrap import with_signal
from lab.world.build import World
from lab.world.parental import Ruling


class Reply(Enum):
    """Tell what a parent does about a child that asks."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@step("signal-ds")
@dataclass(frozen=True, slots=True, kw_only=True)
class SignalDsStep(Step):
    """Let a DNS operator say below the name of its nameserver which DS a zone wants (RFC 9615).

    Attributes:
        zone: apex of the zone, which is signed and has no DS.
        nameserver: host name of one of its nameservers; its own zone must be secure.
    """

    zone: Name
    nameserver: Name

    @property
    def title(self) -> str:
        """Return it as `signal the DS of example.fr. at ns1.example.com.`."""
        return f"signal the DS of {self.zone} at {self.nameserver}"

    def play(self) -> Play:
        """Publish the signal."""
        return (yield from simply(Edit(self._signalled), self.title))

    def _signalled(self, world: World) -> World:
        if self.zone not in world.signers:
            raise InputError(f"the lab has no signed zone {self.zone}")
        return with_signal(world, self.zone, self.nameserver)


@step("ask-first-ds")
@dataclass(frozen=True, slots=True, kw_only=True)
class AskFirstDsStep(Step):
    """Let the parent look whether a zone without DS asks for one, and take it if it may (RFC 9615).

    Attributes:
        zone: apex of the child.
        expect: what the parent must do: "accepted" or "refused".
        because: a rule that must be among the reasons of a refusal.
    """

    zone: Name
    expect: Reply
    because: Rule | None = None

    @property
    def title(self) -> str:
        """Return it as `ask for the first DS of example.fr.`."""
        return f"ask for the first DS of {self.zone}"

    def play(self) -> Play:
        """Let the parent ask and judge, and publish what it accepts."""
        ruling = yield AskFirstDs(self.zone)
        assert isinstance(ruling, Ruling), "AskFirstDs results in a Ruling"
        accepted = ruling.report.outcome is Outcome.PASSED
        if accepted:
            yield Edit(lambda world: world.with_delegation(self.zone, ruling.ds))
        seen = Reply.ACCEPTED if accepted else Reply.REFUSED
        checks = [check(OUTCOME, seen is self.expect, self.title, expected=self.expect.value)]
        if self.because is not None:
            checks.append(reason_check(self.because, ruling.report))
        return judged(self.title, self.expect.value, seen.value, tuple(checks), ruling.report)

"""Steps about the life of a device: how it comes by sessions, and loses them."""

from dataclasses import field
from enum import Enum

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.rules import Rule
from lab.lorawan.frames import RejoinKind
from lab.scenario.action import Play
from lab.scenario.lorawan_actions import Activate, AirEnding, CutPower, LetRejoin, Replay
from lab.scenario.step import Step, simply, step
from lab.scenario.steps_lorawan import compared, ended


@step("rejoin")
@dataclass(frozen=True, slots=True, kw_only=True)
class RejoinStep(Step):
    """Let a device that has a session of LoRaWAN 1.1 ask for another one, which has new keys.

    Type 0 is a join within the home network, type 1 one that finds its way by the JoinEUI, type 2
    renews keys alone. The old session works until the new one is used.

    Attributes:
        device: its name in zones/lorawan.toml.
        kind: type 0, 1 or 2.
        expect: "joined" or "unanswered".
        because: a rule that must be among the reasons why it is not let in.
    """

    device: str
    kind: int = field(default=0, metadata={"key": "type"})
    expect: AirEnding | None = None
    because: Rule | None = None

    def __post_init__(self) -> None:
        """Refuse types that there are not."""
        if self.kind not in tuple(RejoinKind):
            raise InputError(f"a Rejoin-Request is of type 0, 1 or 2, not {self.kind}", "type")

    @property
    def title(self) -> str:
        """Return it as `lamp asks to rejoin, type 0`."""
        return f"{self.device} asks to rejoin, type {self.kind}"

    def play(self) -> Play:
        """Let it ask, and compare what it hears."""
        result = yield LetRejoin(self.device, RejoinKind(self.kind))
        return ended(self.title, self.expect, self.because, result)


@step("replay")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayStep(Step):
    """Let somebody who has recorded it send the last frame of a device once more.

    Attributes:
        device: its name in zones/lorawan.toml; it must have sent something.
        expect: "ignored", or "taken" if a network does something about it.
        because: a rule that must be among the reasons why it is ignored.
    """

    device: str
    expect: AirEnding | None = None
    because: Rule | None = None

    @property
    def title(self) -> str:
        """Return it as `the last frame of lamp again`."""
        return f"the last frame of {self.device} again"

    def play(self) -> Play:
        """Send it, and compare what the networks do."""
        result = yield Replay(self.device)
        return ended(self.title, self.expect, self.because, result)


@step("activate-by-hand")
@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateByHandStep(Step):
    """Write address and keys into a device that never joins (ABP), and into both its servers.

    All counters begin at 0, so whatever it has said before could be replayed.

    Attributes:
        device: its name in zones/lorawan.toml; its activation there is "abp".
    """

    device: str

    @property
    def title(self) -> str:
        """Return it as `postbox is activated by hand`."""
        return f"{self.device} is activated by hand"

    def play(self) -> Play:
        """Write them."""
        return (yield from simply(Activate(self.device), self.title))


class Awake(Enum):
    """Tell what a device is like when it has power again.

    Attributes:
        FORGETFUL: it has no session; its nonces are in a memory that needs no power.
        UNCHANGED: it has the session and the keys that it was delivered with, counters at 0.
    """

    FORGETFUL = "no session"
    UNCHANGED = "the same keys"


@step("cut-power")
@dataclass(frozen=True, slots=True, kw_only=True)
class CutPowerStep(Step):
    """Take the battery of a device out, and put it in again: session and frame counters are lost.

    A device that joins (OTAA) needs a new session then. One that was activated by hand (ABP) begins
    the only session that it will ever have once more.

    Attributes:
        device: its name in zones/lorawan.toml.
        expect: "no session" or "the same keys".
    """

    device: str
    expect: Awake | None = None

    @property
    def title(self) -> str:
        """Return it as `postbox is without power`."""
        return f"{self.device} is without power"

    def play(self) -> Play:
        """Cut it, and compare what the device is like afterwards."""
        evidence = yield CutPower(self.device)
        expected = "" if self.expect is None else self.expect.value
        return compared(self.title, expected, None, evidence)

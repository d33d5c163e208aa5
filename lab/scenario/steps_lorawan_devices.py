"""Steps about what happens to a device between its frames."""

from dataclasses import dataclass
from enum import Enum

from lab.scenario.action import Play
from lab.scenario.lorawan_actions import Activate, CutPower
from lab.scenario.step import Step, simply, step
from lab.scenario.steps_lorawan import compared


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

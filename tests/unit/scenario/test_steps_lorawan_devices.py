"""What happens to a device between its frames."""

import pytest

from lab.core.checks import Report
from lab.scenario.lorawan_actions import Activate, CutPower
from lab.scenario.steps_lorawan_devices import ActivateByHandStep, Awake, CutPowerStep
from tests.unit.scenario.test_steps_lorawan import played


@pytest.mark.parametrize(("told", "good"), [("no session", True), ("the same keys", False)])
def test_what_a_device_is_like_without_power_is_compared(told: str, *, good: bool) -> None:
    step = CutPowerStep(device="weather", expect=Awake.FORGETFUL)
    seen, asked = played(step, Report("it", conclusion=told))
    assert asked == [CutPower("weather")]
    assert seen.as_expected is good


def test_a_device_is_activated_by_hand() -> None:
    seen, asked = played(ActivateByHandStep(device="postbox"), Report("it"))
    assert asked == [Activate("postbox")]
    assert seen.as_expected

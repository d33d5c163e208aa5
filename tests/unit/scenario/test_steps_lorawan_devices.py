"""What happens to a device between its frames."""

import pytest

from lab.core.checks import Report
from lab.core.errors import InputError
from lab.lorawan.frames import RejoinKind
from lab.scenario.lorawan_actions import (
    Activate,
    AirEnding,
    AirResult,
    CutPower,
    LetRejoin,
    Replay,
)
from lab.scenario.steps_lorawan_devices import (
    ActivateByHandStep,
    Awake,
    CutPowerStep,
    RejoinStep,
    ReplayStep,
)
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


def test_a_rejoin_is_compared_by_what_the_device_hears() -> None:
    step = RejoinStep(device="lamp", kind=2, expect=AirEnding.JOINED)
    seen, asked = played(step, AirResult(AirEnding.JOINED, Report("it")))
    assert asked == [LetRejoin("lamp", RejoinKind.REKEY)]
    assert seen.as_expected
    assert not played(step, AirResult(AirEnding.UNANSWERED, Report("it")))[0].as_expected


def test_there_are_three_types_of_rejoins() -> None:
    with pytest.raises(InputError, match="type 0, 1 or 2, not 3"):
        RejoinStep(device="lamp", kind=3)


def test_a_repeated_frame_is_to_be_ignored() -> None:
    step = ReplayStep(device="lamp", expect=AirEnding.IGNORED)
    seen, asked = played(step, AirResult(AirEnding.IGNORED, Report("it")))
    assert asked == [Replay("lamp")]
    assert seen.as_expected

"""Steps about LoRaWAN compare what a lab did with what the story expects."""

import pytest

from lab.backend.join_server import AppSKeyWay
from lab.backend.network_rules import MIC_RIGHT
from lab.backend.results import ResultCode
from lab.core.checks import Outcome, Report, broken
from lab.core.dialogue import answer_all
from lab.lorawan.device import Confirmation
from lab.lorawan.identifiers import NetId
from lab.scenario.action import Action, IdentityName, Observation, Result
from lab.scenario.edits import Edit
from lab.scenario.load import load
from lab.scenario.lorawan_actions import (
    AirEnding,
    AirResult,
    AskHome,
    LetJoin,
    LetSend,
    ReadAsNetwork,
)
from lab.scenario.step import Step
from lab.scenario.steps_lorawan import (
    AppSKeyStep,
    AskHomeStep,
    EndRoamingStep,
    JoinStep,
    Payload,
    ReadAsNetworkStep,
    RoamingAgreementStep,
    Secrecy,
    UplinkStep,
)

REFUSED = Report("it", Outcome.FAILED, "no", (broken(MIC_RIGHT, "it"),))


def played(step: Step, result: Result) -> tuple[Observation, list[Action]]:
    asked: list[Action] = []

    def answer(action: Action) -> Result:
        asked.append(action)
        return result

    return answer_all(step.play(), answer).result, asked


@pytest.mark.parametrize(
    ("expect", "ending", "good"),
    [
        (AirEnding.JOINED, AirEnding.JOINED, True),
        (AirEnding.JOINED, AirEnding.UNANSWERED, False),
        (None, AirEnding.UNANSWERED, True),
    ],
)
def test_a_join_is_compared(expect: AirEnding | None, ending: AirEnding, *, good: bool) -> None:
    seen, asked = played(JoinStep(device="meter", expect=expect), AirResult(ending, Report("it")))
    assert asked == [LetJoin("meter")]
    assert (seen.as_expected, seen.seen) == (good, ending.value)


def test_a_reason_must_be_the_one_that_the_story_names() -> None:
    step = UplinkStep(
        device="meter", payload=Payload(b"\x00\xd7"), expect=AirEnding.UNREAD, because=MIC_RIGHT
    )
    unread = AirResult(AirEnding.UNREAD, REFUSED)
    seen, asked = played(step, unread)
    assert asked == [LetSend("meter", b"\x00\xd7", 1, Confirmation.UNCONFIRMED)]
    assert seen.as_expected
    other, _ = played(step, AirResult(AirEnding.UNREAD, Report("it", Outcome.FAILED)))
    assert not other.as_expected


def test_a_question_in_somebodys_name_is_compared_by_its_result() -> None:
    afnic = NetId.from_text("00050a")
    step = AskHomeStep(
        client=IdentityName("tsp.ns"),
        sender=afnic,
        device="bicycle",
        expect=ResultCode.UNKNOWN_SENDER,
    )
    refused, asked = played(step, Report("it", Outcome.FAILED, "UnknownSender"))
    assert asked == [AskHome("tsp.ns", afnic, "bicycle")]
    assert refused.as_expected
    assert not played(step, Report("it", conclusion="Success"))[0].as_expected


@pytest.mark.parametrize(
    "step",
    [
        RoamingAgreementStep(one="afnic", other="tsp"),
        EndRoamingStep(one="afnic", other="tsp"),
        AppSKeyStep(operator="afnic", way=AppSKeyWay.CLEAR),
    ],
)
def test_agreements_change_the_world(step: Step) -> None:
    seen, asked = played(step, None)
    assert seen.as_expected
    assert isinstance(asked[0], Edit)


@pytest.mark.parametrize(("secrecy", "good"), [("hidden", True), ("readable", False)])
def test_what_a_network_can_read_is_compared(secrecy: str, *, good: bool) -> None:
    step = ReadAsNetworkStep(device="meter", expect=Secrecy.HIDDEN)
    seen, asked = played(step, Report("it", conclusion=secrecy))
    assert asked == [ReadAsNetwork("meter")]
    assert seen.as_expected is good


def test_what_is_no_payload_is_refused_with_its_line() -> None:
    text = 'title = "x"\nsummary = "y"\n[[step]]\ndo = "uplink"\ndevice = "m"\npayload = "xy"\n'
    with pytest.raises(Exception, match=r"story\.toml:6: payload: 'xy' is no payload"):
        load(text, "story.toml")

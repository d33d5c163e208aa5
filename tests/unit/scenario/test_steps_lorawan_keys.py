"""Who asks for the AppSKey of a device is compared with what the story expects."""

import pytest

from lab.backend.header import AsId
from lab.backend.results import ResultCode
from lab.core.checks import Outcome, Report
from lab.lorawan.device import Confirmation
from lab.scenario.action import IdentityName
from lab.scenario.load import load
from lab.scenario.lorawan_actions import AirEnding, AirResult, AskAppKey, LetJoin, LetSend, Speaker
from lab.scenario.steps_lorawan import JoinStep, Payload, UplinkStep
from lab.scenario.steps_lorawan_keys import AskAppKeyStep
from tests.unit.scenario.test_steps_lorawan import played


def test_who_asks_for_a_key_is_compared_by_the_result() -> None:
    step = AskAppKeyStep(
        client=IdentityName("tsp.as"),
        sender=AsId("as.afnic.fr"),
        device="meter",
        expect=ResultCode.UNKNOWN_SENDER,
    )
    seen, asked = played(step, Report("it", Outcome.FAILED, "UnknownSender"))
    assert asked == [AskAppKey("tsp.as", AsId("as.afnic.fr"), "meter")]
    assert seen.as_expected
    assert not played(step, Report("it", conclusion="Success"))[0].as_expected


def test_an_empty_as_id_is_refused_with_its_line() -> None:
    text = 'title = "x"\nsummary = "y"\n[[step]]\ndo = "ask-app-key"\nfrom = "tsp.as"\nas = ""\n'
    with pytest.raises(Exception, match=r"story\.toml:6: as: '' is no AS-ID"):
        load(text + 'device = "meter"\n', "story.toml")


def test_a_copy_speaks_as_the_device() -> None:
    join = JoinStep(device="parcel", by=Speaker.COPY)
    seen, asked = played(join, AirResult(AirEnding.JOINED, Report("it")))
    assert asked == [LetJoin("parcel", Speaker.COPY)]
    assert seen.report.title == "a copy of parcel asks to join"
    assert Speaker.DEVICE.called("parcel") == "parcel"
    send = UplinkStep(device="parcel", by=Speaker.COPY, payload=Payload(b"x"))
    _, asked = played(send, AirResult(AirEnding.READ, Report("it")))
    assert asked == [LetSend("parcel", b"x", 1, Confirmation.UNCONFIRMED, Speaker.COPY)]

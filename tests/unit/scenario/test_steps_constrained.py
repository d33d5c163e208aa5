"""A device tells who it is: what arrives, what it costs, and what an impostor achieves."""

import pytest

from lab.core.dialogue import answer_all
from lab.core.errors import InputError, ScenarioError
from lab.lorawan.identifiers import Eui64
from lab.scenario.action import Action, Observation, Result
from lab.scenario.constrained_rules import ARRIVED, MATCHES, SIGNED
from lab.scenario.load import load
from lab.scenario.steps_constrained import (
    Form,
    Place,
    Recognition,
    Speaker,
    TellIdentityStep,
)

DEVICE = Eui64.from_text("012345fffe6789ab")


def played(step: TellIdentityStep) -> Observation:
    def never(action: Action) -> Result:
        raise AssertionError(f"nothing is asked of the edge, but {action}")

    return answer_all(step.play(), never).result


@pytest.mark.parametrize("form", Form)
def test_the_device_is_recognised_in_every_form(form: Form) -> None:
    seen = played(TellIdentityStep(device=DEVICE, sends=form, expect=Recognition.RECOGNISED))
    assert seen.as_expected


@pytest.mark.parametrize(
    ("form", "octets", "frames"),
    [(Form.NAME, 0, 0), (Form.DIGEST, 32, 1), (Form.KEY, 91, 3), (Form.C509, 140, 4)],
)
def test_it_costs_as_much_as_the_table_says(form: Form, octets: int, frames: int) -> None:
    seen = played(TellIdentityStep(device=DEVICE, sends=form, frames=frames))
    assert seen.as_expected
    facts = seen.report.parts[0].checks[0].facts
    assert (facts["octets"], facts["frames"]) == (str(octets), str(frames))


@pytest.mark.parametrize(
    ("form", "recognition"),
    [
        (Form.X509, Recognition.REFUSED),
        (Form.C509, Recognition.REFUSED),
        (Form.KEY, Recognition.REFUSED),
        (Form.DIGEST, Recognition.REFUSED),
        (Form.NAME, Recognition.RECOGNISED),
    ],
)
def test_an_impostor_has_another_key_but_can_say_any_name(
    form: Form, recognition: Recognition
) -> None:
    step = TellIdentityStep(device=DEVICE, sends=form, who=Speaker.IMPOSTOR, expect=recognition)
    assert played(step).as_expected


@pytest.mark.parametrize(("form", "because"), [(Form.C509, SIGNED), (Form.KEY, MATCHES)])
def test_an_impostor_is_refused_for_the_told_reason(form: Form, because: object) -> None:
    step = TellIdentityStep(device=DEVICE, sends=form, who=Speaker.IMPOSTOR, because=because)  # type: ignore[arg-type]  # a rule
    assert played(step).as_expected


def test_loss_costs_frames_and_all_of_it_everything() -> None:
    lossy = TellIdentityStep(device=DEVICE, sends=Form.X509, loss=30, expect=Recognition.RECOGNISED)
    observation = played(lossy)
    assert observation.as_expected
    assert int(observation.report.parts[0].checks[0].facts["frames"]) > 8
    deaf = TellIdentityStep(
        device=DEVICE, sends=Form.X509, loss=100, expect=Recognition.LOST, because=ARRIVED
    )
    assert played(deaf).as_expected


@pytest.mark.parametrize(
    "step",
    [
        TellIdentityStep(device=DEVICE, sends=Form.C509, frames=5),
        TellIdentityStep(device=DEVICE, sends=Form.C509, expect=Recognition.LOST),
        TellIdentityStep(device=DEVICE, sends=Form.C509, because=SIGNED),
    ],
)
def test_what_a_scenario_expects_in_vain_is_a_surprise(step: TellIdentityStep) -> None:
    assert not played(step).as_expected


def test_the_same_story_goes_the_same_way() -> None:
    step = TellIdentityStep(device=DEVICE, sends=Form.X509, loss=30)
    assert played(step) == played(step)
    assert step.title == "the device sends its x509, EU868 DR0, 30 % lost"


def test_what_no_device_could_do_is_refused_when_the_file_is_read() -> None:
    with pytest.raises(InputError, match="no device sends with DR8 in US915"):
        TellIdentityStep(device=DEVICE, sends=Form.KEY, region=Place.US915, data_rate=8)
    with pytest.raises(InputError, match="EU868 has no data rate DR9"):
        TellIdentityStep(device=DEVICE, sends=Form.KEY, data_rate=9)
    text = """
title = "x"
[[step]]
do = "tell-identity"
device = "012345fffe6789ab"
sends = "key"
loss = 101
"""
    with pytest.raises(ScenarioError, match="of a hundred frames 101 cannot be lost"):
        load(text, "x.toml")

"""A recorded walk comes to the same verdict without a network."""

import json

import pytest
from dns.rdatatype import RdataType

from lab.core.dialogue import answer_all
from lab.core.errors import InputError, TransportError
from lab.core.question import Exchange, Response
from lab.validator.recording import Recording, Subject, parse, render, replay
from lab.validator.resolve import Validation, resolve
from tests.unit.validator.scenes import WORLD, expired, only, zones
from tests.unit.validator.world import World, build
from tests.unit.validator.zone import NOW, ZoneText, name


def recorded(world: World, qname: str, rdtype: str = "A") -> tuple[Validation, Recording]:
    subject = Subject(name(qname), RdataType.from_text(rdtype), NOW, world.settings())
    run = answer_all(resolve(subject.qname, subject.rdtype, subject.settings, NOW), world.answer)
    exchanges = []
    for question, outcome in run.exchanges:
        assert isinstance(outcome, Response | TransportError)
        exchanges.append(Exchange(question, outcome))
    return run.result, Recording(subject, tuple(exchanges))


WORLDS = {
    "secure": (WORLD, "www.example.fr."),
    "insecure": (WORLD, "www.open.fr."),
    "an alias": (WORLD, "out.example.fr."),
    "denied": (WORLD, "nowhere.h.fr."),
    "bogus": (
        build(
            zones(
                example_fr=ZoneText("www A 192.0.2.1", "127.53.2.1", job=only(RdataType.A, expired))
            )
        ),
        "www.example.fr.",
    ),
    "silent": (World(WORLD.zones, silent=frozenset({"127.53.2.1"})), "www.example.fr."),
}


@pytest.mark.parametrize("case", WORLDS)
def test_a_replay_comes_to_the_same_report(case: str) -> None:
    world, qname = WORLDS[case]
    validation, recording = recorded(world, qname)
    again = replay(parse(render(recording), "walk"), "walk")
    assert again.status is validation.status
    assert again.report == validation.report
    assert again.chain == validation.chain


def test_every_setting_comes_back() -> None:
    _, recording = recorded(WORLD, "www.example.fr.")
    assert parse(render(recording), "walk").subject == recording.subject


def lines() -> list[str]:
    return render(recorded(WORLD, "www.example.fr.")[1]).splitlines()


BROKEN = {
    "": "walk: the recording is empty",
    "{": "walk:1: this line is not JSON",
    "[]": "walk:1: this line is no JSON object",
    "{}": 'walk:1: a recording begins with {"lab-walk": 1',
    '{"lab-walk": 2}': 'walk:1: a recording begins with {"lab-walk": 1',
    '{"lab-walk": 1}': "walk:1: this is no Subject",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_malformed_file_is_one_sentence(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, "walk")
    assert str(caught.value).startswith(BROKEN[text])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("response", ["!", "AAAA", None, 7])
def test_a_response_that_cannot_be_read_is_named_by_its_line(response: object) -> None:
    first, second, *_ = lines()
    document = {**json.loads(second), "response": response}
    with pytest.raises(InputError, match=r"^walk:2: the response cannot be read"):
        parse(f"{first}\n{json.dumps(document)}\n", "walk")


def test_a_walk_that_asks_more_than_was_recorded_is_one_sentence() -> None:
    first, second, *_ = lines()
    with pytest.raises(InputError, match=r"^walk: the walk asks .+, which was not recorded"):
        replay(parse(f"{first}\n{second}\n", "walk"), "walk")

"""Parameters, includes, ids and questions: read as written, or refused with the line."""

from textwrap import dedent

import dns.name
import pytest
from dns.rdatatype import RdataType

from lab.core.errors import InputError, ScenarioError
from lab.core.parameters import Seconds
from lab.scenario.ask import Ask
from lab.scenario.include import MAX_STEPS
from lab.scenario.load import Scenario, load
from lab.scenario.script import Script, gather
from lab.scenario.steps_judge import ValidateStep
from lab.scenario.steps_world import AddRecordsStep, AdvanceClockStep, NoteStep

FILES = {
    "parts/look.toml": """\
        title = "Look at a name"
        [parameters.zone]
        kind = "name"
        meaning = "Where."
        [[step]]
        do = "validate"
        id = "look"
        name = "www.{zone}"
        type = "A"
        """,
    "parts/twice.toml": """\
        title = "Look twice"
        [[step]]
        include = "look.toml"
        id = "first"
        with = { zone = "a.example" }
        [[step]]
        include = "look.toml"
        id = "second"
        with = { zone = "b.example" }
        """,
    "parts/circle.toml": """\
        title = "Round and round"
        [[step]]
        include = "../parts/circle.toml"
        """,
    "parts/wrong.toml": """\
        title_ = "Wrong"
        world = 1
        [[step]]
        do = "validate"
        name = "www..{zone}"
        type = "A"
        """,
    "parts/torn.toml": "title =",
    "parts/many.toml": 'title = "Many"\n' + '[[step]]\ndo = "note"\nsay = "x"\n' * 99,
}
HEAD = 'title = "T"\n'
ZONE = """\
title = "T"
[parameters.zone]
kind = "name"
default = "example.fr"
meaning = "The zone that is broken."
[parameters.count]
kind = "seconds"
default = 3
meaning = "How long."
[parameters.tone]
kind = "choice"
choices = ["low", "high"]
default = "low"
meaning = "How it sounds."
"""


def read(file: str) -> str:
    if file not in FILES:
        raise InputError(f"cannot read {file}")
    return dedent(FILES[file])


def loaded(text: str, **given: str) -> Scenario:
    return load(dedent(text), "s.toml", given, read)


def mistakes(text: str, **given: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        loaded(text, **given)
    return str(caught.value).splitlines()


STEPS = """\
[[step]]
do = "validate"
name = "www.{zone}"
type = "A"
say = "{tone}: {{zone}} is {zone}"
[[step]]
do = "advance-clock"
by = "{count}"
"""


def test_a_parameter_has_its_default() -> None:
    first, second = loaded(ZONE + STEPS).steps
    assert first == ValidateStep(
        name=dns.name.from_text("www.example.fr."),
        type=RdataType.A,
        say="low: {zone} is example.fr",
    )
    assert second == AdvanceClockStep(by=Seconds(3))


def test_a_parameter_has_what_is_given() -> None:
    scenario = loaded(ZONE + STEPS, zone="afnic.fr", count="2h", tone="high")
    first, second = scenario.steps
    assert first.say == "high: {zone} is afnic.fr"
    assert second == AdvanceClockStep(by=Seconds(7200))
    assert [one.value for one in scenario.settings] == ["afnic.fr", "2h", "high"]


def test_a_number_may_stand_in_a_text_too() -> None:
    text = '[parameters.a]\nkind = "number"\nmeaning = "m"\n[[step]]\ndo = "note"\nsay = "{a}"\n'
    assert loaded(HEAD + text, a="3").steps == (NoteStep(say="3"),)


def test_a_value_is_put_in_as_it_is() -> None:
    text = '[parameters.a]\nkind = "text"\nmeaning = "m"\n[[step]]\ndo = "note"\nsay = "{a}!"\n'
    assert loaded(HEAD + text, a="{b}").steps == (NoteStep(say="{b}!"),)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"zon": "a"}, "s.toml:1: --set zon: there is no such parameter; did you mean 'zone'?"),
        ({"zone": "a..b"}, "s.toml:2: --set zone: 'a..b' is not a domain name: A DNS label is emp"),
        ({"count": "soon"}, "s.toml:6: --set count: expected a span such as 3600, '90min',"),
        ({"tone": "loud"}, "s.toml:10: --set tone: 'loud' is not one of low, high"),
    ],
)
def test_a_value_that_does_not_fit_is_one_sentence(given: dict[str, str], sentence: str) -> None:
    (found,) = mistakes(ZONE + STEPS, **given)
    assert found.startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            'kind = "name"\nmeaning = "m"\n',
            "s.toml:2: the parameter 'a' has no default and must be",
        ),
        (
            'kind = "zname"\nmeaning = "m"\n',
            "s.toml:3: kind: 'zname' is not one of name, identity,",
        ),
        ('kind = "name"\ndefault = "b"\n', "s.toml:2: the parameter 'a' needs the parameter 'mean"),
        ('kind = "number"\nmeaning = "m"\ndefault = "b"\n', "s.toml:5: default: expected a whole"),
        ('kind = "choice"\nmeaning = "m"\ndefault = "b"\n', "s.toml:2: a parameter of the kind"),
        (
            'kind = "choice"\nmeaning = "m"\ndefault = "b"\nchoices = ["c"]\n',
            "s.toml:5: default: 'b' is not one of c",
        ),
    ],
)
def test_a_parameter_is_declared_with_care(text: str, sentence: str) -> None:
    step = '[[step]]\ndo = "note"\nsay = "{a}"\n'
    (found,) = mistakes(f"{HEAD}[parameters.a]\n{text}{step}")
    assert found.startswith(sentence)


@pytest.mark.parametrize(
    ("say", "sentence"),
    [
        ("{zon}", "s.toml:17: there is no parameter 'zon'; did you mean 'zone'?; write {{ for a"),
        ("a { b", "s.toml:17: a single { in a text; write {{ for a brace"),
        ("a } b", "s.toml:17: a single } in a text; write }} for a brace"),
    ],
)
def test_a_brace_means_a_parameter(say: str, sentence: str) -> None:
    (found,) = mistakes(f'{ZONE}[[step]]\ndo = "note"\nsay = "{say}"\n')
    assert found.startswith(sentence)


def test_a_value_that_makes_a_text_wrong_is_named_by_the_line_that_uses_it() -> None:
    (found,) = mistakes(ZONE + STEPS, zone=".")
    assert found.startswith("s.toml:17: name: 'www..' is not a domain name")


def test_an_include_brings_its_steps_with_the_values_given() -> None:
    text = f'{ZONE}[[step]]\ninclude = "parts/look.toml"\nwith = {{ zone = "{{zone}}" }}\n'
    (step,) = loaded(text).steps
    name = dns.name.from_text("www.example.fr.")
    assert step == ValidateStep(name=name, type=RdataType.A, id=step.id)
    assert step.id == "look"


def test_what_is_included_twice_has_two_names() -> None:
    text = HEAD + '[[step]]\ninclude = "parts/twice.toml"\nid = "all"\n'
    assert [one.id for one in loaded(text).steps] == ["all.first.look", "all.second.look"]


@pytest.mark.parametrize(
    ("include", "found"),
    [
        (
            'include = "parts/none.toml"',
            ["s.toml:3: cannot read parts/none.toml"],
        ),
        (
            'include = "parts/look.toml"',
            ["s.toml:2: the parameter 'zone' has no default and must be given: with zone=…"],
        ),
        (
            'include = "parts/look.toml"\nwith = { zone = "a..b", zne = "b" }',
            [
                "s.toml:4: with zone: 'a..b' is not a domain name: A DNS label is empty.",
                "s.toml:4: with zne: there is no such parameter; did you mean 'zone'?",
            ],
        ),
        (
            'include = "parts/circle.toml"',
            [
                (
                    "parts/circle.toml:3: files include each other in a circle: "
                    "parts/circle.toml → parts/circle.toml (included at s.toml:2)"
                )
            ],
        ),
        (
            'include = "parts/wrong.toml"',
            [
                f"parts/wrong.toml:{line} (included at s.toml:2)"
                for line in (
                    "1: a scenario has no parameter 'title_'",
                    "2: [world] belongs into the scenario that is played",
                    "5: there is no parameter 'zone'; there are none; write {{ for a brace",
                    "5: name: 'www..{zone}' is not a domain name: A DNS label is empty.",
                )
            ],
        ),
        (
            'include = "parts/torn.toml"',
            ["parts/torn.toml:1: this is not valid TOML: Invalid value (included at s.toml:2)"],
        ),
        (
            'include = "parts/look.toml"\ndo = "note"\nwith = 3',
            ['s.toml:5: with: expected values such as { zone = "example.fr" }'],
        ),
        (
            'include = "parts/look.toml"\ndo = "note"\nwith = { zone = "a" }',
            ["s.toml:4: an include has no parameter 'do'; known are id, include"],
        ),
    ],
)
def test_an_include_that_goes_wrong_says_where(include: str, found: list[str]) -> None:
    assert mistakes(f"{HEAD}[[step]]\n{include}\n") == found


def test_a_scenario_has_an_end() -> None:
    text = HEAD + '[[step]]\ninclude = "parts/many.toml"\n' * 11
    (found,) = mistakes(text)
    assert found == f"s.toml:1: a scenario has at most {MAX_STEPS} steps"


def test_an_id_belongs_to_one_step() -> None:
    note = '[[step]]\ndo = "note"\nsay = "x"\nid = "one"\n'
    assert mistakes(HEAD + note * 2) == ["s.toml:9: the id 'one' is taken already"]
    assert mistakes(HEAD + note.replace('"one"', '"One"')) == [
        "s.toml:5: id: 'One' is no id; write small letters, digits and hyphens"
    ]


def test_a_question_is_read_and_its_mistakes_have_their_lines() -> None:
    step = '[[step]]\ndo = "note"\nsay = "x"\n[step.ask]\n'
    right = step + 'question = "Why?"\nanswer = "so"\nchoices = ["so", "not"]\n'
    (read_step,) = loaded(HEAD + right).steps
    assert read_step.ask == Ask("Why?", "so", ("so", "not"))
    wrong = step + 'answer = "no"\nchoices = [1]\nhin = "x"\n'
    assert mistakes(HEAD + right + wrong) == [
        "s.toml:12: a question needs the parameter 'question'",
        "s.toml:14: choices: expected text in quotes, not 1",
        "s.toml:15: a question has no parameter 'hin'; did you mean 'hint'?",
    ]
    assert mistakes(HEAD + right.replace('answer = "so"', 'answer = "yes"')) == [
        "s.toml:7: answer: 'yes' is not among the choices so, not"
    ]
    assert mistakes(HEAD + '[[step]]\ndo = "note"\nsay = "x"\nask = "why?"\n') == [
        "s.toml:5: ask: expected a table with question and answer, not 'why?'"
    ]


def test_a_fault_may_ask_too() -> None:
    fault = '[[step]]\ndo = "fault"\nfault = "rrsig-missing"\nask = { question = "?" }\n'
    assert mistakes(HEAD + fault + 'owner = "a.fr"\ntype = "TSLA"\n') == [
        "s.toml:5: a question needs the parameter 'answer'",
        "s.toml:7: type: 'TSLA' is not a record type; did you mean 'TLSA'?",
    ]


def test_a_scenario_has_tags() -> None:
    note = '[[step]]\ndo = "note"\nsay = "x"\n'
    assert loaded(f'{HEAD}tags = ["a", "b"]\n{note}').tags == ("a", "b")
    assert mistakes(f'{HEAD}tags = "a"\n{note}') == [
        's.toml:2: tags: expected a list of texts such as ["a", "b"], not \'a\''
    ]


def test_a_script_holds_every_text_that_is_played() -> None:
    text = HEAD + '[[step]]\ninclude = "parts/twice.toml"\n'
    script = gather(text, "s.toml", {}, read)
    assert set(script.others) == {"parts/twice.toml", "parts/look.toml"}
    assert script.scenario() == loaded(text)
    with pytest.raises(ScenarioError, match="did not come with the scenario"):
        Script("s.toml", text).scenario()


def test_values_reach_every_kind_of_text() -> None:
    text = """\
    title = "About {zone}"
    [parameters.zone]
    kind = "name"
    default = "example.fr"
    meaning = "Where."
    [[step]]
    do = "add-records"
    zone = "{zone}"
    records = "a A 192.0.2.1"
    [step.ask]
    question = "What of {zone}?"
    answer = "{zone}"
    choices = ["{zone}", "fr"]
    """
    scenario = loaded(text, zone="afnic.fr")
    (step,) = scenario.steps
    assert scenario.title == "About afnic.fr"
    assert isinstance(step, AddRecordsStep)
    assert step.zone == dns.name.from_text("afnic.fr.")
    assert step.ask == Ask("What of afnic.fr?", "afnic.fr", ("afnic.fr", "fr"))

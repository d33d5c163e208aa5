"""A scenario file is understood as a whole, or every mistake in it is listed with its line."""

from textwrap import dedent

import dns.name
import pytest
from dns.rdatatype import RdataType

from lab.core.errors import ScenarioError
from lab.core.parameters import Seconds
from lab.core.rules import RULES
from lab.core.status import SecurityStatus
from lab.faults.records import RdataTampered
from lab.faults.signatures import RrsigExpired
from lab.scenario.action import Ending, IdentityName, Side
from lab.scenario.load import load
from lab.scenario.steps_judge import ConnectStep, ValidateStep
from lab.scenario.steps_world import FaultStep, NoteStep, PublishTlsaStep

HEAD = 'title = "T"\n'


def mistakes(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load(dedent(text), "s.toml")
    return str(caught.value).splitlines()


def test_each_step_becomes_its_dataclass() -> None:
    scenario = load(
        dedent(
            """
            title = "A title"
            summary = "A summary"
            [[step]]
            do = "validate"
            name = "www.example.fr"
            type = "A"
            expect = "bogus"
            because = "rrsig.signature"
            say = "look"
            [[step]]
            do = "connect"
            from = "tsp.ns"
            to = "afnic.js"
            expect = "accepted"
            [[step]]
            do = "publish-tlsa"
            identity = "afnic.js"
            side = "server"
            """
        ),
        "s.toml",
    )
    assert (scenario.title, scenario.summary) == ("A title", "A summary")
    assert scenario.steps == (
        ValidateStep(
            name=dns.name.from_text("www.example.fr."),
            type=RdataType.A,
            expect=SecurityStatus.BOGUS,
            because=RULES["rrsig.signature"],
            say="look",
        ),
        ConnectStep(
            client=IdentityName("tsp.ns"), server=IdentityName("afnic.js"), expect=Ending.ACCEPTED
        ),
        PublishTlsaStep(identity=IdentityName("afnic.js"), side=Side.SERVER),
    )


def test_the_parameters_of_a_fault_stand_beside_its_name() -> None:
    scenario = load(
        HEAD
        + dedent(
            """
            [[step]]
            do = "fault"
            say = "now"
            fault = "rrsig-expired"
            owner = "www.example.fr"
            type = "A"
            ago = "2h"
            """
        ),
        "s.toml",
    )
    fault = RrsigExpired(
        owner=dns.name.from_text("www.example.fr."), type=RdataType.A, ago=Seconds(7200)
    )
    assert scenario.steps == (FaultStep(fault=fault, say="now"),)


def test_a_fault_checks_its_own_parameters() -> None:
    text = """\
        title = "T"
        [[step]]
        do = "fault"
        fault = "rdata-tampered"
        owner = "www.example.fr"
        type = "A"
        becomes = "not an address"
        """
    (line,) = mistakes(text)
    assert line.startswith("s.toml:7: 'not an address' is no A record")
    assert RdataTampered.kind == "rdata-tampered"


def test_all_mistakes_come_at_once_with_their_lines() -> None:
    text = '''\
        summary = """
        [[step]]
        do = "not a step, only text"
        """
        title_ = "T"

        [[step]]  # it's a comment with [ and "
        do = "validate"
        name = "www..fr"
        type = "TSLA"
        expect = "fine"
        because = "rrsig.expired"

        [[step]]
        do = "connect-to"

        [[step]]
        say = \'\'\'
        do = "nothing"
        \'\'\'

        [[step]]
        do = "fault"
        fault = "rrsig-expire"

        [[step]]
        do = "note"
        '''
    assert [line.removeprefix("s.toml:") for line in mistakes(text)] == [
        "1: a scenario needs the parameter 'title'",
        "5: a scenario has no parameter 'title_'; did you mean 'title'?",
        "9: name: 'www..fr' is not a domain name: A DNS label is empty.",
        "10: type: 'TSLA' is not a record type; did you mean 'TLSA'?",
        "11: expect: 'fine' is not one of secure, insecure, indeterminate, bogus",
        "12: because: there is no rule 'rrsig.expired'; did you mean 'rrsig.expiration'?",
        "15: there is no step 'connect-to'; did you mean 'connect'?",
        '17: a step says what to do: do = "…"',
        "24: there is no fault 'rrsig-expire'; did you mean 'rrsig-expired'?",
        "26: a note needs the parameter 'say'",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('title = "T"\nstep =\n', "s.toml:2: this is not valid TOML: Invalid value"),
        ('title = "T', "s.toml:1: this is not valid TOML: "),
        ('title = """\nT', "s.toml:2: this is not valid TOML: "),
        ('title = "T"\n', "s.toml:1: a scenario needs at least one [[step]]"),
        ('title = "T"\nstep = 1\n', "s.toml:2: steps are written as [[step]] tables"),
        ('title = "T"\n[step]\ndo = "note"\n', "s.toml:2: steps are written as [[step]] tables"),
        ('title = "T"\nstep = [1]\n', "s.toml:2: steps are written as [[step]] tables"),
        (HEAD + '[[step]]\ndo = "connect"\nfrom = "tsp"\nto = "a.js"', "s.toml:4: from: 'tsp' is"),
        (HEAD + '[[step]]\ndo = "connect"\nfrom = "tsp.ns"', "s.toml:2: the step 'connect' needs"),
        (HEAD + '[[step]]\ndo = "fault"\n', "s.toml:2: the step 'fault' needs the"),
    ],
)
def test_one_mistake_is_found_where_it_stands(text: str, line: str) -> None:
    (found,) = mistakes(text)
    assert found.startswith(line)


def test_an_array_over_several_lines_is_no_header() -> None:
    text = """\
        title = "T"
        [[step]]
        do = "note"
        say = [
          "[[step]]",
          "do",
        ]
        """
    assert mistakes(text) == ["s.toml:4: say: expected text in quotes, not ['[[step]]', 'do']"]


def test_a_note_with_words_is_fine() -> None:
    scenario = load(HEAD + '[[step]]\ndo = "note"\nsay = "hello"\n', "s.toml")
    assert scenario.steps == (NoteStep(say="hello"),)

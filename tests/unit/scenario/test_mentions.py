"""A scenario that speaks of nobody is wrong before it is played."""

import dns.name
import pytest

from lab.scenario.load import examine
from lab.scenario.mentions import Known, above, unknown_mentions


def names(*texts: str) -> frozenset[dns.name.Name]:
    return frozenset(map(dns.name.from_text, texts))


KNOWN = Known(
    zones=names(".", "fr", "example.fr"),
    owners=above(names(".", "www.example.fr", "a.b.example.fr", "*.wild.example.fr")),
    identities=frozenset({"tsp.ns", "afnic.js"}),
    operators=frozenset({"tsp", "afnic"}),
    devices=frozenset({"meter"}),
)
VALIDATE = 'do = "validate"\ntype = "A"\nname = '


def found(*steps: str, world: str = "") -> list[str]:
    text = 'title = "T"\n' + world + "".join(f"[[step]]\n{one}\n" for one in steps)
    examined = examine(text, "s.toml")
    assert examined.mistakes == ()
    return [str(one) for one in unknown_mentions(examined, KNOWN)]


@pytest.mark.parametrize(
    ("step", "mistake"),
    [
        ('do = "withdraw-ds"\nzone = "examples.fr"', "s.toml:4: there is no zone 'examples.fr.'"),
        ('do = "fault"\nfault = "ds-mismatch"\nchild = "exam.fr"', "s.toml:5: there is no zone"),
        ('do = "fault"\nfault = "rrsig-missing"\nowner = "w.example.fr"', "s.toml:5: there is no"),
        ('do = "remove-records"\nowner = "w.example.fr"\ntype = "A"', "s.toml:4: there is no name"),
        ('do = "connect"\nfrom = "tsp.ns"\nto = "tsp.js"', "s.toml:5: there is no identity 'tsp."),
        ('do = "join"\ndevice = "metre"', "s.toml:4: there is no device 'metre' in the lab; did"),
        ('do = "end-roaming"\none = "tsp"\nother = "tps"', "s.toml:5: there is no operator 'tps'"),
        (f'{VALIDATE}"c.example.fr"\nanswer = "positive"', "s.toml:5: there is no name c.example."),
        (f'{VALIDATE}"b.wild.a.fr"\nanswer = "positive"', "s.toml:5: there is no name b.wild.a.f"),
    ],
)
def test_what_the_lab_does_not_have_is_named_with_its_line(step: str, mistake: str) -> None:
    (one,) = found(step)
    assert one.startswith(mistake)


@pytest.mark.parametrize(
    "step",
    [
        f'{VALIDATE}"c.example.fr"\nexpect = "secure"',
        f'{VALIDATE}"c.example.fr"\nanswer = "nxdomain"',
        f'{VALIDATE}"x.y.wild.example.fr"\nanswer = "positive"',
        f'{VALIDATE}"b.example.fr"\nanswer = "positive"',
        'do = "fault"\nfault = "rrsig-missing"\nzone = "example.fr"',
    ],
)
def test_what_is_there_or_meant_to_be_missing_is_no_mistake(step: str) -> None:
    assert found(step) == []


def test_what_the_story_itself_makes_is_there() -> None:
    world = '[world.zone."new.fr"]\nrecords = "www A 192.0.2.1"\n'
    assert found(f'{VALIDATE}"www.new.fr"\nanswer = "positive"', world=world) == []
    added = 'do = "add-records"\nzone = "example.fr"\nrecords = "d 60 A 192.0.2.1"'
    assert found(added, f'{VALIDATE}"d.example.fr"\nanswer = "positive"') == []


def test_the_world_of_a_scenario_is_looked_at_too() -> None:
    world = '[world.policy."afnic.ns"]\ndemand = "guests"\n'
    (one,) = found('do = "note"\nsay = "x"', world=world)
    assert one.startswith("s.toml:2: there is no identity 'afnic.ns' in the lab")


def all_mistakes(*steps: str) -> list[str]:
    text = 'title = "T"\n' + "".join(f"[[step]]\n{one}\n" for one in steps)
    examined = examine(text, "s.toml")
    return [*map(str, examined.mistakes), *map(str, unknown_mentions(examined, KNOWN))]


def test_a_step_with_another_mistake_is_looked_at_too() -> None:
    first, second = all_mistakes('do = "withdraw-ds"\nzone = "examples.fr"\ncolour = "red"')
    assert first.startswith("s.toml:5: the step 'withdraw-ds' has no parameter 'colour'")
    assert second.startswith("s.toml:4: there is no zone 'examples.fr.'")


def test_a_fault_with_another_mistake_is_looked_at_too() -> None:
    step = 'do = "fault"\nfault = "rrsig-missing"\nowner = "w.example.fr"\ntype = "AA"'
    first, second = all_mistakes(step)
    assert first.startswith("s.toml:6: type: 'AA' is not a record type")
    assert second.startswith("s.toml:5: there is no name w.example.fr.")


def test_records_of_a_step_with_another_mistake_are_there_all_the_same() -> None:
    added = 'do = "add-records"\nzone = "example.fr"\nrecords = "d 60 A 192.0.2.1"\ncolour = 1'
    (only,) = all_mistakes(added, f'{VALIDATE}"d.example.fr"\nanswer = "positive"')
    assert "colour" in only


@pytest.mark.parametrize("step", ["do = 1", 'do = "nothing"', 'do = "fault"\nfault = "none"'])
def test_of_a_step_that_is_none_nothing_more_is_said(step: str) -> None:
    assert len(all_mistakes(step)) == 1

"""A zone becomes signed in two steps, and neither is done twice."""

import pytest

from lab.core.dialogue import answer_all
from lab.core.errors import InputError
from lab.scenario.load import load
from lab.scenario.run import Record, play
from tests.unit.scenario.stage import Stage

UNSIGNED = "unsigned.example.fr"


def played(*steps: str) -> Record:
    tables = "\n".join(f"[[step]]\n{one}\n" for one in steps)
    return answer_all(play(load(f'title = "t"\n{tables}', "t.toml")), Stage().perform).result


def status(expect: str, zone: str = UNSIGNED) -> str:
    return f'do = "validate"\nname = "{zone}"\ntype = "SOA"\nexpect = "{expect}"'


def on(do: str, zone: str = UNSIGNED) -> str:
    return f'do = "{do}"\nzone = "{zone}"'


def test_a_signed_zone_is_insecure_until_its_parent_knows_it() -> None:
    signed = (on("sign-zone"), status("insecure"), on("publish-ds"), status("secure"))
    assert played(*signed).as_expected


def test_a_zone_that_loses_its_keys_is_bogus_until_its_parent_knows_that() -> None:
    zone = "example.fr"
    lost = (on("unsign-zone", zone), status("bogus", zone))
    assert played(*lost, on("withdraw-ds", zone), status("insecure", zone)).as_expected


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (on("sign-zone", "example.fr"), "example.fr. is signed already"),
        (on("sign-zone", "nowhere.fr"), "the lab has no zone nowhere.fr."),
        (on("unsign-zone"), f"the lab has no signed zone {UNSIGNED}."),
        (on("publish-ds"), f"the lab has no signed zone {UNSIGNED}."),
    ],
)
def test_what_cannot_be_done_is_said(step: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        played(step)


def test_a_mystery_does_not_give_its_cause_away() -> None:
    record = played(f'{on("sign-zone")}\ntitled = "something happens"')
    assert record.report().parts[0].title == "1. something happens"

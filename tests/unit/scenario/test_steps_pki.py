"""Steps about certificates: mistakes are found when the file is read, or named in the play."""

import pytest

from lab.core.errors import InputError, ScenarioError
from lab.scenario.load import load
from tests.unit.scenario.test_shipped import play_text

CHECK = 'do = "check-certificate"\nidentity = "afnic.js"\nname = "js.afnic.fr"\n'


def scenario(*steps: str) -> str:
    return 'title = "t"\nsummary = "s"\n' + "".join(f"[[step]]\n{one}\n" for one in steps)


MISTAKES = {
    "a client by DANE": ('by = "dane"\nside = "client"', "clients are judged by DANE in the step"),
    "no trust store": ("", "say in 'trusts' which CAs are trusted"),
    "no such means": ('by = "oracle"', "'oracle' is not one of pkix, tofu, ct, dane"),
}


@pytest.mark.parametrize(("more", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_found_before_anything_is_played(more: str, sentence: str) -> None:
    with pytest.raises(ScenarioError, match=sentence):
        load(scenario(CHECK + more), "lesson.toml")


def test_a_ca_that_was_not_made_is_named() -> None:
    with pytest.raises(InputError, match="has made no CA 'nobody'"):
        play_text(scenario(CHECK + 'trusts = "nobody"'), "lesson.toml")


def test_a_wrong_expectation_is_a_surprise() -> None:
    make = 'do = "make-ca"\nca = "root"\norganization = "Root"'
    issue = 'do = "issue-certificate"\nidentity = "afnic.js"\nca = "root"'
    wrong = CHECK + 'trusts = "root"\nexpect = "refused"\nbecause = "path.name"'
    record = play_text(scenario(make, issue, wrong), "lesson.toml")
    assert [one.number for one in record.surprises] == [3]


def test_a_watcher_that_expects_quiet_hears_the_alarm() -> None:
    make = 'do = "make-ca"\nca = "root"\norganization = "Root"'
    issue = 'do = "issue-certificate"\nidentity = "intruder.ns"\nca = "root"\nnames = "js.afnic.fr"'
    watch = 'do = "watch-log"\nname = "js.afnic.fr"\nholder = "afnic.js"\nexpect = "quiet"'
    record = play_text(scenario(make, issue, watch), "lesson.toml")
    (surprise,) = record.surprises
    assert surprise.observation.seen == "alarm"
    assert "CN=Root Root CA,O=Root" in str(surprise.observation.report)

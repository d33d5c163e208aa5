"""`lab attack`: what can be read without a running lab, and what is wrong on the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.attacks import ATTACKS
from lab.cli.frame import main


def attack(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["attack", *arguments])


def test_every_attack_has_a_line_in_the_list() -> None:
    lines = attack("list").output.splitlines()
    assert {line.split()[0] for line in lines if line.startswith("  ")} == set(ATTACKS)


def test_the_manual_of_one_attack_has_its_parameters() -> None:
    assert "`becomes`" in attack("show", "own-key").output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "replai"), "did you mean 'replay'?"),
        (("begin", "replay", "name"), "expected KEY=VALUE, not 'name'"),
        (("begin", "eavesdropping"), "no lab is running"),
        (("end",), "no lab is running"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = attack(*arguments)
    assert sentence in done.output
    assert len(done.output.splitlines()) == 1
    assert done.exit_code in {3, 4}

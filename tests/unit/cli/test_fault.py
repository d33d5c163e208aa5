"""`lab fault`: what can be listed without a running lab."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.cli.frame import main
from lab.faults import FAULTS


def fault(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["fault", *arguments])


def test_every_fault_has_a_line_in_the_list() -> None:
    lines = fault("list").output.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == list(FAULTS)


def test_the_manual_of_one_fault_has_its_parameters() -> None:
    manual = fault("show", "rrsig-expired").output
    assert "`ago`" in manual
    assert "rule rrsig.expiration" in manual


def test_the_tree_says_what_is_told_of_each_name() -> None:
    assert "rrsig-exp-a.faults.fr. A " in fault("tree").output
    rows = {row["ask"]: row for row in json.loads(fault("tree", "--json").output)}
    assert rows["rrsig-exp-a.faults.fr. A"]["ede"] == [7]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "rrsig-expird"), "did you mean 'rrsig-expired'?"),
        ((), "name one fault, or say --clear"),
        (("rrsig-expired", "owner"), "expected KEY=VALUE, not 'owner'"),
        (("rrsig-expired", "zone=example.fr.", "--state", "nowhere"), "no lab is running"),
        (("inject", "rrsig-expired", "owner"), "expected KEY=VALUE, not 'owner'"),
        (("clear", "--state", "nowhere"), "no lab is running"),
        (("active", "--state", "nowhere"), "no lab is running"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: tuple[str, ...],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = fault(*arguments)
    assert sentence in done.output
    assert len(done.output.splitlines()) == 1
    assert done.exit_code in {3, 4}

"""What is served at the door, and that it is read as click reads it."""

import click
import pytest

from lab.cli.door import main as door
from lab.cli.door import read_plain
from lab.cli.validate import validate

PLAIN = [
    "www.example.fr",
    "www.example.fr TLSA",
    "www.example.fr --json",
    "--depth line www.example.fr AAAA",
    "www.example.fr --explain --state other",
    "--state one www.example.fr --state other --depth full --depth chain",
]


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_line_is_read_as_click_reads_it(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_STATE", raising=False)
    read = read_plain(["validate", *line.split()])
    assert read is not None
    by_click = validate.make_context("validate", line.split()).params
    assert (read["name"], read["type"]) == (by_click["name"], by_click["rdtype"])
    assert (read["depth"], read["state"]) == (by_click["depth"], str(by_click["state"]))
    assert ("json" in read) is by_click["as_json"]


def test_the_state_folder_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_STATE", "elsewhere")
    read = read_plain(["validate", "www.example.fr"])
    assert read is not None
    assert read["state"] == "elsewhere"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--help",
        "validate",
        "validate --help",
        "validate a b c",
        "validate a --depth deep",
        "validate a --depth",
        "validate a --internet",
        "validate a --record walk.jsonl",
        "dig a",
    ],
)
def test_anything_else_is_left_to_click(line: str) -> None:
    assert read_plain(line.split()) is None


def test_ctrl_c_ends_the_wait_as_it_ends_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("lab.cli.asked.ask_the_lab", interrupted)
    monkeypatch.setattr("sys.argv", ["lab", "validate", "www.example.fr"])
    with pytest.raises(SystemExit) as end:
        door()
    assert end.value.code == 1
    assert capsys.readouterr().err == "\nAborted!\n"


def test_the_depths_are_those_of_the_command() -> None:
    depth = next(one for one in validate.params if one.name == "depth")
    assert isinstance(depth.type, click.Choice)
    for one in depth.type.choices:
        assert read_plain(["validate", "a", "--depth", one]) is not None

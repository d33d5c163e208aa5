"""`lab clock`: what is wrong on the command line, and what it prints for programs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lab.cli.frame import main


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("advance", "soon"), "expected a span such as"),
        (("advance", "-2h"), "No such option"),
        (("back", "0s"), "expected a span such as"),
        (("set", "tomorrow"), "expected a time such as"),
        ((), "no lab is running"),
        (("freeze",), "no lab is running"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["clock", *arguments])
    assert sentence in done.output
    assert done.exit_code in {2, 3, 4}


def test_a_clock_that_is_only_shown_has_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = {"now": 1_795_000_060, "real": 1_795_000_000, "ahead": 60, "frozen": False}
    monkeypatch.setattr("lab.app.asking.ask", lambda *_: iter([{"clock": clock}]))
    done = CliRunner().invoke(main, ["clock", "show", "--json"])
    assert json.loads(done.output) == {"clock": clock}

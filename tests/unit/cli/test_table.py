"""The table of commands: true, and enough for whoever only wants to know what there is."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

import lab.cli
from lab.cli.frame import BAD_INPUT, NO_LAB, main
from lab.cli.table import COMMANDS

_LOADED = """
import contextlib, io, sys
from lab.cli import main
with contextlib.redirect_stdout(io.StringIO()):
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code
print(code, *sorted(sys.modules))
"""


LIBRARIES = {"asyncio", "cryptography", "dns", "rich", "twisted"}


def loaded(*arguments: str, code: int = 0) -> set[str]:
    """Return the modules that a fresh process has after `lab` with these arguments."""
    command = [sys.executable, "-c", _LOADED, *arguments]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    ended, *modules = done.stdout.split()
    assert int(ended) == code
    return set(modules)


def test_the_table_names_every_command_with_its_first_sentence() -> None:
    for path in Path(lab.cli.__file__).parent.glob("*.py"):
        import_module(f"lab.cli.{path.stem}")
    told = {
        name: (one.get_short_help_str(sys.maxsize), one.hidden)
        for name, one in main.commands.items()
    }
    assert {name: (row.sentence, row.hidden) for name, row in COMMANDS.items()} == told


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_stands_in_the_first_of_its_modules(name: str) -> None:
    row = COMMANDS[name]
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.callback is not None
    assert command.callback.__module__ == f"lab.cli.{row.modules[0]}"


def test_the_table_is_in_the_order_of_the_alphabet() -> None:
    assert list(COMMANDS) == sorted(COMMANDS)


def test_help_loads_no_command_and_no_library_but_click() -> None:
    modules = loaded("--help")
    assert {one for one in modules if one.startswith("lab.cli.")} == {
        "lab.cli.codes",
        "lab.cli.door",
        "lab.cli.frame",
        "lab.cli.table",
    }
    assert not modules & LIBRARIES


@pytest.mark.parametrize("words", ["fault active", "flush"])
def test_who_asks_the_running_lab_loads_no_library_but_click(words: str, tmp_path: Path) -> None:
    modules = loaded(*words.split(), "--state", str(tmp_path), code=NO_LAB)
    assert "lab.app.asking" in modules
    assert not modules & LIBRARIES


@pytest.mark.parametrize("options", ["", "TLSA --json", "--depth line"])
def test_who_lets_the_lab_validate_loads_no_library_at_all(options: str, tmp_path: Path) -> None:
    words = ("validate", "www.example.fr", *options.split())
    modules = loaded(*words, "--state", str(tmp_path), code=NO_LAB)
    assert "lab.app.asking" in modules
    assert not modules & {*LIBRARIES, "click", "dataclasses"}


def test_who_validates_without_tls_loads_neither_twisted_nor_tls(tmp_path: Path) -> None:
    words = ("validate", "www.example.fr", "--record", str(tmp_path / "walk"))
    modules = loaded(*words, "--state", str(tmp_path), code=NO_LAB)
    assert "lab.validator.resolve" in modules
    assert not modules & {"twisted", "lab.tls", "lab.world", "lab.net.dot_client", "rich"}


OF_OPERATORS = ("attacks", "backend", "dane", "faults", "lorawan", "pki", "scenario", "tls")
OF_THEIRS = {"OpenSSL", "cryptography.x509", "h11", "jinja2", "paho", "rich"}


def test_who_serves_zones_loads_nothing_of_operators(tmp_path: Path) -> None:
    words = ("serve", "--zone", "example.", "--file", str(tmp_path / "no file"))
    modules = loaded(*words, "--state", str(tmp_path / "state"), code=BAD_INPUT)
    assert {"lab.app.server", "twisted.internet.reactor"} <= modules
    assert not modules & {*OF_THEIRS, *(f"lab.{one}" for one in OF_OPERATORS)}

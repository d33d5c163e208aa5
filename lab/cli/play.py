"""`lab run`, `fault` and `reference`: stories, and what can be made wrong."""

import sys
import tomllib
from pathlib import Path
from typing import Any

import click

from lab.cli.frame import SURPRISE, json_option, main, one_sentence, state_option, zones_option
from lab.core.errors import InputError


@main.command()
@click.argument("scenario")
@click.option(
    "--scenarios",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of scenarios. [default: those of the lab]",
)
@zones_option
@click.option("--explain", is_flag=True, help="Show every check, not only those that decide.")
@state_option
@json_option
def run(scenario: str, state: Path, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Play a scenario and tell what it shows.

    SCENARIO is a file or the name of one. It is played on the running lab if there is one, else
    on one of its own.

    \b
    Examples:
      lab run federated-mutual-tls
      lab run my-lesson.toml --explain
      lab run chain-of-trust --json
    """
    with one_sentence():
        from rich.console import Console

        from lab.app.folders import shipped
        from lab.app.play import find_scenario
        from lab.app.playhouse import Watcher, play_anywhere
        from lab.app.state import StateFolder

        path = find_scenario(scenario, chosen["scenarios"] or shipped("scenarios"))
        watcher = Watcher(Console(), as_json=chosen["as_json"], explain=chosen["explain"])
        zones = chosen["zones"] or shipped("zones")
        as_expected = play_anywhere(path, zones, StateFolder(state), watcher)
    sys.exit(0 if as_expected else SURPRISE)


@main.command()
@click.argument("fault", required=False)
@click.argument("parameters", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--clear", is_flag=True, help="Clear all faults.")
@state_option
def fault(fault: str | None, parameters: tuple[str, ...], state: Path, *, clear: bool) -> None:
    """Break the running lab in one way, on purpose.

    The fault acts until `lab fault --clear`.

    Faults and their parameters are listed in scenarios/REFERENCE.md.

    \b
    Examples:
      lab fault rrsig-tampered owner=www.example.fr. type=A
      lab fault rrsig-expired owner=afnic.fr. type=DS ago=2h
      lab fault --clear
    """
    with one_sentence():
        from lab.app.control import ask
        from lab.app.state import StateFolder

        if clear == bool(fault):
            raise InputError("name one fault, or say --clear")
        request: dict[str, Any] = dict(_pair(one) for one in parameters)
        request |= {"do": "fault", "fault": fault}
        for event in ask(StateFolder(state), request):
            click.echo("\n".join(event["faults"]) or "no fault acts")


def _pair(text: str) -> tuple[str, object]:
    """Return key and value of KEY=VALUE; numbers and booleans as TOML writes them."""
    key, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"expected KEY=VALUE, not {text!r}")
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key, value


@main.command(hidden=True)
def reference() -> None:
    """Print scenarios/REFERENCE.md, made from the docstrings of steps and faults."""
    from lab.scenario.reference import render

    click.echo(render(), nl=False)

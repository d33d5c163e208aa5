"""`lab run` and `reference`: stories, and the manual of their steps."""

import sys
from pathlib import Path
from typing import Any

import click

from lab.cli.frame import (
    SURPRISE,
    json_option,
    main,
    one_sentence,
    setting_option,
    state_option,
    zones_option,
)


@main.command()
@click.argument("scenario")
@click.option(
    "--scenarios",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of scenarios. [default: those of the lab]",
)
@zones_option
@setting_option
@click.option("--explain", is_flag=True, help="Show every check, not only those that decide.")
@click.option(
    "--diagrams",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the sequence diagrams of its steps, as SVG.",
)
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
      lab run my-lesson.toml --set zone=afnic.fr --set count=3
    """
    with one_sentence():
        from rich.console import Console

        from lab.app.folders import shipped
        from lab.app.play import find_scenario, parse_settings, read_script
        from lab.app.playhouse import Watcher, play_anywhere
        from lab.app.state import StateFolder

        path = find_scenario(scenario, chosen["scenarios"] or shipped("scenarios"))
        watcher = Watcher(
            Console(),
            as_json=chosen["as_json"],
            explain=chosen["explain"],
            diagrams=chosen["diagrams"],
        )
        zones = chosen["zones"] or shipped("zones")
        script = read_script(path, parse_settings(chosen["given"]))
        as_expected = play_anywhere(script, zones, StateFolder(state), watcher)
    sys.exit(0 if as_expected else SURPRISE)


@main.command(hidden=True)
@click.argument("of", type=click.Choice(["steps", "specimens"]), default="steps")
def reference(of: str) -> None:
    """Print scenarios/REFERENCE.md, made of docstrings, or zones/FAULTS.md, made of a table."""
    from lab.app.folders import read_tree, shipped
    from lab.present.specimens import document
    from lab.scenario.reference import render

    text = render() if of == "steps" else document(read_tree(shipped("zones")))
    click.echo(text, nl=False)

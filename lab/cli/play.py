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
from lab.core.errors import InputError

_FILE = click.Path(dir_okay=False, path_type=Path)


@main.command()
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Play every scenario of the folder.")
@click.option("--tag", metavar="WORD", help="Play only those with this tag.")
@click.option(
    "--scenarios",
    "folder",
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
@click.option("--html", type=_FILE, metavar="FILE", help="Write a report with diagrams, one page.")
@click.option("--junit", type=_FILE, metavar="FILE", help="Write JUnit XML for CI systems.")
@state_option
@json_option
def run(scenarios: tuple[str, ...], state: Path, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Play scenarios and tell what they show.

    SCENARIO is a file or the name of one. It is played on the running lab if there is one, else
    on one of its own.

    \b
    Examples:
      lab run federated-mutual-tls
      lab run my-lesson.toml --explain
      lab run chain-of-trust --json
      lab run my-lesson.toml --set zone=afnic.fr --set count=3
      lab run key-rollover --html report.html
      lab run --all --junit results.xml --html lessons.html
    """
    with one_sentence():
        from rich.console import Console

        from lab.app.folders import shipped
        from lab.app.play import every_scenario, find_scenario, parse_settings, read_scripts
        from lab.app.playhouse import play_anywhere
        from lab.app.state import StateFolder
        from lab.app.watching import Reports, Watcher

        folder = chosen["folder"] or shipped("scenarios")
        paths = [find_scenario(one, folder) for one in scenarios]
        if chosen["every"] or (chosen["tag"] and not paths):
            paths = every_scenario(folder)
        scripts = read_scripts(paths, parse_settings(chosen["given"]))
        if chosen["tag"]:
            scripts = [one for one in scripts if chosen["tag"] in one.scenario().tags]
        if not scripts:
            raise InputError("which SCENARIO? For example: lab run chain-of-trust")
        reports = Reports(chosen["html"], chosen["junit"], chosen["diagrams"])
        watcher = Watcher(Console(), chosen["as_json"], chosen["explain"], reports)
        play_anywhere(scripts, chosen["zones"] or shipped("zones"), StateFolder(state), watcher)
        watcher.end()
    sys.exit(0 if watcher.as_expected else SURPRISE)


@main.command(hidden=True)
@click.argument("of", type=click.Choice(["steps", "specimens"]), default="steps")
def reference(of: str) -> None:
    """Print scenarios/REFERENCE.md, made of docstrings, or zones/FAULTS.md, made of a table."""
    from lab.app.folders import read_tree, shipped
    from lab.present.specimens import document
    from lab.scenario.reference import render

    text = render() if of == "steps" else document(read_tree(shipped("zones")))
    click.echo(text, nl=False)

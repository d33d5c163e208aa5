"""`lab run` and `reference`: stories, and the manual of their steps."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

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

if TYPE_CHECKING:
    from lab.app.playhouse import Playhouse
    from lab.scenario.script import Script

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
@click.option("--step", is_flag=True, help="Wait for Enter; b looks back, ? shows the packets.")
@click.option(
    "--speed",
    default="fast",
    show_default=True,
    help="Pauses for those who read: slow, normal, fast (none), or a factor such as 1.5.",
)
@click.option("--html", type=_FILE, metavar="FILE", help="Write a report with diagrams, one page.")
@click.option("--junit", type=_FILE, metavar="FILE", help="Write JUnit XML for CI systems.")
@click.option(
    "--diagrams",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the sequence diagrams of its steps, as SVG.",
)
@click.option("--record", type=_FILE, metavar="FILE", help="Record the terminal, for asciinema.")
@click.option("--full", is_flag=True, help="With --json: also what --replay draws and unpacks.")
@click.option("--replay", type=_FILE, metavar="FILE", help="Show what --json told; no lab needed.")
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
      lab run key-rollover --step
      lab run key-rollover --speed slow --record rollover.cast
      lab run my-lesson.toml --set zone=afnic.fr --set count=3
      lab run key-rollover --html report.html
      lab run --all --junit results.xml --html lessons.html
      lab run chain-of-trust --json --full > told.json
      lab run --replay told.json --html report.html
    """
    with one_sentence(), _playhouse(chosen) as house:
        from lab.app.folders import shipped
        from lab.app.play import read_told
        from lab.app.state import StateFolder

        if chosen["replay"] is not None:
            house.replay(read_told(chosen["replay"]))
        else:
            zones = chosen["zones"] or shipped("zones")
            house.play(_scripts(scenarios, chosen), zones, StateFolder(state))
        house.watcher.end()
    sys.exit(0 if house.watcher.as_expected else SURPRISE)


def _scripts(names: tuple[str, ...], chosen: dict[str, Any]) -> "list[Script]":
    from lab.app.folders import shipped
    from lab.app.play import every_scenario, find_scenario, parse_settings, read_scripts

    folder = chosen["folder"] or shipped("scenarios")
    paths = [find_scenario(one, folder) for one in names]
    if chosen["every"] or (chosen["tag"] and not paths):
        paths = every_scenario(folder)
    scripts = read_scripts(paths, parse_settings(chosen["given"]))
    if chosen["tag"]:
        scripts = [one for one in scripts if chosen["tag"] in one.scenario().tags]
    if not scripts:
        tagged = f"no scenario has the tag {chosen['tag']!r}: " if chosen["tag"] else ""
        raise InputError(f"{tagged}which SCENARIO? For example: lab run chain-of-trust")
    return scripts


@contextmanager
def _playhouse(chosen: dict[str, Any]) -> "Iterator[Playhouse]":
    """Set up screen, pace and reports; what the screen showed is kept, however it ends."""
    import time

    from rich.console import Console

    from lab.app.casting import Tee
    from lab.app.moment import real_time
    from lab.app.pacing import Stepwise, speed_of
    from lab.app.playhouse import Playhouse
    from lab.app.terminal import Terminal
    from lab.app.texts import write_text
    from lab.app.watching import Keeps, Reports, Watcher
    from lab.present.cast import Screen

    tee = Tee(sys.stdout, time.monotonic)
    # Rich writes, flushes, and asks for encoding and isatty, nothing else.
    file = sys.stdout if chosen["record"] is None else cast("TextIO", tee)
    console = Console(file=file)
    reports = Reports(chosen["html"], chosen["junit"], chosen["diagrams"])
    pace = speed_of(chosen["speed"])
    watcher = Watcher(console, chosen["as_json"], chosen["explain"], reports, pace)
    if chosen["full"]:
        watcher.keeps = Keeps.EVERYTHING
    if chosen["step"]:
        _needs_people(chosen)
        watcher.pace = Stepwise(console, watcher.show_again)
    began = int(real_time())
    try:
        yield Playhouse(watcher, Terminal(console, tee.typed))
    finally:
        if chosen["record"] is not None:
            screen = Screen(console.width, console.height, began, "lab run")
            write_text(chosen["record"], tee.cast(screen))


def _needs_people(chosen: dict[str, Any]) -> None:
    """Refuse to wait where nobody can press a key.

    Raises:
        InputError: there is no terminal, or programs read what is shown.
    """
    if chosen["as_json"]:
        raise InputError("--step is for people and --json for programs: choose one of them")
    if not sys.stdin.isatty():
        raise InputError(
            "--step waits for Enter, but standard input is no terminal; --speed needs none"
        )


@main.command(hidden=True)
@click.argument("of", type=click.Choice(["steps", "specimens"]), default="steps")
def reference(of: str) -> None:
    """Print scenarios/REFERENCE.md, made of docstrings, or zones/FAULTS.md, made of a table."""
    from lab.app.folders import read_tree, read_verdicts, shipped
    from lab.present.specimens import document
    from lab.scenario.reference import render

    if of == "steps":
        text = render()
    else:
        zones = shipped("zones")
        tree = read_tree(zones)
        text = document(tree, read_verdicts(zones, tree))
    click.echo(text, nl=False)

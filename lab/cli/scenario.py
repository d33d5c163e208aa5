"""`lab scenario`: stories as files: which there are, what they tell, what is wrong with them."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lab.cli.frame import (
    BAD_INPUT,
    json_option,
    main,
    one_sentence,
    setting_option,
    zones_option,
)

if TYPE_CHECKING:
    from lab.core.errors import InputError

_scenarios_option = click.option(
    "--scenarios",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of scenarios. [default: those of the lab]",
)


@main.group()
def scenario() -> None:
    """List, read, check and begin scenarios; `lab run` plays them.

    \b
    Examples:
      lab scenario list
      lab scenario show chain-of-trust
      lab scenario new my-lesson.toml
      lab scenario check my-lesson.toml
    """


@scenario.command("list")
@click.option("--tag", "tags", multiple=True, help="Only those with this tag; may be repeated.")
@_scenarios_option
@json_option
def list_scenarios(tags: tuple[str, ...], scenarios: Path | None, *, as_json: bool) -> None:
    """List the scenarios, a line each.

    \b
    Examples:
      lab scenario list
      lab scenario list --tag rollover
    """
    with one_sentence():
        from lab.app.folders import shipped
        from lab.app.scenarios import listed, scenario_files

        rows = [
            row
            for row in listed(scenario_files(scenarios or shipped("scenarios")))
            if set(tags) <= set(row.get("tags", ()))
        ]
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        click.echo(f"{row['name']:{width}}  {_line(row)}")


def _line(row: dict[str, Any]) -> str:
    if "mistakes" in row:
        return f"wrong: `lab scenario check` tells its mistakes, {row['mistakes']} of them"
    tags = f"  [{', '.join(row['tags'])}]" if row["tags"] else ""
    return f"{row['title']} ({row['steps']} steps){tags}"


@scenario.command()
@click.argument("name")
@setting_option
@_scenarios_option
@json_option
def show(name: str, given: tuple[str, ...], scenarios: Path | None, *, as_json: bool) -> None:
    """Show what a scenario says and asks, step by step, without playing it.

    \b
    Examples:
      lab scenario show chain-of-trust
      lab scenario show my-lesson.toml --set zone=afnic.fr
    """
    with one_sentence():
        from lab.app.folders import shipped
        from lab.app.play import find_scenario, parse_settings, read_scenario
        from lab.app.scenarios import told

        path = find_scenario(name, scenarios or shipped("scenarios"))
        story = told(read_scenario(path, parse_settings(given)))
    if as_json:
        click.echo(json.dumps(story, indent=2, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.markdown import Markdown

    from lab.present.lesson import to_markdown

    Console().print(Markdown(to_markdown(story)))


@scenario.command()
@click.argument("names", nargs=-1, metavar="[SCENARIO]...")
@setting_option
@zones_option
@_scenarios_option
@json_option
def check(names: tuple[str, ...], given: tuple[str, ...], **chosen: Any) -> None:  # noqa: ANN401 click's values
    """List every mistake of one scenario or many, with file and line; without a name: of all.

    A zone, an identity or a name that the lab does not have is a mistake, too. Exit code 3 if there
    is any.

    \b
    Examples:
      lab scenario check my-lesson.toml
      lab scenario check my-lesson.toml --set zone=afnic.fr --zones my-zones
    """
    with one_sentence():
        from lab.app.folders import shipped
        from lab.app.play import find_scenario, parse_settings
        from lab.app.scenarios import known_in, mistakes_in, scenario_files

        folder = chosen["scenarios"] or shipped("scenarios")
        files = [find_scenario(one, folder) for one in names] or scenario_files(folder)
        known = known_in(chosen["zones"] or shipped("zones"))
        settings = parse_settings(given)
        found = [one for path in files for one in mistakes_in(path, settings, known)]
    if chosen["as_json"]:
        click.echo(json.dumps([_place(one) for one in found], indent=2, ensure_ascii=False))
    else:
        for one in found:
            click.echo(str(one))
        click.echo(f"{_counted(len(files), 'scenario')}, {_counted(len(found), 'mistake')}")
    sys.exit(BAD_INPUT if found else 0)


def _place(mistake: "InputError") -> dict[str, Any]:
    file, _, line = mistake.where.rpartition(":")
    return {"file": file, "line": int(line), "what": mistake.what}


def _counted(number: int, thing: str) -> str:
    return f"{number or 'no'} {thing}{'' if number == 1 else 's'}"


@scenario.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--title", help="One line. [default: made of the file's name]")
def new(file: Path, title: str | None) -> None:
    """Begin a scenario: a small one that works, to be changed.

    FILE is written, and beside it the schema by which editors complete and check scenarios. Nothing
    is overwritten.

    \b
    Example:
      lab scenario new my-lesson.toml --title "Friday night"
    """
    with one_sentence():
        from lab.app.scenarios import begin_scenario

        for written in begin_scenario(file, title or file.stem.replace("-", " ").capitalize()):
            click.echo(f"wrote {written}")


@scenario.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors.

    The first line of a scenario names it: #:schema ./scenario.schema.json

    \b
    Example:
      lab scenario schema > scenario.schema.json
    """
    from lab.app.scenarios import schema_text

    click.echo(schema_text(), nl=False)

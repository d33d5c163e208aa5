"""`lab fault`: break the running lab on purpose, and know what can be broken."""

import json
import tomllib
from pathlib import Path
from typing import Any

import click

from lab.cli.frame import json_option, main, one_sentence, state_option, zones_option
from lab.core.errors import InputError


class _Faults(click.Group):
    """Take a word that is no command for the name of a fault: `lab fault NAME KEY=VALUE`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that *args* name, else the one that sets a fault."""
        known = args[0] in self.commands
        return super().resolve_command(ctx, args if known else ["set", *args])


@main.group(cls=_Faults, invoke_without_command=True)
@click.option("--clear", is_flag=True, help="Clear all faults that were set.")
@state_option
@click.pass_context
def fault(context: click.Context, state: Path, *, clear: bool) -> None:
    """Break the running lab in one way, on purpose.

    The fault acts until `lab fault --clear`. A zone, a type or one RRset can be meant.

    \b
    Examples:
      lab fault rrsig-tampered owner=www.example.fr. type=A
      lab fault rrsig-expired zone=example.fr. ago=2h
      lab fault --clear
      lab fault list             what there is
      lab fault show rrsig-expired
      lab fault tree             names that `lab up --faults` serves, broken for good
    """
    if context.invoked_subcommand is None:
        with one_sentence():
            if not clear:
                raise InputError("name one fault, or say --clear; `lab fault list` has their names")
            _ask(state, {"fault": None})


def _ask(state: Path, request: dict[str, Any]) -> None:
    from lab.app.control import ask
    from lab.app.state import StateFolder

    for event in ask(StateFolder(state), {**request, "do": "fault"}):
        click.echo("\n".join(event["faults"]) or "no fault acts")


@fault.command("set", hidden=True)
@click.argument("kind")
@click.argument("parameters", nargs=-1, metavar="[KEY=VALUE]...")
@state_option
def set_fault(kind: str, parameters: tuple[str, ...], state: Path) -> None:
    """Let one fault act."""
    with one_sentence():
        _ask(state, dict(pair(one) for one in parameters) | {"fault": kind})


def pair(text: str) -> tuple[str, object]:
    """Return key and value of KEY=VALUE; numbers and booleans as TOML writes them."""
    key, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"expected KEY=VALUE, not {text!r}")
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key, value


@fault.command("list")
def list_faults() -> None:
    """List the faults, one line each, by what they are about.

    \b
    Example:
      lab fault list
    """
    from lab.faults import FAULTS
    from lab.scenario.reference import catalogue

    click.echo(catalogue(FAULTS.values()), nl=False)


@fault.command()
@click.argument("kind")
def show(kind: str) -> None:
    """Print the manual of one fault.

    \b
    Example:
      lab fault show rrsig-expired
    """
    with one_sentence():
        from lab.core.parameters import suggestion
        from lab.faults import FAULTS
        from lab.scenario.reference import manual

        if kind not in FAULTS:
            raise InputError(f"there is no fault {kind!r}{suggestion(kind, FAULTS)}")
        click.echo(manual(FAULTS[kind]), nl=False)


@fault.command()
@zones_option
@json_option
def tree(zones: Path | None, *, as_json: bool) -> None:
    """List the names that `lab up --faults` serves, with what a validator tells of each.

    \b
    Examples:
      lab up --faults --stub 127.53.0.53
      lab fault tree
      dig @127.53.0.53 rrsig-exp-a.faults.fr
    """
    with one_sentence():
        from lab.app.folders import read_tree, shipped
        from lab.present.specimens import rows, table

        known = read_tree(zones or shipped("zones"))
        click.echo(json.dumps(list(rows(known)), indent=2) if as_json else table(known))

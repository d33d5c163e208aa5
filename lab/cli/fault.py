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
        return super().resolve_command(ctx, args if known else ["inject", *args])


@main.group(cls=_Faults, invoke_without_command=True)
@click.option("--clear", is_flag=True, help="Clear all faults that were set.")
@state_option
@click.pass_context
def fault(context: click.Context, state: Path, *, clear: bool) -> None:
    """Break the running lab in one way, on purpose.

    It acts until `lab fault clear`. A zone, a type, one RRset or one nameserver can be meant, and
    several faults may act. `lab fault NAME …` is short for `lab fault inject NAME …`.

    \b
    Examples:
      lab fault inject rrsig-tampered owner=www.example.fr. type=A
      lab fault inject rrsig-expired zone=lessons.fr. ago=2h server=ns2.lessons.fr
      lab fault active
      lab fault clear rrsig-expired
      lab fault clear            all of them; the same as --clear
      lab fault list             what there is
      lab fault show rrsig-expired
      lab fault tree             names that `lab up --faults` serves, broken for good
    """
    if context.invoked_subcommand is None:
        with one_sentence():
            if not clear:
                raise InputError("name one fault, or say --clear; `lab fault list` has their names")
            _tell(_ask(state, {"do": "fault", "fault": None}))


def _ask(state: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Return which faults act after *request*."""
    from lab.app.asking import ask
    from lab.app.place import Place

    return list(ask(Place(state), request))[-1]


def _tell(acting: dict[str, Any]) -> None:
    click.echo("\n".join(acting["faults"]) or "no fault acts")


@fault.command()
@click.argument("kind")
@click.argument("parameters", nargs=-1, metavar="[KEY=VALUE]...")
@state_option
def inject(kind: str, parameters: tuple[str, ...], state: Path) -> None:
    """Let one fault act in the running lab, and print all that act now.

    `lab fault show NAME` tells the parameters; server=NAME or server=ADDRESS limits every fault to
    one nameserver, so that the servers of a zone disagree. A fault that would change nothing is
    refused: no such zone or name is there, or the zone is not signed.

    \b
    Examples:
      lab fault inject rrsig-expired owner=www.example.fr. type=A ago=2h
      lab fault inject server-silent zone=lessons.fr. server=127.53.50.2
    """
    with one_sentence():
        given = dict(pair(one) for one in parameters)
        _tell(_ask(state, {**given, "do": "fault", "fault": kind}))


@fault.command()
@click.argument("which", default="")
@state_option
def clear(which: str, state: Path) -> None:
    """Clear the faults that act, or those of one kind, or the one with this id.

    \b
    Examples:
      lab fault clear
      lab fault clear rrsig-expired
      lab fault clear 3f0a
    """
    with one_sentence():
        _tell(_ask(state, {"do": "fault", "fault": None, "which": which}))


@fault.command()
@state_option
@json_option
def active(state: Path, *, as_json: bool) -> None:
    """List the faults that act now, each with the id by which it can be cleared.

    \b
    Example:
      lab fault active
    """
    with one_sentence():
        acting = _ask(state, {"do": "faults"})
        pairs = list(zip(acting["ids"], acting["faults"], strict=True))
        if as_json:
            click.echo(json.dumps([{"id": one, "fault": text} for one, text in pairs], indent=2))
        else:
            click.echo("\n".join(f"{one}  {text}" for one, text in pairs) or "no fault acts")


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

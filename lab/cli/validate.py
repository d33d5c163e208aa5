"""`lab validate`: the verdict on one question, told as deep, and in the form, that one likes."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lab.app.place import Place
from lab.cli.asked import ask_the_lab
from lab.cli.frame import (
    SURPRISE,
    VERDICTS,
    json_option,
    main,
    one_sentence,
    origin_of,
    origin_options,
    state_option,
)
from lab.core.errors import InputError

if TYPE_CHECKING:
    from lab.app.validating import Walk

_FILE = click.Path(dir_okay=False, path_type=Path)
_DEPTHS = ("line", "chain", "full")
# Options about where a walk starts, and about what is kept of it.
_OF_A_WALK = (
    *("record", "replay", "svg", "dot"),
    *("internet", "anchor", "hints", "port", "forward", "whole"),
    *("tls", "tls_name", "tls_pin", "tls_port"),
)


def _print_schema(context: click.Context, _parameter: click.Parameter, wanted: object) -> None:
    if not wanted:
        return
    from lab.present.validation import schema_text

    click.echo(schema_text(), nl=False)
    context.exit()


@main.command()
@click.argument("name", required=False)
@click.argument("rdtype", metavar="[TYPE]", default="A")
@click.option(
    "--depth",
    type=click.Choice(_DEPTHS),
    default="chain",
    show_default=True,
    help="Tell the verdict in one line, the chain that led to it, or every check.",
)
@click.option("--explain", "depth", flag_value="full", help="The same as --depth full.")
@click.option("--record", type=_FILE, metavar="FILE", help="Keep the whole walk in a file.")
@click.option("--replay", type=_FILE, metavar="FILE", help="Go a kept walk again; no lab, no NAME.")
@click.option("--svg", type=_FILE, metavar="FILE", help="Draw the chain as SVG.")
@click.option("--dot", type=_FILE, metavar="FILE", help="Draw the chain for graphviz.")
@origin_options
@state_option
@json_option
@click.option(
    "--json-schema",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_schema,
    help="Print the JSON Schema of --json.",
)
def validate(name: str | None, rdtype: str, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Walk the chain of trust, explain every step.

    The walk starts at the trust anchor and asks the lab's nameservers, from the root down. The
    running lab does it for you; with any option about where to start, or about what is kept or
    drawn, this process does.

    \b
    Examples:
      lab validate www.example.fr
      lab validate nowhere.example.fr AAAA --explain
      lab validate www.example.fr --depth line
      lab validate light_sensor._device.example.com TLSA --json
      lab validate www.example.fr --svg chain.svg
      lab validate www.example.fr --record walk.jsonl
      lab validate --replay walk.jsonl --explain
      lab validate nic.fr --internet
      lab validate nic.fr --internet --forward 192.0.2.53
      lab validate www.afnic.fr --tls strict
      lab validate nic.fr --internet --forward 192.0.2.53 --tls strict --tls-name dns.example
    """
    with one_sentence():
        if not _own_walk(chosen):
            question = (_wanted(name), rdtype, chosen["depth"])
            status = ask_the_lab(Place(chosen["state"]), question, as_json=chosen["as_json"])
        else:
            status = _walk(name, rdtype, chosen)
    sys.exit(VERDICTS[status])


def _own_walk(chosen: dict[str, Any]) -> bool:
    """Tell whether more is wanted than what the running lab can tell of a walk of its own."""
    return any(chosen[one] not in {None, False, ()} for one in _OF_A_WALK)


def _wanted(name: str | None) -> str:
    if name is None:
        raise InputError("which NAME? For example: lab validate www.example.fr")
    return name


def _walk(name: str | None, rdtype: str, chosen: dict[str, Any]) -> str:
    """Walk in this process, keep and tell what is wanted of it, and return the verdict."""
    from lab.app import validating
    from lab.app.words import Asked

    walk: Walk | None
    if chosen["replay"] is None:
        asked = Asked.parse(_wanted(name), rdtype)
        walk = validating.walk(origin_of(chosen).plan(), asked)
    elif name is None:
        walk = validating.read_walk(chosen["replay"])
    else:
        raise InputError("the recording has its own question: --replay takes no NAME")
    if walk is None:
        sys.exit(SURPRISE)
    _keep(walk, chosen)
    _tell(walk, chosen)
    return walk.validation.status.value


def _keep(walk: "Walk", chosen: dict[str, Any]) -> None:
    from lab.app import validating

    if chosen["record"] is not None:
        validating.write_walk(chosen["record"], walk.recording)
    if chosen["svg"] is not None or chosen["dot"] is not None:
        from lab.app.texts import write_text
        from lab.present import dot, svg
        from lab.present.chain_graph import graph_of

        graph = graph_of(walk.validation)
        for file, form in ((chosen["svg"], svg), (chosen["dot"], dot)):
            if file is not None:
                write_text(file, form.render(graph))


def _tell(walk: "Walk", chosen: dict[str, Any]) -> None:
    from lab.app import validating
    from lab.present.advice import line_of

    if chosen["as_json"]:
        click.echo(validating.to_json(walk))
    elif chosen["depth"] == "line" and not (sys.stdout.isatty() or "FORCE_COLOR" in os.environ):
        # A line without colours needs no rich, which takes as long to load as the walk.
        click.echo(line_of(walk.validation))
    else:
        from rich.console import Console

        from lab.present.explain import Depth

        validating.tell(Console(), walk, Depth(chosen["depth"]))

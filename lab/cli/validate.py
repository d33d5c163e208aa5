"""`lab validate`: the verdict on one question, told as deep, and in the form, that one likes."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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

    The stub starts at the trust anchor and asks the lab's nameservers itself, from the root down.

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
        walk = _walk(name, rdtype, chosen)
        if walk is None:
            sys.exit(SURPRISE)
        _keep(walk, chosen)
    _tell(walk, chosen)
    sys.exit(VERDICTS[walk.validation.status.value])


def _walk(name: str | None, rdtype: str, chosen: dict[str, Any]) -> "Walk | None":
    from lab.app import client, validating
    from lab.app.reactor import run as run_reactor

    if chosen["replay"] is not None:
        if name is not None:
            raise InputError("the recording has its own question: --replay takes no NAME")
        return validating.read_walk(chosen["replay"])
    if name is None:
        raise InputError("which NAME? For example: lab validate www.example.fr")
    asked = client.Asked.parse(name, rdtype)
    return run_reactor(validating.walk(origin_of(chosen).plan(), asked))


def _keep(walk: "Walk", chosen: dict[str, Any]) -> None:
    from lab.app import validating

    if chosen["record"] is not None:
        validating.write_walk(chosen["record"], walk.recording)
    if chosen["svg"] is not None or chosen["dot"] is not None:
        from lab.app.folders import write_text
        from lab.present import dot, svg
        from lab.present.graph import graph_of

        graph = graph_of(walk.validation)
        for file, form in ((chosen["svg"], svg), (chosen["dot"], dot)):
            if file is not None:
                write_text(file, form.render(graph))


def _tell(walk: "Walk", chosen: dict[str, Any]) -> None:
    from rich.console import Console

    from lab.present import asked
    from lab.present.explain import Depth, tell
    from lab.present.validation import validation_to_json

    if chosen["as_json"]:
        document = validation_to_json(walk.validation, walk.recording.subject.now)
        document["asked"] = asked.to_json(walk.recording.exchanges)
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    console, depth = Console(), Depth(chosen["depth"])
    tell(console, walk.validation, depth)
    if depth is Depth.FULL:
        asked.tell(console, walk.recording.exchanges)

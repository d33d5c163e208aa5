"""`lab keys`: the keys of zones, their states, and how to roll them."""

import json
from pathlib import Path
from typing import Any

import click

from lab.cli.frame import json_option, main, one_sentence, state_option


@main.group(invoke_without_command=True)
@click.pass_context
def keys(context: click.Context) -> None:
    """Show and roll the keys of signed zones.

    \b
    Examples:
      lab keys show example.fr
      lab keys roll example.fr --role zsk
      lab keys roll example.fr --role ksk --algorithm 15
      lab keys roll example.com --role csk --emergency
    """
    if context.invoked_subcommand is None:
        # `invoke` alone would not read LAB_STATE.
        with show.make_context("show", [], parent=context) as own:
            show.invoke(own)


@keys.command()
@click.argument("zone", required=False)
@state_option
@json_option
def show(zone: str | None, state: Path, *, as_json: bool) -> None:
    """Show every key of ZONE, or of all zones: states, since when, the next event and why.

    \b
    Examples:
      lab keys show
      lab keys show example.fr --json | jq '.[0].keys[].records.DS.state'
    """
    _ask({"do": "keys", "zone": zone}, state, as_json=as_json)


@keys.command()
@click.argument("zone")
@click.option("--role", type=click.Choice(["ksk", "zsk", "csk"]), required=True)
@click.option("--algorithm", type=int, help="Number of another algorithm: all keys are exchanged.")
@click.option("--emergency", "how", flag_value="emergency", help="As fast as is safe.")
@click.option("--force", "how", flag_value="force", help="At once; say what it breaks.")
@state_option
@json_option
def roll(zone: str, state: Path, *, as_json: bool, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Replace a key of ZONE: a ZSK by pre-publication, a KSK by double-DS.

    The lab goes from step to step by itself, as fast as the TTLs allow.

    \b
    Examples:
      lab keys roll example.fr --role zsk
      lab keys roll example.fr --role ksk --algorithm 15
      lab keys roll example.fr --role ksk --force
    """
    request = {"do": "roll", "zone": zone, **chosen, "how": chosen["how"] or "usual"}
    _ask(request, state, as_json=as_json)


@keys.command()
@click.argument("zone")
@state_option
@json_option
def insecure(zone: str, state: Path, *, as_json: bool) -> None:
    """Let ZONE ask its parent to remove the DS: CDS "0 0 0 00" (RFC 8078 section 4).

    \b
    Example:
      lab keys insecure example.fr
    """
    _ask({"do": "secure", "zone": zone, "wanted": False}, state, as_json=as_json)


def _ask(request: dict[str, Any], state: Path, *, as_json: bool) -> None:
    with one_sentence():
        from rich.console import Console

        from lab.app.asking import ask
        from lab.app.place import Place
        from lab.present.keys import render_keys

        for event in ask(Place(state), request):
            if as_json:
                click.echo(json.dumps(event["keys"], indent=2))
                continue
            Console().print(render_keys(event["keys"]))
            for one in event.get("broken", ()):
                click.echo(f"this breaks resolvers for some time: {one}")

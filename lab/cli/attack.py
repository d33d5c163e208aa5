"""`lab attack`: stand on the way between resolvers and nameservers of the running lab."""

import json
from pathlib import Path
from typing import Any

import click

from lab.cli.fault import pair
from lab.cli.frame import json_option, main, one_sentence, state_option
from lab.core.errors import InputError


@main.group()
def attack() -> None:
    """Attack the running lab on the way, and know what can be done there.

    \b
    Examples:
      lab attack list
      lab attack show replay
      lab attack begin on-path-spoofing name=www.example.fr type=A becomes=192.0.2.66
      lab attack end
    """


@attack.command("list")
def list_attacks() -> None:
    """List the attacks, one line each, by what they are about.

    \b
    Example:
      lab attack list
    """
    from lab.attacks import ATTACKS
    from lab.scenario.reference import catalogue

    click.echo(catalogue(ATTACKS.values()), nl=False)


@attack.command()
@click.argument("kind")
def show(kind: str) -> None:
    """Print the manual of one attack.

    \b
    Example:
      lab attack show ds-stripping
    """
    with one_sentence():
        from lab.attacks import ATTACKS
        from lab.core.parameters import suggestion
        from lab.scenario.reference import manual

        if kind not in ATTACKS:
            raise InputError(f"there is no attack {kind!r}{suggestion(kind, ATTACKS)}")
        click.echo(manual(ATTACKS[kind]), nl=False)


@attack.command()
@click.argument("kind")
@click.argument("parameters", nargs=-1, metavar="[KEY=VALUE]...")
@state_option
@json_option
def begin(kind: str, parameters: tuple[str, ...], state: Path, *, as_json: bool) -> None:
    """Begin one attack, beside those that go on.

    The lab's own operators are led over the relay. A resolver of yours is led there if it asks,
    instead of each nameserver, the address that `--json` tells.

    \b
    Examples:
      lab attack begin eavesdropping
      lab attack begin ds-stripping zone=example.fr --json | jq '.ways["127.53.1.1"]'
    """
    with one_sentence():
        given = dict(pair(one) for one in parameters)
        _ask(state, {**given, "attack": kind}, as_json=as_json)


@attack.command()
@state_option
@json_option
def end(state: Path, *, as_json: bool) -> None:
    """End all attacks.

    \b
    Example:
      lab attack end
    """
    with one_sentence():
        _ask(state, {"attack": None}, as_json=as_json)


def _ask(state: Path, request: dict[str, Any], *, as_json: bool) -> None:
    from lab.app.asking import ask
    from lab.app.place import Place

    for event in ask(Place(state), {**request, "do": "attack"}):
        shown = "\n".join(event["attacks"]) or f"no attack: {event['ended']}"
        click.echo(json.dumps(event, indent=2) if as_json else shown)

"""`lab status`, `validate`, `dig` and `export`: what a running lab has to say."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from lab.cli.frame import SURPRISE, VERDICTS, json_option, main, one_sentence, state_option


@main.command()
@state_option
@json_option
def status(state: Path, *, as_json: bool) -> None:
    """Show zones, keys, servers and files of the lab.

    \b
    Examples:
      lab status
      lab status --json | jq -r '.zones[].name'
    """
    with one_sentence():
        from rich.console import Console

        from lab.app.client import live_status
        from lab.app.folders import how_to_call
        from lab.app.state import StateFolder
        from lab.present.status import render_status

        folder = StateFolder(state)
        running = live_status(folder)
    if as_json:
        click.echo(json.dumps(running, indent=2))
    else:
        Console().print(render_status(running, how_to_call(folder)))


@main.command()
@state_option
@json_option
def stats(state: Path, *, as_json: bool) -> None:
    """Count the queries since the lab started.

    \b
    Examples:
      lab stats
      lab stats --json | jq .rcode
    """
    with one_sentence():
        from rich.console import Console

        from lab.app.client import live_stats
        from lab.app.state import StateFolder
        from lab.present.status import render_stats

        counted = live_stats(StateFolder(state))
    if as_json:
        click.echo(json.dumps(counted, indent=2))
    else:
        Console().print(render_stats(counted))


@main.command()
@click.argument("name")
@click.argument("rdtype", metavar="[TYPE]", default="A")
@click.option("--explain", is_flag=True, help="Show every check with what was compared.")
@state_option
@json_option
def validate(name: str, rdtype: str, state: Path, *, explain: bool, as_json: bool) -> None:
    """Walk the chain of trust, explain every step.

    The stub starts at the trust anchor and asks the lab's nameservers itself, from the root down.

    \b
    Examples:
      lab validate www.example.fr
      lab validate nowhere.example.fr AAAA --explain
      lab validate light_sensor._device.example.com TLSA --json
    """
    with one_sentence():
        from rich.console import Console

        from lab.app import client
        from lab.app.reactor import run as run_reactor
        from lab.app.state import StateFolder
        from lab.present.text import render
        from lab.present.tree import Detail

        asked = client.Asked.parse(name, rdtype)
        validation = run_reactor(client.validate(client.live_status(StateFolder(state)), asked))
        if validation is None:
            sys.exit(SURPRISE)
    document = client.validation_to_json(validation)
    if as_json:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        console = Console()
        for record in document["records"]:
            console.print(record, highlight=False, soft_wrap=True)
        detail = Detail.EVERYTHING if explain else Detail.STORY
        console.print(render(validation.report, detail=detail))
        for error in document["ede"]:
            console.print(f"Extended DNS Error {error['code']}: {error['text']} (RFC 8914)")
    sys.exit(VERDICTS[validation.status.value])


@main.command()
@click.argument("name")
@click.argument("rdtype", metavar="[TYPE]", default="A")
@click.option("--server", help="Name or address of the nameserver to ask. [default: the zone's]")
@click.option("--tcp", is_flag=True, help="Ask over TCP at once.")
@click.option("--dnssec/--no-dnssec", default=True, help="Set DO, so that signatures come along.")
@state_option
@json_option
def dig(name: str, rdtype: str, state: Path, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Ask one nameserver, without judging the answer.

    \b
    Examples:
      lab dig www.example.fr
      lab dig example.fr DS
      lab dig example.fr NS --server 127.53.1.1 --no-dnssec
    """
    with one_sentence():
        from lab.app import client
        from lab.app.state import StateFolder

        server, message = client.dig(
            client.live_status(StateFolder(state)),
            client.Asked.parse(name, rdtype),
            chosen["server"],
            tcp=chosen["tcp"],
            dnssec=chosen["dnssec"],
        )
    if chosen["as_json"]:
        document = {"server": {"name": str(server.name), "address": server.address}}
        click.echo(json.dumps({**document, "message": message.to_text().splitlines()}, indent=2))
    else:
        click.echo(f"; asked {server}\n{message.to_text()}")


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@state_option
def export(folder: Path, state: Path) -> None:
    """Write all zones, signed, as master files.

    \b
    Example:
      lab export /tmp/signed && ldns-verify-zone /tmp/signed/example.fr.zone
    """
    with one_sentence():
        from lab.app.client import live_status
        from lab.app.control import ask
        from lab.app.state import StateFolder, file_name

        running = StateFolder(state)
        folder.mkdir(parents=True, exist_ok=True)
        for zone in live_status(running)["zones"]:
            target = folder / f"{file_name(zone['name'])}.zone"
            for event in ask(running, {"do": "zone", "name": zone["name"]}):
                target.write_text(event["zone"])
            click.echo(target)

"""`lab status`, `dig` and `export`: what a running lab has to say."""

import json
from pathlib import Path
from typing import Any

import click

from lab.cli.frame import json_option, main, one_sentence, state_option


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
        from lab.app.place import Place
        from lab.present.status import render_stats

        counted = live_stats(Place(state))
    if as_json:
        click.echo(json.dumps(counted, indent=2))
    else:
        Console().print(render_stats(counted))


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
        from lab.app.client import live_status
        from lab.app.digging import dig
        from lab.app.place import Place
        from lab.app.words import Asked

        server, message = dig(
            live_status(Place(state)),
            Asked.parse(name, rdtype),
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
    """Write all zones, signed, and configuration for other servers.

    \b
    FOLDER/*.zone                 the signed zones
    FOLDER/secondary/{nsd,knot,bind}  follow the running lab (Knot and BIND by its catalog)
    FOLDER/primary/{nsd,knot,bind}    serve the exported files without the lab
    FOLDER/unbound                a validating resolver that knows only the lab

    To be told of changes, name the secondaries in hierarchy.toml: notify = { to = [...] }.

    \b
    Examples:
      lab export /tmp/signed && ldns-verify-zone /tmp/signed/example.fr.zone
      knotd -c /tmp/signed/secondary/knot/knot.conf
    """
    with one_sentence():
        from lab.app.client import live_status
        from lab.app.export import export as write_all
        from lab.app.state import StateFolder

        running = StateFolder(state)
        for path in write_all(running, live_status(running), folder):
            click.echo(path)

"""`lab tlsa`: make TLSA records, check them against a server, replace them in the right order."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lab.cli.connect import (
    checking_options,
    exit_code,
    experiment_option,
    inspections,
    selectors,
)
from lab.cli.frame import json_option, main, one_sentence, state_option
from lab.core.errors import InputError

if TYPE_CHECKING:
    from dns.name import Name

    from lab.dane.tlsa import TlsaRecord

_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
DEFAULT_TTL = 3600


@main.group()
def tlsa() -> None:
    """Make TLSA records, check them, replace them (RFC 6698, RFC 7671).

    \b
    Examples:
      lab tlsa create server.pem --host www.example.fr
      lab tlsa create --identity afnic.js
      lab tlsa check js.afnic.fr:8443
      lab tlsa roll afnic.js --travel
    """


@tlsa.command()
@click.argument("file", type=_READABLE, required=False, metavar="[FILE.pem]")
@click.option("--identity", metavar="NAME", help="A server of the running lab, e.g. afnic.js.")
@click.option(
    "--form",
    default="3 1 1",
    show_default=True,
    help="Usage, selector and matching type, in numbers.",
)
@experiment_option
@click.option(
    "--depth", type=click.IntRange(0), help="Which certificate of the chain; 0: the leaf."
)
@click.option("--host", help="Name of the server; with --port and --transport.")
@click.option("--port", type=click.IntRange(1, 65535), default=443, show_default=True)
@click.option("--transport", default="tcp", show_default=True)
@click.option("--owner", help="The whole owner name, e.g. that of a client.")
@click.option("--ttl", type=click.IntRange(0, 2**31 - 1), default=DEFAULT_TTL, show_default=True)
@state_option
@json_option
def create(file: Path | None, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Print the TLSA record of a certificate or key, ready for a zone file.

    FILE holds certificates in PEM, leaf first, or a public or private key (selector 1 only). Usages
    1 and 3 name the leaf, 0 and 2 the last certificate, unless --depth says otherwise. The second
    line is the same for software that does not know the type (RFC 3597).

    \b
    Examples:
      lab tlsa create server.pem --host www.example.fr
      lab tlsa create chain.pem --form "2 1 1" --host www.example.fr --port 25
      lab tlsa create key.pem --owner light_sensor._device.example.com
      lab tlsa create --identity afnic.js --form "3 1 2" --json
      lab tlsa create --identity afnic.js --form "3 255 0" --experimental-c509
    """
    with one_sentence():
        owner, record = _created(file, chosen)
        _tell(owner, record, chosen)


def _created(file: Path | None, chosen: dict[str, Any]) -> "tuple[Name, TlsaRecord]":
    from lab.app.certificates import read_subject
    from lab.app.identities import identity_of
    from lab.app.words import parse_name
    from lab.dane.tlsa import parse_parameters, server_owner

    if (file is None) == (chosen["identity"] is None):
        raise InputError("give either FILE.pem or --identity NAME")
    form = parse_parameters(chosen["form"], selectors(chosen))
    own = None
    if file is None:
        file, own = identity_of(chosen["state"], chosen["identity"])
    if chosen["owner"] is not None:
        own = parse_name(chosen["owner"])
    elif chosen["host"] is not None:
        own = server_owner(parse_name(chosen["host"]), chosen["port"], chosen["transport"])
    if own is None:
        raise InputError("whose record is it? Give --host NAME, or --owner NAME")
    return own, read_subject(file).record(form, chosen["depth"])


def _tell(owner: "Name", record: "TlsaRecord", chosen: dict[str, Any]) -> None:
    from lab.dane import text

    ttl = chosen["ttl"]
    if not chosen["as_json"]:
        click.echo(text.line(owner, ttl, record))
        click.echo(text.generic_line(owner, ttl, record))
        return
    document = {
        "owner": str(owner),
        "ttl": ttl,
        "usage": record.usage,
        "selector": record.selector,
        "matching_type": record.matching,
        "in_words": text.described(record),
        "data": record.data.hex(),
        "presentation": text.line(owner, ttl, record),
        "generic": text.generic_line(owner, ttl, record),
    }
    click.echo(json.dumps(document, indent=2))


@tlsa.command()
@click.argument("identity")
@click.option("--plan", is_flag=True, help="Only print the stages.")
@click.option("--travel", is_flag=True, help="Move the lab's clock instead of waiting.")
@state_option
@json_option
def roll(identity: str, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Give a server of the running lab a new key, in the order that no client notices.

    Publish the record of the new certificate beside the old one, wait until no cache holds the old
    RRset (two TTLs, RFC 7671 section 8.1), deploy, remove the old record. Interrupting it after the
    first stage does no harm: both records stand, and the old certificate matches.

    \b
    Examples:
      lab tlsa roll afnic.js --plan
      lab tlsa roll afnic.js --travel
      lab tlsa roll afnic.js            waits for two minutes
    """
    with one_sentence():
        from lab.app.asking import ask
        from lab.app.place import Place

        request = {
            "do": "roll-tlsa",
            "identity": identity,
            "plan": chosen["plan"],
            "travel": chosen["travel"],
        }
        for event in ask(Place(chosen["state"]), request):
            stage = event["stage"]
            if chosen["as_json"]:
                click.echo(json.dumps(stage))
                continue
            wait = f"{stage['seconds']} s, " if stage["seconds"] else ""
            click.echo(f"{stage['do']:<8} {wait}{stage['why']}")
            if stage["do"] in {"publish", "remove"}:
                click.echo("".join(f"         TLSA {one}\n" for one in stage["tlsa"]), nl=False)


@tlsa.command()
@click.argument("target", metavar="HOST[:PORT]")
@checking_options
def check(target: str, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Say of each published TLSA record whether it matches what the server shows.

    \b
    Examples:
      lab tlsa check js.afnic.fr:8443
      lab tlsa check mail.example.fr --starttls smtp
      lab tlsa check www.example.net --internet --json
    """
    found = inspections(target, chosen)
    if chosen["as_json"]:
        from lab.present.connection import records_document

        click.echo(json.dumps(records_document(found), indent=2, ensure_ascii=False))
    else:
        from rich.console import Console

        from lab.present.connection import render_records

        for one in found:
            Console().print(render_records(one), highlight=False)
    sys.exit(exit_code(found))

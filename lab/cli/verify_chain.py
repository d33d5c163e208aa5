"""`lab verify-chain`: judge a certificate chain in a file by TLSA records, without any network."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lab.cli.frame import MISMATCH, json_option, main, one_sentence
from lab.core.errors import InputError

if TYPE_CHECKING:
    from lab.dane.matching import Match

_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@main.command("verify-chain")
@click.argument("chain", type=_READABLE, metavar="CHAIN.pem")
@click.option(
    "--tlsa",
    "records",
    multiple=True,
    required=True,
    metavar="RECORD",
    help="A TLSA record, e.g. '3 1 1 ab12…', or a whole line of a zone; may be repeated.",
)
@click.option("--name", required=True, help="The name that the peer should have.")
@click.option("--at", metavar="TIME", help="The moment to judge at (ISO 8601). [default: now]")
@click.option("--roots", type=_READABLE, metavar="FILE", help="Trusted roots for usages 0 and 1.")
@click.option(
    "--role",
    type=click.Choice(["server", "client"]),
    default="server",
    show_default=True,
    help="What the peer is; decides the extended key usage.",
)
@click.option("--explain", is_flag=True, help="Print every check.")
@json_option
def verify_chain(chain: Path, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Say which TLSA record vouches for a chain, and why the others do not (RFC 7671).

    The first certificate of the file is the leaf; the order of the others does not matter. DNSSEC
    is taken for granted: the records are believed as they are given.

    \b
    Examples:
      lab verify-chain chain.pem --tlsa "3 1 1 $DIGEST" --name js.afnic.fr
      lab verify-chain chain.pem --name www.nic.fr --tlsa "$(dig +short _443._tcp.www.nic.fr TLSA)"
      lab verify-chain chain.pem --tlsa "DANE-TA SPKI SHA2-256 $DIGEST" --name as.afnic.fr \\
          --at 2027-01-01T00:00:00Z --json
    """
    with one_sentence():
        result = _judged(chain, chosen)
    _tell(result, chosen)
    sys.exit(0 if result.authenticated else MISMATCH)


def _judged(chain: Path, chosen: dict[str, Any]) -> "Match":
    from lab.app.certificates import read_chain
    from lab.app.moment import moment
    from lab.app.words import parse_name
    from lab.dane.matching import match
    from lab.dane.text import parse_record
    from lab.pki.path import Expected
    from lab.pki.profiles import Purpose

    lines = [line for text in chosen["records"] for line in text.splitlines() if line.strip()]
    if not lines:
        raise InputError("there is no record in it", "--tlsa")
    records = tuple(parse_record(line, "--tlsa") for line in lines)
    expected = Expected(
        parse_name(chosen["name"]),
        Purpose[chosen["role"].upper()],
        moment(chosen["at"], "--at"),
        () if chosen["roots"] is None else read_chain(chosen["roots"]),
    )
    return match(read_chain(chain), records, expected)


def _tell(result: "Match", chosen: dict[str, Any]) -> None:
    from rich.console import Console

    from lab.present.connection import match_to_json, records_table
    from lab.present.text import render
    from lab.present.tree import Detail

    if chosen["as_json"]:
        click.echo(json.dumps(match_to_json(result), indent=2, ensure_ascii=False))
        return
    console = Console()
    console.print(result.report.conclusion, highlight=False)
    console.print(records_table(result), highlight=False)
    if chosen["explain"]:
        console.print(render(result.report, detail=Detail.EVERYTHING), highlight=False)

"""`lab record`: change a zone of the running lab, to stay."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lab.cli.frame import main, one_sentence, state_option

if TYPE_CHECKING:
    from lab.app.asking import Event


@main.group()
def record() -> None:
    """Add and remove records of the running lab, to stay.

    What is changed here, or by `nsupdate`, is kept in the state folder: it survives a restart, and
    is applied again to a master file that was edited. `lab reset` forgets it.

    \b
    Example:
      lab record add example.com. "www2 60 A 192.0.2.31"
      lab record remove www2.example.com. A
    """


@record.command()
@click.argument("zone")
@click.argument("text", metavar="RECORD")
@state_option
def add(zone: str, text: str, state: Path) -> None:
    """Add a record, written as in a master file of ZONE.

    \b
    Examples:
      lab record add example.com. "www2 60 A 192.0.2.31"
      lab record add example.com. "@ CAA 0 issue \\"ca.example.net\\""
    """
    _ask(state, {"do": "add-record", "zone": zone, "text": text})


@record.command()
@click.argument("owner")
@click.argument("rdtype", metavar="TYPE")
@state_option
def remove(owner: str, rdtype: str, state: Path) -> None:
    """Remove all records of OWNER that have this TYPE.

    \b
    Example:
      lab record remove www2.example.com. A
    """
    _ask(state, {"do": "remove-record", "owner": owner, "type": rdtype})


def _ask(state: Path, request: "Event") -> None:
    with one_sentence():
        from lab.app.asking import ask
        from lab.app.place import Place

        for event in ask(Place(state), request):
            for zone in event["changed"]:
                click.echo(f"{zone['name']} has serial {zone['serial']}")
            if not event["changed"]:
                click.echo("nothing had to be changed")

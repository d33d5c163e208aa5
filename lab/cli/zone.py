"""`lab zone`: zones that only the secondaries of the running lab serve."""

from pathlib import Path

import click

from lab.cli.frame import main, one_sentence, state_option


@main.group()
def zone() -> None:
    """Add zones to the catalog of the running lab, and remove them.

    The lab signs such a zone and is its hidden primary: secondaries that follow the catalog
    (RFC 9432) serve it, untouched by hand.

    \b
    Example:
      lab zone add new.example new.example.zone
    """


@zone.command()
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@state_option
def add(name: str, file: Path, state: Path) -> None:
    """Sign a zone and give it to the secondaries; again with another FILE: a new version.

    FILE is a master file without DNSSEC records. The zone is kept in the state folder.

    \b
    Example:
      lab zone add new.example new.example.zone
    """
    with one_sentence():
        from lab.app.asking import ask
        from lab.app.place import Place
        from lab.app.texts import read_text

        text = read_text(file, f"the master file of {name}")
        request = {"do": "host", "name": name, "text": text, "file": str(file)}
        for event in ask(Place(state), request):
            click.echo(f"{event['zone']} serial {event['serial']}")


@zone.command()
@click.argument("name")
@state_option
def remove(name: str, state: Path) -> None:
    """Let the secondaries forget a zone that was added.

    \b
    Example:
      lab zone remove new.example
    """
    with one_sentence():
        from lab.app.asking import ask
        from lab.app.place import Place

        for event in ask(Place(state), {"do": "unhost", "name": name}):
            click.echo(f"removed {event['zone']}")

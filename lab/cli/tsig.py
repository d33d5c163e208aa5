"""`lab tsig`: shared keys for transfers and updates."""

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lab.cli.frame import json_option, main, one_sentence, state_option

if TYPE_CHECKING:
    from lab.app.state import StateFolder

_ALGORITHMS = ("hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha224", "hmac-sha1")
_FORMS = ("bind", "nsd", "knot", "dig")


@main.group()
def tsig() -> None:
    """Make, show and remove TSIG keys, by which others prove who they are (RFC 8945).

    Which key may fetch or change a zone is said in hierarchy.toml. The lab makes a key lab-key.
    for itself.

    \b
    Example:
      lab tsig add secondary.
      dig @127.53.11.1 example.fr AXFR -k .lab/tsig/lab-key.key
    """


@tsig.command()
@click.argument("name")
@click.option(
    "--algorithm", type=click.Choice(_ALGORITHMS), default=_ALGORITHMS[0], show_default=True
)
@state_option
def add(name: str, algorithm: str, state: Path) -> None:
    """Make a new key; a running lab knows it at once.

    \b
    Example:
      lab tsig add secondary. --algorithm hmac-sha512
    """
    with one_sentence():
        from lab.app.keyring import Keyring
        from lab.app.state import StateFolder
        from lab.net.entropy import SystemEntropy

        folder = StateFolder(state)
        folder.prepare()
        keyring = Keyring(folder)
        key = keyring.add(name, algorithm, SystemEntropy())
        _tell(folder)
    click.echo(keyring.path(key.name))


@tsig.command("list")
@state_option
@json_option
def list_keys(state: Path, *, as_json: bool) -> None:
    """List the keys, without their secrets.

    \b
    Example:
      lab tsig list --json | jq -r '.[].file'
    """
    with one_sentence():
        from lab.app.keyring import Keyring
        from lab.app.state import StateFolder
        from lab.world.keyforms import algorithm_of

        keyring = Keyring(StateFolder(state))
        known = [
            {"name": str(name), "algorithm": algorithm_of(key), "file": str(keyring.path(name))}
            for name, key in keyring.load().items()
        ]
    if as_json:
        click.echo(json.dumps(known, indent=2))
        return
    for one in known:
        click.echo(f"{one['name']} {one['algorithm']} {one['file']}")


@tsig.command()
@click.argument("name")
@click.option(
    "--form",
    type=click.Choice(_FORMS),
    default=_FORMS[0],
    show_default=True,
    help="Whose configuration: bind also suits `nsupdate -k`; dig is for `dig -y`.",
)
@state_option
def show(name: str, form: str, state: Path) -> None:
    """Print a key, its secret included, as another program wants it.

    \b
    Examples:
      lab tsig show lab-key. --form knot >> knot.conf
      kdig @127.53.11.1 example.fr AXFR -y "$(lab tsig show lab-key. --form dig)"
    """
    with one_sentence():
        from lab.app.keyring import Keyring
        from lab.app.state import StateFolder
        from lab.world.keyforms import KEY_FORMS

        key = Keyring(StateFolder(state)).get(name)
        click.echo(KEY_FORMS[form](key), nl=False)


@tsig.command()
@click.argument("name")
@state_option
def remove(name: str, state: Path) -> None:
    """Remove a key; a running lab forgets it at once.

    \b
    Example:
      lab tsig remove secondary.
    """
    with one_sentence():
        from lab.app.keyring import Keyring
        from lab.app.state import StateFolder

        folder = StateFolder(state)
        Keyring(folder).remove(name)
        _tell(folder)


def _tell(folder: "StateFolder") -> None:
    """Let a running lab read its keys again."""
    from lab.app.asking import NotRunningError, ask

    with suppress(NotRunningError):
        for _ in ask(folder, {"do": "tsig"}):
            pass

"""The command `lab`: arguments in, exit code out. What it does is in `lab.app`.

Modules that take long to import (Twisted, the validator) are imported by the commands that need
them, so that `lab --help` and `lab status` answer at once.
"""

import json
import os
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from lab.core.errors import InputError, LabError

if TYPE_CHECKING:
    from lab.app.running import Options
    from lab.core.instant import Instant

EXIT_CODES = """
\b
Exit codes:
  0   it worked; for `validate`: secure; for `run`: every step as expected
  1   `run`: a step did not go as expected; `up --demo`: the self-check failed
  2   the command line is wrong
  3   a zone, scenario or other input file is wrong
  4   the lab cannot be started, or none is running
  10  `validate`: insecure
  11  `validate`: bogus
  12  `validate`: indeterminate
"""
SURPRISE, BAD_INPUT, NO_LAB = 1, 3, 4
VERDICTS = {"secure": 0, "insecure": 10, "bogus": 11, "indeterminate": 12}

state_option = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".lab"),
    envvar="LAB_STATE",
    show_default=True,
    help="Folder of the keys and of the running lab.",
)
zones_option = click.option(
    "--zones",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with hierarchy.toml and master files. [default: those of the lab]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn an error of the lab into its sentence on stderr and an exit code."""
    try:
        yield
    except LabError as error:
        click.echo(f"lab: {error}", err=True)
        sys.exit(BAD_INPUT if isinstance(error, InputError) else NO_LAB)


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dnssec-dane-lab")
def main() -> None:
    """A DNSSEC and DANE lab on this machine: no root, no Docker, no network.

    \b
    Start it in one terminal:        lab up
    Ask it in another:               lab validate www.example.fr
    Play a scenario:                 lab run federated-mutual-tls
    """


@main.command()
@state_option
@zones_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port of all nameservers; 0 takes a free one. [default: 53 if allowed, else 5300]",
)
@click.option(
    "--tls-port",
    type=click.IntRange(0, 65535),
    default=8003,
    show_default=True,
    help="Port of the operators' TLS servers; 0 takes a free one.",
)
@click.option(
    "--frozen-at", metavar="TIME", help="Stop the lab's clock, e.g. at 2026-11-23T08:30:00Z."
)
@click.option(
    "--clock-offset",
    type=int,
    default=0,
    metavar="SECONDS",
    help="Let the lab's clock run ahead, or behind if negative.",
)
@click.option(
    "--private",
    is_flag=True,
    help="Run with a shell in a network namespace of your own, where port 53 is free.",
)
@click.option("--inside", hidden=True, is_flag=True)
@click.option("--demo", is_flag=True, help="Stop after the self-check.")
@click.option("--quiet", is_flag=True, help="Do not log queries.")
@json_option
def up(**chosen: Any) -> None:  # noqa: ANN401 click's values, one for each option
    """Start the lab and stay in the foreground; Ctrl-C stops everything.

    \b
    Examples:
      lab up                     port 53 if this user may bind it, else 5300
      lab up --port 0 --json     a free port, described in one line of JSON
      lab up --private           with a shell in which dig needs no -p
      lab up --frozen-at 2030-01-01T00:00:00Z
    """
    started_at = time.time() - time.process_time()  # noqa: TID251 to tell how long the start took
    with one_sentence():
        from lab.app import private

        if chosen["private"]:
            given = [one for one in sys.argv[1:] if one != "--private"]
            private.enter([*given, "--inside"])
        if chosen["inside"]:
            private.raise_loopback()
        from lab.app.foreground import Showing, foreground
        from lab.app.reactor import run

        showing = Showing(
            console=Console(),
            as_json=chosen["as_json"],
            quiet=chosen["quiet"],
            demo=chosen["demo"],
            shell=os.environ.get("SHELL", "/bin/sh") if chosen["inside"] else "",
            started_at=started_at,
        )
        good = run(foreground(_options(chosen), showing))
    sys.exit(SURPRISE if good is False else 0)


def _options(chosen: dict[str, Any]) -> "Options":
    from lab.app.folders import shipped
    from lab.app.running import Options
    from lab.app.state import StateFolder

    frozen_at = chosen.get("frozen_at")
    return Options(
        zones=chosen.get("zones") or shipped("zones"),
        state=StateFolder(chosen["state"]),
        port=chosen["port"],
        tls_port=chosen["tls_port"],
        frozen_at=None if frozen_at is None else _instant(frozen_at),
        offset=chosen.get("clock_offset", 0),
    )


def _instant(text: str) -> "Instant":
    from lab.core.instant import Instant

    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"expected a time such as 2026-11-23T08:30:00Z, not {text!r}") from error
    return Instant((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


@main.command()
@state_option
@json_option
def status(state: Path, *, as_json: bool) -> None:
    """Show the running lab: zones, keys, servers, and the files other programs need.

    \b
    Examples:
      lab status
      lab status --json | jq -r '.zones[].name'
    """
    with one_sentence():
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
@click.argument("name")
@click.argument("rdtype", metavar="[TYPE]", default="A")
@click.option("--explain", is_flag=True, help="Show every check with what was compared.")
@state_option
@json_option
def validate(name: str, rdtype: str, state: Path, *, explain: bool, as_json: bool) -> None:
    """Walk the chain of trust to NAME and explain every step.

    The stub starts at the trust anchor and asks the lab's nameservers itself, from the root down.

    \b
    Examples:
      lab validate www.example.fr
      lab validate nowhere.example.fr AAAA --explain
      lab validate light_sensor._device.example.com TLSA --json
    """
    with one_sentence():
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
    """Ask one nameserver of the lab, without validating anything.

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
@click.argument("scenario")
@click.option(
    "--scenarios",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of scenarios. [default: those of the lab]",
)
@zones_option
@click.option("--explain", is_flag=True, help="Show every check, not only those that decide.")
@state_option
@json_option
def run(scenario: str, state: Path, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Play SCENARIO, a file or the name of one, on the running lab or on one of its own.

    \b
    Examples:
      lab run federated-mutual-tls
      lab run my-lesson.toml --explain
      lab run chain-of-trust --json
    """
    with one_sentence():
        from lab.app.folders import shipped
        from lab.app.play import find_scenario
        from lab.app.playhouse import Watcher, play_anywhere
        from lab.app.state import StateFolder

        path = find_scenario(scenario, chosen["scenarios"] or shipped("scenarios"))
        watcher = Watcher(Console(), as_json=chosen["as_json"], explain=chosen["explain"])
        zones = chosen["zones"] or shipped("zones")
        as_expected = play_anywhere(path, zones, StateFolder(state), watcher)
    sys.exit(0 if as_expected else SURPRISE)


@main.command()
@click.argument("fault", required=False)
@click.argument("parameters", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--clear", is_flag=True, help="Clear all faults.")
@state_option
def fault(fault: str | None, parameters: tuple[str, ...], state: Path, *, clear: bool) -> None:
    """Break the running lab on purpose, in one way, until `lab fault --clear`.

    Faults and their parameters are listed in scenarios/REFERENCE.md.

    \b
    Examples:
      lab fault rrsig-tampered owner=www.example.fr. type=A
      lab fault rrsig-expired owner=afnic.fr. type=DS ago=2h
      lab fault --clear
    """
    with one_sentence():
        from lab.app.control import ask
        from lab.app.state import StateFolder

        if clear == bool(fault):
            raise InputError("name one fault, or say --clear")
        request: dict[str, Any] = dict(_pair(one) for one in parameters)
        request |= {"do": "fault", "fault": fault}
        for event in ask(StateFolder(state), request):
            click.echo("\n".join(event["faults"]) or "no fault acts")


def _pair(text: str) -> tuple[str, object]:
    """Return key and value of KEY=VALUE; numbers and booleans as TOML writes them."""
    key, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"expected KEY=VALUE, not {text!r}")
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key, value


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@state_option
def export(folder: Path, state: Path) -> None:
    """Write every zone of the running lab, signed, as master files into FOLDER.

    \b
    Example:
      lab export /tmp/signed && ldns-verify-zone /tmp/signed/example.fr.zone
    """
    with one_sentence():
        from lab.app.client import live_status
        from lab.app.control import ask
        from lab.app.state import StateFolder

        running = StateFolder(state)
        folder.mkdir(parents=True, exist_ok=True)
        for zone in live_status(running)["zones"]:
            target = folder / f"{zone['name'].rstrip('.') or 'root'}.zone"
            for event in ask(running, {"do": "zone", "name": zone["name"]}):
                target.write_text(event["zone"])
            click.echo(target)


@main.command()
@state_option
def reset(state: Path) -> None:
    """Remove all generated keys and certificates; the next start makes new ones.

    \b
    Example:
      lab reset
    """
    with one_sentence():
        from lab.app.state import StateFolder

        there_was_one = StateFolder(state).reset()
    click.echo(f"removed {state}" if there_was_one else f"there is no {state}: nothing to remove")


@main.command(hidden=True)
def reference() -> None:
    """Print scenarios/REFERENCE.md, made from the docstrings of steps and faults."""
    from lab.scenario.reference import render

    click.echo(render(), nl=False)

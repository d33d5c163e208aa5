"""`lab up` and `lab reset`: a lab comes and goes."""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from lab.cli.frame import SURPRISE, json_option, main, one_sentence, state_option, zones_option
from lab.core.errors import InputError

if TYPE_CHECKING:
    from lab.app.running import Options
    from lab.core.instant import Instant


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
    "--dot-port",
    type=click.IntRange(0, 65535),
    help="Port of DNS over TLS; 0 takes a free one. [default: 853 if allowed, else 8853]",
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
@click.option(
    "--query-log",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write each query to this file, as one line of JSON.",
)
@click.option(
    "--dnstap",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write queries and answers to this file, in the format of dnstap.",
)
@click.option("--demo", is_flag=True, help="Stop after the self-check.")
@click.option("--quiet", is_flag=True, help="Do not log queries.")
@json_option
def up(**chosen: Any) -> None:  # noqa: ANN401 click's values, one for each option
    """Start the lab; Ctrl-C stops everything.

    \b
    Examples:
      lab up                     port 53 if this user may bind it, else 5300
      lab up --port 0 --json     a free port, described in one line of JSON
      lab up --private           with a shell in which dig needs no -p
      lab up --query-log queries.jsonl --dnstap queries.tap
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
        from lab.app.querylog import LogFiles
        from lab.app.reactor import run

        showing = Showing(
            console=Console(),
            as_json=chosen["as_json"],
            quiet=chosen["quiet"],
            demo=chosen["demo"],
            shell=os.environ.get("SHELL", "/bin/sh") if chosen["inside"] else "",
            started_at=started_at,
            files=LogFiles(chosen["query_log"], chosen["dnstap"], "lab", "dnssec-dane-lab"),
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
        dot_port=chosen.get("dot_port"),
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
def reset(state: Path) -> None:
    """Remove all generated keys and certificates.

    The next start makes new ones.

    \b
    Example:
      lab reset
    """
    with one_sentence():
        from lab.app.state import StateFolder

        there_was_one = StateFolder(state).reset()
    click.echo(f"removed {state}" if there_was_one else f"there is no {state}: nothing to remove")

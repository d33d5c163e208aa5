"""What `lab up` and `lab serve` have in common on the command line.

An option of every running server goes into `server_options`, one of a zone that `lab serve` takes
in place of a key in `hierarchy.toml` into `zone_options`.
"""

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lab.core.errors import InputError

if TYPE_CHECKING:
    from lab.app.querylog import LogFiles
    from lab.app.server import Answers
    from lab.core.instant import Instant
    from lab.nameserver.exchange import CookiePolicy
    from lab.validator.settings import Caching

F = TypeVar("F", bound=Callable[..., Any])

_SERVER_OPTIONS = (
    click.option(
        "--frozen-at", metavar="TIME", help="Stop the server's clock, e.g. at 2026-11-23T08:30:00Z."
    ),
    click.option(
        "--clock-offset",
        type=int,
        default=0,
        metavar="SECONDS",
        help="Let the server's clock run ahead, or behind if negative.",
    ),
    click.option(
        "--cookies",
        type=click.Choice(["offered", "required"]),
        default="offered",
        show_default=True,
        help="Whether DNS cookies, where a client sends one, must be good for an answer over UDP.",
    ),
    click.option(
        "--rrl",
        type=click.IntRange(0),
        default=0,
        show_default=True,
        metavar="N",
        help="Answer one network at most N times a second with the same, over UDP; 0: no limit.",
    ),
    click.option(
        "--query-log",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write each query to this file, as one line of JSON.",
    ),
    click.option(
        "--dnstap",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write queries and answers to this file, in the format of dnstap.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        help="Answer plain questions over UDP in so many processes, as `--workers 4`.",
    ),
    click.option(
        "--signers",
        type=click.IntRange(1, 64),
        help="Sign a large zone for its transfer in so many processes; default: one a processor.",
    ),
    click.option(
        "--no-answer-cache",
        is_flag=True,
        help="Make every answer anew, also for those who ask the same over UDP.",
    ),
)

no_cache_option = click.option(
    "--no-cache", is_flag=True, help="Let the resolver walk from the root for each question."
)

# Each is a key of the tables in hierarchy.toml, and is read by the same code.
_ZONE_OPTIONS = (
    click.option(
        "--algorithm",
        metavar="N|MNEMONIC",
        help="Algorithm of the keys, e.g. 15 or ED25519. [default: ECDSAP256SHA256]",
    ),
    click.option("--denial", metavar="MODE", help="How a zone says no. [default: nsec]"),
    click.option("--keys", metavar="LAYOUT", help="ksk+zsk or csk. [default: ksk+zsk]"),
    click.option(
        "--set",
        "others",
        multiple=True,
        metavar="KEY=VALUE",
        help="Any other key of a zone in hierarchy.toml, written as there; may be repeated.",
    ),
)
_ZONE_KEYS = ("algorithm", "denial", "keys")


def server_options(command: F) -> F:
    """Give *command* the options of every running server."""
    return _with(_SERVER_OPTIONS, command)


def zone_options(command: F) -> F:
    """Give *command* the options that say how a zone is signed and served."""
    return _with(_ZONE_OPTIONS, command)


def zone_settings(chosen: dict[str, Any]) -> dict[str, Any]:
    """Return what the user says about zones, as keys of a table in hierarchy.toml.

    Raises:
        InputError: a KEY=VALUE is none.
    """
    settings = {key: chosen[key] for key in _ZONE_KEYS if chosen[key] is not None}
    for text in chosen["others"]:
        try:
            settings |= tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"expected --set as KEY=VALUE, not {text!r}: {error}") from error
    return settings


def _with(options: tuple[Callable[[F], F], ...], command: F) -> F:
    # Decorators act from the last to the first; the help shows them in the order written.
    for option in reversed(options):
        command = option(command)
    return command


def log_files(chosen: dict[str, Any]) -> "LogFiles":
    """Return where queries are to be written."""
    from lab.app.querylog import LogFiles

    return LogFiles(chosen["query_log"], chosen["dnstap"], "lab", "dnssec-dane-lab")


def cookie_policy(chosen: dict[str, Any]) -> "CookiePolicy":
    """Return what becomes of those whose cookie proves nothing."""
    from lab.nameserver.exchange import CookiePolicy

    return CookiePolicy(chosen["cookies"])


def answers(chosen: dict[str, Any]) -> "Answers":
    """Return whether answers are kept for those who ask the same."""
    from lab.app.server import Answers

    if chosen["no_answer_cache"] and chosen["workers"] > 1:
        raise InputError("--workers share out answers that are kept; leave out --no-answer-cache")
    return Answers.ANEW if chosen["no_answer_cache"] else Answers.KEPT


def caching(chosen: dict[str, Any]) -> "Caching":
    """Return how long the resolver keeps what it has judged."""
    from lab.validator.settings import Caching

    return Caching.OFF if chosen["no_cache"] else Caching.UNTIL_EXPIRY


def instant(text: str | None) -> "Instant | None":
    """Return the moment that a user means; None if nothing was said.

    Raises:
        InputError: it is no time.
    """
    from lab.core.instant import Instant

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"expected a time such as 2026-11-23T08:30:00Z, not {text!r}") from error
    return Instant((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())

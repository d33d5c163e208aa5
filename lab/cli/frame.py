"""What every command shares: the group, its options, exit codes, and errors as one sentence.

Modules that take long to import (Twisted, the validator) are imported inside the commands that
need them, so that `lab --help` and `lab status` answer at once.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lab.cli.codes import (
    BAD_INPUT,
    MISMATCH,
    NO_LAB,
    NO_RECORD,
    NO_TLS,
    SURPRISE,
    VERDICTS,
    one_sentence,
)
from lab.cli.table import Commands

if TYPE_CHECKING:
    from lab.app.plan import Origin
    from lab.tls.context import KeyLog

__all__ = [
    "BAD_INPUT",
    "MISMATCH",
    "NO_LAB",
    "NO_RECORD",
    "NO_TLS",
    "SURPRISE",
    "VERDICTS",
    "json_option",
    "keylog",
    "keylog_option",
    "main",
    "one_sentence",
    "origin_of",
    "origin_options",
    "setting_option",
    "state_option",
    "zones_option",
]

F = TypeVar("F", bound=Callable[..., Any])

EXIT_CODES = """
\b
Exit codes:
  0   it worked; for `validate`: secure; for `run`: every step as expected
  1   `run`: a step did not go as expected; `up --demo`: the self-check failed;
      `ca order`: refused
  2   the command line is wrong
  3   a zone, scenario or other input is wrong
  4   the lab cannot be started, or none is running
  10  `validate`: insecure
  11  `validate`: bogus
  12  `validate`: indeterminate
  13  `connect`, `tlsa check`, `verify-chain`: the peer is not who it should be
  14  `connect`, `tlsa check`: no usable TLSA record; 10 to 12 as for `validate`
  15  `connect`, `tlsa check`: no TLS connection
"""
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
setting_option = click.option(
    "--set",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter of the scenario; may be repeated.",
)
_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ORIGIN = (
    click.option(
        "--internet", is_flag=True, help="Start at the root of the Internet, not the lab's."
    ),
    click.option(
        "--anchor",
        type=_READABLE,
        metavar="FILE",
        help="Trust anchors: DS or DNSKEY RRs or XML (RFC 9718). [default: the lab's or IANA's]",
    ),
    click.option(
        "--hints", type=_READABLE, metavar="FILE", help="Root hints. [default: as for --anchor]"
    ),
    click.option(
        "--forward",
        metavar="ADDR[:PORT]",
        help="Ask this recursive resolver for everything, and still judge ourselves.",
    ),
    click.option(
        "--tls",
        type=click.Choice(("opportunistic", "strict")),
        help="Ask over TLS where it is offered; or only who can be authenticated, as promised.",
    ),
    click.option(
        "--tls-name", metavar="NAME", help="Name of the resolver; its TLSA records vouch for it."
    ),
    click.option(
        "--tls-pin",
        metavar="BASE64",
        multiple=True,
        help="SHA-256 of the public key of the resolver; may be repeated.",
    ),
    click.option(
        "--tls-port",
        type=click.IntRange(1, 65535),
        help="Where TLS is spoken. [default: 853, or that of the lab]",
    ),
    click.option(
        "--port",
        type=click.IntRange(1, 65535),
        help="Port of all nameservers. [default: that of the lab, or 53]",
    ),
    click.option(
        "--no-qname-minimisation",
        "whole",
        is_flag=True,
        help="Tell the whole name to every nameserver on the way (RFC 9156).",
    ),
)


def origin_options(command: F) -> F:
    """Add the options that say where a validation starts."""
    for option in reversed(_ORIGIN):
        command = option(command)
    return command


def origin_of(chosen: dict[str, Any]) -> "Origin":
    """Return what these options, and `--state`, say."""
    from dns.name import root

    from lab.app.place import Place
    from lab.app.plan import Origin
    from lab.app.words import DNS_PORT, parse_address, parse_name
    from lab.core.question import Profile
    from lab.validator.settings import Minimisation

    given = chosen["forward"]
    forward = None if given is None else parse_address(given, DNS_PORT)
    place = None if chosen["internet"] else Place(chosen["state"])
    return Origin(
        place,
        chosen["anchor"],
        chosen["hints"],
        chosen["port"],
        forward,
        minimisation=Minimisation.OFF if chosen["whole"] else Minimisation.RELAXED,
        forward_name=root if chosen["tls_name"] is None else parse_name(chosen["tls_name"]),
        tls=None if chosen["tls"] is None else Profile(chosen["tls"]),
        tls_port=chosen["tls_port"],
        tls_pins=chosen["tls_pin"],
    )


keylog_option = click.option(
    "--keylog",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Append the secrets of TLS connections to FILE, for Wireshark: who has it reads them all.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def keylog(path: Path | None) -> "KeyLog | None":
    """Return what writes secrets to *path* until the command ends; None if there is no path.

    Raises:
        InputError: it cannot be opened.
    """
    from lab.app.keylog import KeyLogFile

    if path is None:
        return None
    file = KeyLogFile(path)
    click.get_current_context().call_on_close(file.close)
    return file


@click.group(
    cls=Commands,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="dnssec-dane-lab")
@click.option(
    "--libssl",
    metavar="FILE",
    envvar="LAB_LIBSSL",
    show_envvar=True,
    help="OpenSSL's libssl to use for TLS; raw public keys need 3.2. [default: the machine's]",
)
@click.option(
    "--libcrypto",
    metavar="FILE",
    envvar="LAB_LIBCRYPTO",
    show_envvar=True,
    help="The libcrypto that belongs to it. [default: the one that it brings along]",
)
def main(libssl: str | None, libcrypto: str | None) -> None:
    """A DNSSEC and DANE lab on this machine: no root, no Docker, no network.

    \b
    Start it in one terminal:        lab up
    Ask it in another:               lab validate www.example.fr
    Play a scenario:                 lab run federated-mutual-tls
    With another OpenSSL:            lab --libssl /opt/openssl/lib/libssl.so.3 up
    """
    if libssl is None and libcrypto is not None:
        raise click.UsageError("--libcrypto is of use only with --libssl")
    if libssl is not None:
        from lab.tls.loader import Files, choose

        with one_sentence():
            choose(Files(libssl, libcrypto or ""))

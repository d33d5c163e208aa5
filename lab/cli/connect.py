"""`lab connect`: a diagnostic client that tells which address, which record, which chain."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lab.cli.frame import (
    MISMATCH,
    NO_RECORD,
    NO_TLS,
    SURPRISE,
    VERDICTS,
    F,
    json_option,
    keylog,
    keylog_option,
    main,
    one_sentence,
    origin_of,
    origin_options,
    state_option,
)

if TYPE_CHECKING:
    from lab.dane.tlsa import Selector
    from lab.tls.context import Context
    from lab.tls.inspection import Inspection

_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
experiment_option = click.option(
    "--experimental-c509",
    "c509",
    is_flag=True,
    help="Know selector 255 (private use): the certificate as C509.",
)
_CHECKING = (
    click.option(
        "--starttls",
        type=click.Choice(["none", "smtp"]),
        default="none",
        show_default=True,
        help="What is spoken before TLS.",
    ),
    click.option(
        "--roots", type=_READABLE, metavar="FILE", help="Trusted roots (PEM) for usages 0 and 1."
    ),
    click.option("--address", metavar="ADDR", help="Connect to this address, not to the DNS's."),
    experiment_option,
    click.option("--optional", is_flag=True, help="Where there is no DANE, leave it to others."),
)


def checking_options(command: F) -> F:
    """Add the options of those who check a server by DANE."""
    for option in reversed(_CHECKING):
        command = option(command)
    return json_option(state_option(origin_options(command)))


@main.command()
@click.argument("target", metavar="HOST[:PORT]")
@click.option("--dane", is_flag=True, help="Judge the server by its TLSA records, and say why.")
@click.option(
    "--via",
    type=click.Choice(["host", "srv", "mx", "naptr"]),
    default="host",
    show_default=True,
    help="How the name leads to servers; for srv it is _service._proto.domain.",
)
@click.option("--tag", default="", help="Service and protocol of NAPTR records, e.g. iot:tls.")
@click.option("--explain", is_flag=True, help="Print every check, DNSSEC included.")
@click.option(
    "--raw-public-key",
    is_flag=True,
    help="Also take a bare key from the server (RFC 7250); needs OpenSSL 3.2, see `lab --libssl`.",
)
@keylog_option
@checking_options
def connect(target: str, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Shake hands with a server and tell what it shows.

    With --dane: which address, which TLSA base domain, which record matches and why the others do
    not, and the verdict of a client that insists on DANE. Nothing is sent to the server beyond the
    handshake.

    \b
    Examples:
      lab connect js.afnic.fr:8443 --dane
      lab connect js.afnic.fr:8443 --dane --explain
      lab connect mail.example.fr --starttls smtp --dane
      lab connect example.fr --via mx --starttls smtp --dane --json
      lab connect _join._tcp.afnic.fr --via srv --dane
      lab connect www.example.net:443 --dane --internet
      lab connect js.afnic.fr:8443 --keylog keys.txt     for Wireshark
    """
    found = inspections(target, chosen)
    if chosen["as_json"]:
        from lab.present.connection import inspections_to_json

        click.echo(json.dumps(inspections_to_json(found), indent=2, ensure_ascii=False))
    else:
        _print(found, chosen)
    sys.exit(exit_code(found) if chosen["dane"] else _reached(found))


def inspections(target: str, chosen: dict[str, Any]) -> "tuple[Inspection, ...]":
    """Return what is found at *target*; exits with a sentence if nothing can be found out."""
    with one_sentence():
        from lab.app import connecting
        from lab.app.certificates import read_chain
        from lab.app.reactor import run as run_reactor
        from lab.dane.policy import ServerPolicy
        from lab.dane.records import ALL_USAGES, SMTP_USAGES, Supported

        via = connecting.Via(chosen.get("via", "host"))
        starttls = connecting.StartTls(chosen["starttls"])
        service = connecting.parse_service(target, connecting.default_port(via, starttls))
        wanted = connecting.Target(
            service, via, starttls, chosen.get("tag", ""), chosen["address"] or ""
        )
        roots = () if chosen["roots"] is None else read_chain(chosen["roots"])
        is_mail = starttls is connecting.StartTls.SMTP or via is connecting.Via.MX
        policy = ServerPolicy(
            require_dane=not chosen["optional"],
            roots=roots,
            supported=Supported(
                SMTP_USAGES if is_mail and not roots else ALL_USAGES, selectors(chosen)
            ),
        )
        plan = origin_of(chosen).plan()
        found = run_reactor(connecting.inspect(plan, wanted, policy, _context(chosen)))
    if found is None:
        sys.exit(SURPRISE)
    return found


def selectors(chosen: dict[str, Any]) -> "frozenset[Selector]":
    """Return the selectors that count: the standard ones, and C509 if it was asked for."""
    from lab.dane.tlsa import STANDARD_SELECTORS, Selector

    return STANDARD_SELECTORS | ({Selector.C509} if chosen["c509"] else set())


def _context(chosen: dict[str, Any]) -> "Context":
    from lab.tls.certificate_types import CertificateType, CertificateTypes
    from lab.tls.context import ClientRole, Context

    raw = (CertificateType.RAW_PUBLIC_KEY,) if chosen.get("raw_public_key") else ()
    types = CertificateTypes(peer=(*raw, CertificateType.X509))
    return Context(ClientRole(types=types), keylog=keylog(chosen.get("keylog")))


def _print(found: "tuple[Inspection, ...]", chosen: dict[str, Any]) -> None:
    from rich.console import Console

    from lab.present.connection import render_inspection
    from lab.present.text import render
    from lab.present.tree import Detail

    console = Console()
    for one in found:
        console.print(render_inspection(one, with_dane=chosen["dane"]), highlight=False)
        if chosen["explain"]:
            console.print(render(one.verdict.report, detail=Detail.EVERYTHING), highlight=False)


def _reached(found: "tuple[Inspection, ...]") -> int:
    return 0 if any(one.probed for each in found for one in each.attempts) else NO_TLS


def exit_code(found: "tuple[Inspection, ...]") -> int:
    """Return the worst that was found, as an exit code: 0 if every server is accepted."""
    codes = [_code(one) for one in found]
    return max(codes, default=NO_TLS)


def _code(found: "Inspection") -> int:
    from lab.dane.decision import Situation, Verdict

    if found.verdict.verdict is Verdict.ACCEPT:
        return 0
    codes = {
        Situation.INSECURE: VERDICTS["insecure"],
        Situation.BOGUS: VERDICTS["bogus"],
        Situation.INDETERMINATE: VERDICTS["indeterminate"],
        Situation.TIME_OUT: VERDICTS["indeterminate"],
        Situation.SECURE_ABSENT: NO_RECORD,
        Situation.UNUSABLE: NO_RECORD,
        Situation.NO_CREDENTIAL: NO_TLS,
    }
    situation = found.verdict.situation
    return MISMATCH if situation is None else codes.get(situation, MISMATCH)

"""`lab ca`: the operators' certification authorities, and what they issue."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from lab.cli.frame import SURPRISE, json_option, main, one_sentence, state_option

_PROFILES = ("server", "client", "peer")
_KEYS = ("p-256", "ed25519", "rsa-2048", "rsa-3072")
_REASONS = (
    "unspecified",
    "keyCompromise",
    "cACompromise",
    "affiliationChanged",
    "superseded",
    "cessationOfOperation",
    "privilegeWithdrawn",
)
_form = click.option("--pem", "form", flag_value="pem", help="Print PEM.")
_der = click.option("--der", "form", flag_value="der", help="Print DER: the first certificate.")


@main.group()
def ca() -> None:
    """List, issue, renew and revoke the certificates of the operators.

    Each operator has a certification authority of its own: a root and an intermediate (RFC 5280).
    A certificate is named as `lab ca list` calls it, by a name in it, or by its serial number. The
    lab may run or not; no private key is ever printed, only the file it is in.

    \b
    Examples:
      lab ca list tsp
      lab ca show tsp.ns
      lab ca show tsp.ns --pem | openssl x509 -noout -subject
      lab ca issue tsp --name gateway.telecom-sudparis.eu --profile client
    """


@ca.command("list")
@click.argument("operator", required=False)
@state_option
@json_option
def list_certificates(operator: str | None, state: Path, *, as_json: bool) -> None:
    """List the certificates of OPERATOR, or of all: who, what for, until when, and whether revoked.

    \b
    Examples:
      lab ca list
      lab ca list tsp --json | jq '.authorities[].certificates[] | select(.status != "valid")'
    """
    answer = _perform(state, {"task": "list", "operator": operator})
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    from rich.console import Console

    from lab.present.authorities import render_authorities

    Console().print(render_authorities(answer))


@ca.command()
@click.argument("which")
@_form
@_der
@state_option
@json_option
def show(which: str, state: Path, form: str | None, *, as_json: bool) -> None:
    """Show the certificate WHICH as `openssl x509 -text` does; --pem prints the chain it sends.

    \b
    Examples:
      lab ca show afnic.js
      lab ca show afnic.intermediate --der > intermediate.der
    """
    _print(_perform(state, {"task": "show", "which": which}), form, as_json=as_json)


@ca.command()
@click.argument("operator")
@click.option("--name", "names", multiple=True, required=True, help="A dNSName; may be repeated.")
@click.option("--profile", type=click.Choice(_PROFILES), default="server", show_default=True)
@click.option("--key", type=click.Choice(_KEYS), default="p-256", show_default=True)
@click.option("--days", type=int, default=90, show_default=True, help="How long it is valid.")
@click.option("--self-signed", is_flag=True, help="Let the key sign for itself, without the CA.")
@_form
@state_option
@json_option
def issue(operator: str, state: Path, form: str | None, *, as_json: bool, **order: Any) -> None:  # noqa: ANN401 click's values
    """Make a key and let OPERATOR certify it; the file with both has mode 0600.

    \b
    Examples:
      lab ca issue tsp --name gateway.telecom-sudparis.eu --profile client --key ed25519
      lab ca issue afnic --name js.afnic.fr --self-signed --days 365
    """
    request = {"task": "issue", "operator": operator, **order, "names": list(order["names"])}
    _print(_perform(state, request), form, as_json=as_json)


@ca.command()
@click.argument("which")
@click.option("--new-key", is_flag=True, help="Exchange the key, too.")
@click.option("--key", type=click.Choice(_KEYS), default="p-256", show_default=True)
@_form
@state_option
@json_option
def renew(which: str, state: Path, form: str | None, *, as_json: bool, **order: Any) -> None:  # noqa: ANN401 click's values
    """Renew the certificate WHICH: same names, same key, so a TLSA record "3 1 1" still fits.

    To renew OPERATOR.root is to give it a new key; cross-certificates lead from either root to the
    other (RFC 4210 section 4.4). A running lab refuses what would make its TLSA records wrong.

    \b
    Examples:
      lab ca renew tsp.ns
      lab ca renew tsp.root
    """
    _print(_perform(state, {"task": "renew", "which": which, **order}), form, as_json=as_json)


@ca.command()
@click.argument("which")
@click.option("--reason", type=click.Choice(_REASONS), default="unspecified", show_default=True)
@state_option
@json_option
def revoke(which: str, state: Path, reason: str, *, as_json: bool) -> None:
    """Revoke the certificate WHICH, for good; `lab ca crl` tells the others.

    \b
    Example:
      lab ca revoke tsp.ns --reason keyCompromise
    """
    answer = _perform(state, {"task": "revoke", "which": which, "reason": reason})
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    click.echo(f"{answer['label']} (serial number {answer['serial']}) is revoked: {reason}")
    click.echo(f"next: lab ca crl {answer['operator']}, and withdraw its TLSA records")


@ca.command()
@click.argument("operator")
@click.option("--of", type=click.Choice(["intermediate", "root"]), default="intermediate")
@_form
@_der
@state_option
@json_option
def crl(operator: str, state: Path, of: str, form: str | None, *, as_json: bool) -> None:
    """Make the next CRL of OPERATOR and print it (RFC 5280 section 5); PEM unless told otherwise.

    \b
    Examples:
      lab ca crl tsp > tsp.crl.pem
      lab ca crl tsp --of root --der > root.crl
    """
    answer = _perform(state, {"task": "crl", "operator": operator, "of": of})
    _print(answer, form or "pem", as_json=as_json)


@ca.command()
@click.argument("operator", required=False)
@_form
@_der
@state_option
@json_option
def export(operator: str | None, state: Path, form: str | None, *, as_json: bool) -> None:
    """Print the root of OPERATOR, or all roots: what a trust store holds.

    \b
    Examples:
      lab ca export tsp > tsp-root.pem
      lab ca show tsp.ns --pem | openssl verify -CAfile tsp-root.pem -untrusted /dev/stdin
    """
    answer = _perform(state, {"task": "export", "operator": operator})
    _print(answer, form or "pem", as_json=as_json)


@ca.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--account", default="me", show_default=True, help="Who asks; the proof is its own.")
@click.option("--common-name", help="Ask for a common name, too.")
@click.option("--explain", is_flag=True, help="Show every single check.")
@state_option
@json_option
def order(names: tuple[str, ...], state: Path, *, as_json: bool, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Ask the lab's public CA whether it would issue for NAMES, and why not; nothing is issued.

    It wants what CAs of the web want: at most ten labels and no underscore, a TXT record at
    _acme-challenge (RFC 8555), and a CAA RRset that lets it (RFC 8659), looked up by DNSSEC.

    \b
    Examples:
      lab ca order js.afnic.fr
      lab ca order f.0.d.0.c.0.b.0.a.0.9.0.8.0.7.0.joineuis.lora-alliance.org
    """
    with one_sentence():
        from lab.app.asking import ask
        from lab.app.state import StateFolder

        request = {
            "do": "order",
            "names": names,
            "account": chosen["account"],
            "common_name": chosen["common_name"],
        }
        (answer,) = ask(StateFolder(state), request)
    from lab.core.checks import Outcome
    from lab.present.json import report_from_json

    report = report_from_json(answer["report"])
    if as_json:
        click.echo(json.dumps(answer["report"], indent=2))
    else:
        from rich.console import Console

        from lab.present.text import render
        from lab.present.tree import Detail

        detail = Detail.EVERYTHING if chosen["explain"] else Detail.OUTLINE
        Console().print(render(report, detail=detail))
    sys.exit(SURPRISE if report.outcome is Outcome.FAILED else 0)


def _perform(state: Path, request: dict[str, Any]) -> dict[str, Any]:
    with one_sentence():
        from lab.app.ca import perform
        from lab.app.state import StateFolder

        return perform(StateFolder(state), request)


def _print(answer: dict[str, Any], form: str | None, *, as_json: bool) -> None:
    from lab.present.authorities import first_der, render_certificate

    if as_json:
        click.echo(json.dumps(answer, indent=2))
    elif form == "pem":
        click.echo(answer["pem"], nl=False)
    elif form == "der":
        click.echo(first_der(answer["pem"]), nl=False)
    else:
        click.echo(render_certificate(answer), nl=False)

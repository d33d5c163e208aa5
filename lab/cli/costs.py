"""`lab lorawan costs`: what a certificate, and what is smaller, costs on air."""

import json
from pathlib import Path

import click

from lab.cli.frame import json_option, one_sentence
from lab.cli.lorawan import lorawan

_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@lorawan.command()
@click.argument("certificate", type=_READABLE, required=False, metavar="[CERTIFICATE.pem]")
@json_option
def costs(certificate: Path | None, *, as_json: bool) -> None:
    """Show what it costs a device to prove who it is: frames, airtime, duty cycle.

    For CERTIFICATE and what can be sent in its place, else for usual sizes. What does not fit into
    a frame goes in fragments of SCHC (RFC 9011); nothing is lost. Needs no running lab.

    \b
    Examples:
      lab lorawan costs
      lab lorawan costs device.pem --json
    """
    with one_sentence():
        from lab.app.certificates import read_chain
        from lab.lorawan.constrained import PROOFS
        from lab.present.costs import cost_table, cost_values, proofs_of

        values = cost_values(proofs_of(read_chain(certificate)[0]) if certificate else PROOFS)
        if as_json:
            click.echo(json.dumps(values, indent=2))
            return
        from rich.console import Console

        Console().print(cost_table(values))

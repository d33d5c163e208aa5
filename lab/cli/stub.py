"""`lab stub`: a validating resolver on loopback, beside a running lab or without one."""

import json
from typing import Any

import click

from lab.cli.frame import json_option, main, one_sentence, origin_of, origin_options, state_option


@main.command()
@click.option(
    "--listen",
    required=True,
    metavar="ADDR[:PORT]",
    help="Where, within 127.0.0.0/8. [default port: 53]",
)
@origin_options
@state_option
@json_option
def stub(listen: str, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Be a validating resolver for programs on this machine; Ctrl-C stops it.

    \b
    Examples:
      lab stub --listen 127.0.0.1:5353                  for the running lab
      lab stub --listen 127.0.0.53 --internet           for the Internet
      dig @127.0.0.1 -p 5353 www.example.fr +dnssec
    """
    with one_sentence():
        from lab.app.forwarder import parse_loopback, serve
        from lab.app.reactor import run

        origin, where = origin_of(chosen), parse_loopback(listen)
        origin.plan()
        as_json = chosen["as_json"]

        def tell(address: str, port: int) -> None:
            document = {"resolver": {"address": address, "port": port}}
            words = f"A validating resolver listens on {address} port {port}; Ctrl-C stops it."
            click.echo(json.dumps(document) if as_json else words)

        run(serve(origin.plan, where, tell))

"""`lab stub`, `lab flush`: a validating resolver on loopback, and how to make it forget."""

import json
from pathlib import Path
from typing import Any

import click

from lab.cli.frame import json_option, main, one_sentence, origin_of, origin_options, state_option
from lab.cli.options import caching, no_cache_option


@main.command()
@click.option(
    "--listen",
    required=True,
    metavar="ADDR[:PORT]",
    help="Where, within 127.0.0.0/8. [default port: 53]",
)
@no_cache_option
@origin_options
@state_option
@json_option
def stub(listen: str, **chosen: Any) -> None:  # noqa: ANN401 click's values
    """Be a validating resolver for programs on this machine; Ctrl-C stops it.

    \b
    Examples:
      lab stub --listen 127.0.0.1:5353                  for the running lab
      lab stub --listen 127.0.0.53 --internet           for the Internet
      lab stub --listen 127.0.0.1:5353 --no-cache       the whole walk each time
      lab stub --listen 127.0.0.1:5353 --tls strict     over TLS where it is promised
      dig @127.0.0.1 -p 5353 www.example.fr +dnssec
    """
    with one_sentence():
        from lab.app.forwarder import serve
        from lab.app.reactor import run
        from lab.app.words import parse_loopback

        origin, where = origin_of(chosen), parse_loopback(listen)
        origin.plan()
        as_json = chosen["as_json"]

        def tell(address: str, port: int) -> None:
            document = {"resolver": {"address": address, "port": port}}
            words = f"A validating resolver listens on {address} port {port}; Ctrl-C stops it."
            click.echo(json.dumps(document) if as_json else words)

        run(serve(origin.plan, where, caching(chosen), tell))


@main.command()
@state_option
def flush(state: Path) -> None:
    """Let the resolver of `lab up --stub` forget what it has cached.

    Else a record, a key or a fault that was changed is seen when the TTL of the former one is over,
    as by any resolver; one that runs beside the lab (`lab stub`) is started again instead.

    \b
    Example:
      lab flush
    """
    with one_sentence():
        from lab.app.client import flush_cache
        from lab.app.place import Place

        forgotten = flush_cache(Place(state))
    click.echo(f"forgotten: {forgotten} answers")

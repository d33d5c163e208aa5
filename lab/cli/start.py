"""`lab up` and `lab reset`: a lab comes and goes."""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lab.cli.frame import (
    SURPRISE,
    json_option,
    keylog,
    keylog_option,
    main,
    one_sentence,
    state_option,
    zones_option,
)
from lab.cli.options import (
    answers,
    caching,
    cookie_policy,
    instant,
    log_files,
    no_cache_option,
    server_options,
)

if TYPE_CHECKING:
    from lab.app.server import Options


_NO_SECRETS = (
    "WARNING: keys made by --seed are NO SECRETS: whoever knows the text has them all. "
    "Keys that are there already stay as they are; `lab reset` removes them."
)


@main.command()
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
    "--gateway-port",
    type=click.IntRange(0, 65535),
    help="UDP port of LoRaWAN network servers. [default: 1700, or a free one if that is taken]",
)
@click.option(
    "--webhook",
    metavar="URL",
    help="Tell a program of each reading of a LoRaWAN device, by a POST of JSON to this URL.",
)
@click.option(
    "--mqtt",
    metavar="URL",
    help="Exchange readings and payloads for devices with this MQTT broker.",
)
@click.option(
    "--mqtt-ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Believe certificates of this authority (PEM), if the URL begins with mqtts:.",
)
@click.option(
    "--private",
    is_flag=True,
    help="Run with a shell in a network namespace of your own, where port 53 is free.",
)
@click.option("--inside", hidden=True, is_flag=True)
@click.option(
    "--stub",
    metavar="ADDR[:PORT]",
    help="Also be a validating resolver there. [default port: that of the nameservers]",
)
@no_cache_option
@click.option(
    "--faults",
    is_flag=True,
    help="Also serve the zones of faults.toml, each broken in one way: see `lab fault tree`.",
)
@click.option(
    "--client-id-code-point",
    type=click.IntRange(0, 65535),
    default=0xFF5D,
    show_default=True,
    metavar="N",
    help="Number of the TLS extension dane_clientid, for which none is assigned yet.",
)
@click.option(
    "--seed",
    metavar="TEXT",
    default="",
    help="Make new keys of this text: with --frozen-at, two labs answer alike. No secrets at all.",
)
@keylog_option
@click.option("--demo", is_flag=True, help="Stop after the self-check.")
@click.option("--quiet", is_flag=True, help="Do not log queries.")
@server_options
@state_option
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
      lab up --seed lesson-1 --frozen-at 2030-01-01T00:00:00Z --state /tmp/again
      lab up --stub 127.53.0.53  with a validating resolver for dig, browsers and this host
      lab up --mqtt mqtt://127.0.0.1:1883/home
      lab up --faults            with names to try a validator on, as rrsig-exp-a.faults.fr
    """
    started_at = time.time() - time.process_time()  # noqa: TID251 to tell how long the start took
    from lab.net.lean import import_without_tls

    import_without_tls()
    with one_sentence():
        from rich.console import Console

        from lab.app import private

        if chosen["private"]:
            given = [one for one in sys.argv[1:] if one != "--private"]
            private.enter([*given, "--inside"])
        if chosen["inside"]:
            private.raise_loopback()
        from lab.app.foreground import Showing, foreground
        from lab.app.reactor import run

        if chosen["seed"]:
            click.echo(_NO_SECRETS, err=True)
        showing = Showing(
            console=Console(),
            as_json=chosen["as_json"],
            quiet=chosen["quiet"],
            demo=chosen["demo"],
            shell=os.environ.get("SHELL", "/bin/sh") if chosen["inside"] else "",
            started_at=started_at,
            files=log_files(chosen),
        )
        good = run(foreground(_options(chosen), showing))
    sys.exit(SURPRISE if good is False else 0)


def _options(chosen: dict[str, Any]) -> "Options":
    from lab.app.folders import Extras, ZonesFolder, shipped
    from lab.app.server import Options
    from lab.app.state import StateFolder
    from lab.app.words import parse_loopback
    from lab.net.broker import Broker
    from lab.net.webhook import Webhook
    from lab.tls.handshake import Handshake

    stub, hook, broker = chosen["stub"], chosen["webhook"], chosen["mqtt"]
    extras = Extras.SPECIMENS if chosen["faults"] else Extras.NOTHING
    return Options(
        source=ZonesFolder(chosen["zones"] or shipped("zones"), chosen["tls_port"], extras),
        state=StateFolder(chosen["state"]),
        port=chosen["port"],
        dot_port=chosen["dot_port"],
        gateway_port=chosen["gateway_port"],
        webhook=None if hook is None else Webhook.from_text(hook),
        mqtt=None if broker is None else Broker.from_text(broker, chosen["mqtt_ca"]),
        cookies=cookie_policy(chosen),
        rrl=chosen["rrl"],
        workers=chosen["workers"],
        signers=chosen["signers"],
        answers=answers(chosen),
        frozen_at=instant(chosen["frozen_at"]),
        offset=chosen["clock_offset"],
        seed=chosen["seed"],
        resolver=None if stub is None else parse_loopback(stub, default_port=0),
        caching=caching(chosen),
        tls=Handshake(code_point=chosen["client_id_code_point"], keylog=keylog(chosen["keylog"])),
    )


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

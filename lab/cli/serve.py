"""`lab serve`: the nameserver alone."""

import json
import re
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lab.cli.frame import json_option, main, one_sentence, state_option
from lab.cli.options import (
    answers,
    cookie_policy,
    instant,
    log_files,
    server_options,
    zone_options,
    zone_settings,
)
from lab.core.errors import InputError

if TYPE_CHECKING:
    from lab.app.server import Options

MAX_PORT = 65535
_PLACE = re.compile(r"(?:(?P<four>[\d.]+)|\[(?P<six>[^]]+)\]):(?P<port>\d+)")


@main.command()
@click.option("--zone", "zones", multiple=True, required=True, metavar="NAME", help="A zone.")
@click.option(
    "--file",
    "files",
    multiple=True,
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="MASTERFILE",
    help="Its master file, without DNSSEC records; one for each --zone, in the same order.",
)
@click.option(
    "--listen",
    multiple=True,
    default=("127.0.0.1:5300",),
    show_default=True,
    metavar="ADDR:PORT",
    help="Where to serve all zones; may be repeated, with one port. IPv6: [::1]:5300.",
)
@zone_options
@click.option("--unsigned", is_flag=True, help="Serve the zones as they are, without DNSSEC.")
@server_options
@state_option
@json_option
def serve(**chosen: Any) -> None:  # noqa: ANN401 click's values, one for each option
    """Serve zones of your own, signed on the fly; Ctrl-C stops.

    No root, no operators, no parent: just a nameserver. When it is ready it prints the DS records
    for the parents. `lab status`, `lab dig` and `lab export` work while it runs.

    \b
    Examples:
      lab serve --zone example.com --file example.com.zone
      lab serve --zone example.com --file a.zone --zone example.net --file b.zone \\
                --listen 127.0.0.1:5300 --listen '[::1]:5300' --algorithm ED25519 --json
      lab serve --zone example.com --file example.com.zone --workers 4
      lab serve --zone example.com --file a.zone --set 'transfer={addresses=["127.0.0.1"]}'
    """
    from lab.net.lean import import_without_tls

    import_without_tls()
    with one_sentence():
        options = _options(chosen)

        from lab.app.reactor import run
        from lab.app.server import RunningServer
        from lab.app.service import described
        from lab.app.service import serve as service

        def ready(server: RunningServer) -> None:
            status = described(server)
            click.echo(json.dumps(status) if chosen["as_json"] else "\n".join(_lines(status)))
            sys.stdout.flush()

        run(service(options, log_files(chosen), ready))


def _options(chosen: dict[str, Any]) -> "Options":
    from lab.app.server import Options
    from lab.app.state import StateFolder
    from lab.app.zone_files import ZoneFiles, mnemonic

    if len(chosen["zones"]) != len(chosen["files"]):
        raise InputError("say one --file for each --zone, in the same order")
    addresses, port = listening(chosen["listen"])
    settings = zone_settings(chosen)
    if "algorithm" in settings:
        settings["algorithm"] = mnemonic(settings["algorithm"])
    settings["signed"] = not chosen["unsigned"]
    return Options(
        source=ZoneFiles(
            tuple(zip(chosen["zones"], chosen["files"], strict=True)), addresses, settings
        ),
        state=StateFolder(chosen["state"]),
        port=port,
        cookies=cookie_policy(chosen),
        rrl=chosen["rrl"],
        workers=chosen["workers"],
        signers=chosen["signers"],
        answers=answers(chosen),
        frozen_at=instant(chosen["frozen_at"]),
        offset=chosen["clock_offset"],
    )


def listening(places: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    """Return the addresses and the one port that `--listen` options name.

    Raises:
        InputError: one of them is no ADDR:PORT, or they differ in the port.
    """
    pairs = [_address_and_port(place) for place in places]
    ports = {port for _, port in pairs}
    if len(ports) != 1:
        raise InputError("expected the same port in every --listen")
    return tuple(dict.fromkeys(address for address, _ in pairs)), ports.pop()


def _address_and_port(place: str) -> tuple[str, int]:
    found = _PLACE.fullmatch(place)
    mistake = InputError(f"expected --listen as 127.0.0.1:5300 or [::1]:5300, not {place!r}")
    if found is None or int(found["port"]) > MAX_PORT:
        raise mistake
    try:
        address = IPv4Address(found["four"]) if found["four"] else IPv6Address(found["six"])
    except ValueError as error:
        raise mistake from error
    return str(address), int(found["port"])


def _lines(status: dict[str, Any]) -> Iterator[str]:
    for zone in status["zones"]:
        places = " and ".join(server["address"] for server in zone["nameservers"])
        how = f"{zone['algorithm']['mnemonic']}, {zone['denial']}" if zone["signed"] else "unsigned"
        yield f"{zone['name']} serial {zone['serial']}, {how}, at {places} port {status['port']}"
        for ds in zone["ds"]:
            yield f"{zone['name']} IN DS {ds}"
    yield "Ready; Ctrl-C stops."

"""`lab lorawan`: devices that join and send, and all that follows."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from lab.cli.frame import SURPRISE, json_option, main, one_sentence, state_option


@main.group()
def lorawan() -> None:
    """Let simulated LoRaWAN devices join and send in the running lab.

    Frames go through simulated gateways over UDP to network servers, which find join servers by
    DNS and talk to them over TLS, authenticated by DANE.

    \b
    Examples:
      lab lorawan devices
      lab lorawan join weather
      lab lorawan send weather 00d7
      lab lorawan frames
    """


def _ask(state: Path, request: dict[str, Any]) -> dict[str, Any]:
    from lab.app.asking import ask
    from lab.app.place import Place

    told: dict[str, Any] = {}
    for event in ask(Place(state), request):
        told.update(event)
    return told


@lorawan.command()
@state_option
@json_option
def devices(state: Path, *, as_json: bool) -> None:
    """List devices, their sessions and their last readings.

    \b
    Example: lab lorawan devices --json
    """
    with one_sentence():
        known = _ask(state, {"do": "lorawan-devices"})["devices"]
        if as_json:
            click.echo(json.dumps(known, indent=2))
            return
        for one in known:
            click.echo(_device(one))


def _device(one: dict[str, Any]) -> str:
    session = one["session"]
    joined = f"DevAddr {session['dev_addr']}, {session['f_cnt_up']} up" if session else "not joined"
    joined += ", activated by hand" if one["activation"] == "abp" else ""
    reading = one["reading"]
    said = f", last said {reading['payload']} on port {reading['port']}" if reading else ""
    who = f"{one['name']} ({one['dev_eui']}, LoRaWAN {one['version']})"
    where = f"home {one['home']}, join server of {one['join_eui']}"
    known = f"; in the DNS as {one['identity']}" if one["identity"] else ""
    return f"{who}: {where}; {joined}{said}{known}"


@lorawan.command()
@state_option
@json_option
def gateways(state: Path, *, as_json: bool) -> None:
    """List gateways and their network servers.

    Any packet forwarder that speaks Semtech's UDP protocol can attach to the same ports.

    \b
    Example: lab lorawan gateways
    """
    with one_sentence():
        known = _ask(state, {"do": "lorawan-gateways"})["gateways"]
        if as_json:
            click.echo(json.dumps(known, indent=2))
            return
        for one in known:
            where = f"{one['server']} at {one['address']} port {one['port']}"
            click.echo(f"{one['name']} ({one['eui']}): {where}{_dropped(one)}")


def _dropped(one: dict[str, Any]) -> str:
    """Return how many requests to join were too many; nothing if none was."""
    own, strangers = one["joins_dropped"], one["strangers_joins_dropped"]
    told = f"; {own} requests to join dropped" if own else ""
    others = "requests to join by gateways that are not in lorawan.toml dropped"
    return told + (f"; {strangers} {others}" if strangers else "")


@lorawan.command()
@click.option("--since", default=0, show_default=True, help="Only what came after this number.")
@state_option
@json_option
def frames(since: int, state: Path, *, as_json: bool) -> None:
    """List what happened, with every frame decoded.

    \b
    Example: lab lorawan frames --since 42
    """
    with one_sentence():
        events = _ask(state, {"do": "lorawan-frames", "since": since})["events"]
        if as_json:
            click.echo(json.dumps(events, indent=2))
            return
        for one in events:
            click.echo(_event(one))


def _event(one: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(one["at_ms"] / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
    alone = one["source"] == one["target"]
    who = one["source"] if alone else f"{one['source']} → {one['target']}"
    refused = f"✗ {one['refusal']}" if one["refusal"] else ""
    said = ": ".join(filter(None, (one["label"], one["detail"], refused)))
    lines = [f"{one['number']:>4} {at} {who}: {said}"]
    if "frame" in one:
        shown = "  ".join(f"{name} {value}" for name, value in one["frame"].items())
        lines.append(f"{'':>18}{shown}")
    return "\n".join(lines)


@lorawan.command()
@click.argument("device")
@state_option
@json_option
def join(device: str, state: Path, *, as_json: bool) -> None:
    """Let DEVICE (a name or a DevEUI) ask to join, and show all that followed.

    The exit code tells whether it was let in.

    \b
    Example: lab lorawan join weather
    """
    with one_sentence():
        told = _ask(state, {"do": "lorawan-join", "device": device})
        _show(told, "let in" if told["joined"] else "not let in", as_json=as_json)
    sys.exit(0 if told["joined"] else SURPRISE)


@lorawan.command()
@click.argument("device")
@click.option("--type", "kind", default=0, show_default=True, help="0, 1 or 2.")
@state_option
@json_option
def rejoin(device: str, kind: int, state: Path, *, as_json: bool) -> None:
    """Let DEVICE, which has a session of LoRaWAN 1.1, ask for another one with new keys.

    Type 0 asks the home network, type 1 finds its way by the JoinEUI as a join does, type 2 renews
    keys alone. The old session works until the new one is used.

    \b
    Example: lab lorawan rejoin lamp --type 2
    """
    with one_sentence():
        told = _ask(state, {"do": "lorawan-rejoin", "device": device, "type": kind})
        _show(told, "let in" if told["joined"] else "not let in", as_json=as_json)
    sys.exit(0 if told["joined"] else SURPRISE)


@lorawan.command()
@click.argument("device")
@click.argument("payload")
@click.option("--port", default=1, show_default=True, help="FPort, 1 to 223.")
@click.option("--confirmed", is_flag=True, help="Ask for an acknowledgement.")
@state_option
@json_option
def send(device: str, payload: str, state: Path, *, as_json: bool, **how: Any) -> None:  # noqa: ANN401 click's values
    """Let DEVICE send PAYLOAD (hexadecimal), and show all that followed.

    The exit code tells whether its application server read it.

    \b
    Example: lab lorawan send weather 00d7 --confirmed
    """
    with one_sentence():
        request = {"do": "lorawan-send", "device": device, "payload": payload, **how}
        told = _ask(state, request)
        reading = told["reading"]
        said = f"{reading['server']} read {reading['payload']}" if reading else "nobody read it"
        _show(told, said, as_json=as_json)
    sys.exit(0 if reading else SURPRISE)


@lorawan.command()
@click.argument("device")
@click.argument("payload")
@click.option("--port", default=1, show_default=True, help="FPort, 1 to 223.")
@click.option("--confirmed", is_flag=True, help="Ask the device for an acknowledgement.")
@state_option
def queue(device: str, payload: str, state: Path, **how: Any) -> None:  # noqa: ANN401 click's values
    """Leave PAYLOAD (hexadecimal) for DEVICE at its application server.

    It is sent in the window after the next uplink, the only time when the device listens.

    \b
    Example: lab lorawan queue weather 01
    """
    with one_sentence():
        told = _ask(state, {"do": "lorawan-queue", "device": device, "payload": payload, **how})
        click.echo(f"waits for the next uplink of {told['waits']}")


@lorawan.command()
@state_option
@json_option
def mqtt(state: Path, *, as_json: bool) -> None:
    """Show how it goes with the broker of `lab up --mqtt`.

    \b
    Example: lab lorawan mqtt
    """
    with one_sentence():
        told = _ask(state, {"do": "lorawan-mqtt"})["mqtt"]
        if as_json:
            click.echo(json.dumps(told, indent=2))
            return
        counts = ", ".join(
            f"{told[one]} {one}" for one in ("sent", "waiting", "dropped", "refused")
        )
        click.echo(f"{told['broker']} is {told['state']}: {counts}")


def _show(told: dict[str, Any], conclusion: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    from lab.present.json import report_from_json, sequence_from_json
    from lab.present.sequence import to_text
    from lab.present.text import render

    click.echo(to_text(sequence_from_json(told["sequence"])))
    for server, report in told["reports"].items():
        failed = report_from_json(report)
        if failed.first_failure() is not None:
            from rich.console import Console

            Console().print(server)
            Console().print(render(failed))
    downlink = told["downlink"]
    if downlink is not None:
        click.echo(f"the device heard {downlink['payload'] or 'no payload'}")
    click.echo(conclusion)

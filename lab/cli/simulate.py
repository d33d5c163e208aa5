"""`lab lorawan simulate`: many devices that join and send."""

import json
import signal
import sys
from pathlib import Path
from typing import Any

import click

from lab.cli.frame import SURPRISE, json_option, one_sentence, state_option
from lab.cli.lorawan import lorawan

_NO_END = "\r\033[K"


@lorawan.command()
@click.option("--devices", default=100, show_default=True, help="How many.")
@click.option("--for", "lasting", default="60s", show_default=True, help="How long, e.g. 2min.")
@click.option(
    "--every", default="10s", show_default=True, help="How long a device waits between uplinks."
)
@click.option("--seed", default="", help="Make the same root keys again.  [default: new ones]")
@state_option
@json_option
def simulate(state: Path, *, as_json: bool, **wanted: Any) -> None:  # noqa: ANN401 click's values
    """Let many simulated devices join and send in the running lab, and take the times.

    They are like those of lorawan.toml: of both operators, at home or roaming, each with keys of
    its own. They join during the first half of the time, before any uplink if the machine is slow;
    those for which there is no time are counted. Nothing of them is kept. Ctrl-C ends it early.
    The exit code tells whether anything failed.

    \b
    Examples:
      lab lorawan simulate --devices 1000 --for 60s
      lab lorawan simulate --devices 20 --for 5s --every 1s --json
    """
    from lab.app.asking import ask
    from lab.app.place import Place

    folder = Place(state)

    def stop(*_: object) -> None:
        with one_sentence():
            tuple(ask(folder, {"do": "lorawan-simulate-stop"}))

    before = signal.signal(signal.SIGINT, stop)
    told: dict[str, Any] = {}
    try:
        with one_sentence():
            for event in ask(folder, {"do": "lorawan-simulate", **wanted}):
                if "progress" in event:
                    _progress(event["progress"])
                else:
                    told = event
    finally:
        signal.signal(signal.SIGINT, before)
        if sys.stderr.isatty():
            click.echo(_NO_END, nl=False, err=True)
    click.echo(json.dumps(told, indent=2) if as_json else _result(told))
    sys.exit(SURPRISE if told["failures"] else 0)


def _progress(told: dict[str, Any]) -> None:
    joins, uplinks, failed = told["joins"], told["uplinks"], sum(told["failures"].values())
    line = (
        f"{told['elapsed_s']:.0f} s: {joins['count']} joined ({joins['per_second']}/s), "
        f"{uplinks['count']} uplinks ({uplinks['per_second']}/s), {failed} failed"
    )
    at_terminal = sys.stderr.isatty()
    click.echo(f"{_NO_END}{line}" if at_terminal else line, nl=not at_terminal, err=True)


def _result(told: dict[str, Any]) -> str:
    lines = [f"{told['devices']} devices in {told['elapsed_s']} s"]
    for name in ("joins", "uplinks"):
        one = told[name]
        times = f", p50 {one['p50_ms']} ms, p99 {one['p99_ms']} ms" if one["count"] else ""
        lines.append(f"{name}: {one['count']}, {one['per_second']} a second{times}")
    if told["without_turn"]:
        lines.append(
            f"not joined: {told['without_turn']}, for which there was no time: this machine lets "
            f"{told['joins']['per_second']} join a second"
        )
    failures = (f"{count} x {reason}" for reason, count in told["failures"].items())
    return "\n".join((*lines, f"failures: {'; '.join(failures) or 'none'}"))

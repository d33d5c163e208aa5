"""`lab clock`: the time of the running lab, and journeys in it."""

import json
from pathlib import Path
from typing import Any

import click

from lab.cli.frame import json_option, main, one_sentence, state_option
from lab.cli.options import instant
from lab.core.errors import InputError


@main.group(invoke_without_command=True)
@click.pass_context
def clock(context: click.Context) -> None:
    """Show and move the one clock of the running lab.

    Servers, the stub, keys and certificates all go by it. Whatever falls due on the way is done at
    its own time: keys roll, signatures are made anew. The trace says what happened when.

    \b
    Examples:
      lab clock                            the lab's time, and how far it is from the real one
      lab clock advance 30d
      lab clock set 2027-01-01T00:00:00Z
      lab clock reset                      to the real time
      lab clock freeze                     until `lab clock go`
    """
    if context.invoked_subcommand is None:
        # `invoke` alone would not read LAB_STATE.
        with show.make_context("show", [], parent=context) as own:
            show.invoke(own)


@clock.command()
@state_option
@json_option
def show(state: Path, *, as_json: bool) -> None:
    """Show the lab's time, and how far it is from the real one.

    \b
    Example:
      lab clock show --json
    """
    _ask({}, state, as_json=as_json)


@clock.command()
@click.argument("span")
@state_option
@json_option
def advance(span: str, state: Path, *, as_json: bool) -> None:
    """Move the clock forward by SPAN, and tell what happened through it.

    \b
    Examples:
      lab clock advance 90min
      lab clock advance 30d --json | jq '.journey.moments[] | select(.change == "key")'
    """
    with one_sentence():
        request = {"change": "advance", "seconds": _seconds(span)}
    _ask(request, state, as_json=as_json)


@clock.command()
@click.argument("span")
@state_option
@json_option
def back(span: str, state: Path, *, as_json: bool) -> None:
    """Move the clock back by SPAN; keys and zones stay as they are.

    \b
    Example:
      lab clock back 2h
    """
    with one_sentence():
        request = {"change": "advance", "seconds": -_seconds(span)}
    _ask(request, state, as_json=as_json)


@clock.command("set")
@click.argument("moment")
@state_option
@json_option
def set_clock(moment: str, state: Path, *, as_json: bool) -> None:
    """Move the clock to MOMENT: ISO 8601, UTC unless it says otherwise.

    \b
    Example:
      lab clock set 2027-01-01T00:00:00Z
    """
    with one_sentence():
        request = {"change": "set", "to": instant(moment)}
    _ask(request, state, as_json=as_json)


@clock.command()
@state_option
@json_option
def reset(state: Path, *, as_json: bool) -> None:
    """Move the clock to the real time and let it go.

    \b
    Example:
      lab clock reset
    """
    _ask({"change": "reset"}, state, as_json=as_json)


@clock.command()
@state_option
@json_option
def freeze(state: Path, *, as_json: bool) -> None:
    """Let time stand still.

    \b
    Example:
      lab clock freeze
    """
    _ask({"change": "freeze"}, state, as_json=as_json)


@clock.command()
@state_option
@json_option
def go(state: Path, *, as_json: bool) -> None:
    """Let time go on from where it stands.

    \b
    Example:
      lab clock go
    """
    _ask({"change": "go"}, state, as_json=as_json)


def _seconds(text: str) -> int:
    """Return the length of a span.

    Raises:
        InputError: it is none, or not a positive one.
    """
    from lab.core.parameters import KINDS, Seconds

    seconds = KINDS[Seconds].convert(text)
    if not isinstance(seconds, int) or seconds <= 0:
        raise InputError(f"expected a span such as 90min, 2h or 15d, not {text!r}")
    return seconds


def _ask(request: dict[str, Any], state: Path, *, as_json: bool) -> None:
    with one_sentence():
        from rich.console import Console

        from lab.app.asking import ask
        from lab.app.place import Place
        from lab.present.clock import sentence
        from lab.present.json import report_from_json
        from lab.present.text import render_tree

        for event in ask(Place(state), {"do": "clock", **request}):
            if as_json:
                event.pop("report", None)  # Only a journey has one.
                click.echo(json.dumps(event, indent=2))
                continue
            click.echo(sentence(**event["clock"]))
            if "report" in event:
                Console().print(render_tree(report_from_json(event["report"])))

"""The keys of a zone as a table in the terminal."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

_STYLES = {
    "hidden": "dim",
    "rumoured": "yellow",
    "omnipresent": "green",
    "unretentive": "magenta",
}


def render_keys(zones: list[dict[str, Any]]) -> Group:
    """Return what `lab keys` shows of *zones*, as `app.keyreport` describes them."""
    return Group(*(part for zone in zones for part in _parts(zone)))


def _parts(zone: dict[str, Any]) -> Iterator[RenderableType]:
    table = Table(title=f"{zone['zone']} at {_time(zone['now'])}", title_justify="left")
    for title in ("key", "record", "state", "since"):
        table.add_column(title)
    for key in zone["keys"]:
        name = f"[bold]{key['id']}[/] {key['goal']}"
        notes = (name, f"tag {key['tag']}", key["algorithm"], "")
        for note, (record, state) in zip(notes, key["records"].items(), strict=False):
            style = _STYLES[state["state"]]
            table.add_row(note, record, f"[{style}]{state['state']}[/]", _time(state["since"]))
        table.add_section()
    yield table
    yield f"  waits for: {zone['why']}"
    if zone["next_event"] is not None:
        yield f"  next event: {_time(zone['next_event'])}"
    if zone["parent"] is not None:
        yield f"  the parent: {zone['parent']}"
    for problem in zone["problems"]:
        yield f"  [bold red]broken for some resolvers:[/] {problem}"


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")

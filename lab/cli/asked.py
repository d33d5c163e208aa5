"""Let the running lab walk, and print what it tells: `lab validate` without a library."""

import os
import sys
from contextlib import suppress
from typing import Any

from lab.app.asking import NotRunningError, ask
from lab.app.place import Place

# What a terminal that shows colours is known by.
_LOOKS = ("COLORTERM", "FORCE_COLOR", "NO_COLOR", "TERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
_USUAL_WIDTH = 80


def ask_the_lab(place: Place, question: tuple[str, str, str], *, as_json: bool) -> str:
    """Print what the lab at *place* tells, and return the verdict.

    Args:
        place: of the running lab.
        question: name, type, and how deep to tell of it.
        as_json: for programs.

    Raises:
        LabError: there is no lab, or this is no question.
    """
    asked = dict(zip(("name", "type", "depth"), question, strict=True))
    request = {"do": "validate", **asked, "json": as_json, "terminal": _terminal()}
    for event in ask(place, request):
        sys.stdout.write(event["told"])
        status: str = event["status"]
        return status
    raise NotRunningError(f"the lab in {place.path} did not answer")


def _terminal() -> dict[str, Any]:
    """Return what the lab has to know to write for this terminal, or this file."""
    environ = {name: os.environ[name] for name in _LOOKS if name in os.environ}
    about = {"encoding": sys.stdout.encoding, "is_terminal": sys.stdout.isatty()}
    return {**about, "width": _width(), "environ": environ}


def _width() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit():
        return int(columns)
    for descriptor in range(3):
        with suppress(OSError):
            return os.get_terminal_size(descriptor).columns
    return _USUAL_WIDTH

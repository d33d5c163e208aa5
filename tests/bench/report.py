"""Write down what was found: Markdown to read, JSON for programs."""

import platform
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lab.tls.loader import load
from tests.bench import commands, inside, signing, validators
from tests.bench.figures import Findings
from tests.bench.goals import GOALS, Outcome
from tests.bench.measuring import cpu_us, per_second
from tests.bench.processes import CORES

_LIBRARIES = ("cryptography", "dnspython", "Twisted")
# Program, and what makes it tell its version.
_PROGRAMS = {
    "knotd": "--version",
    "pdns_server": "--version",
    "named": "-v",
    "nsd": "-v",
    "dnsperf": "-h",
    "delv": "-v",
    "drill": "-v",
    "unbound-host": "-h",
}
_VERSION = re.compile(r"(?:version |Version |BIND |delv |, |Server )v?(\d+\.\d+[\w.]*)")


@dataclass(frozen=True, slots=True)
class Table:
    """Say what stands in a table: a line for each who has any of its figures.

    Attributes:
        title: above it.
        columns: what is measured, with its heading.
    """

    title: str
    columns: tuple[tuple[str, str], ...]


def _inside(title: str) -> Table:
    columns = (per_second(title), "a second"), (cpu_us(title), "CPU us")
    return Table(title[0].upper() + title[1:], columns)


TABLES = (
    Table(
        "Servers: CPU time an answer, in microseconds, and answers a second as dnsperf saw them",
        (
            ("hot us", "hot"),
            ("mix us", "mix"),
            ("nx us", "nx"),
            ("first us", "asked first"),
            ("hot per second", "hot/s"),
            ("mix per second", "mix/s"),
            ("nx per second", "nx/s"),
            ("lost", "lost"),
        ),
    ),
    Table(
        "Servers: latency of one question at a time, start until the first signed answer, memory",
        (
            ("hot ms", "hot ms"),
            ("nx ms", "nx ms"),
            ("first start ms", "first start ms"),
            ("start ms", "start ms"),
            ("start CPU ms", "CPU ms"),
            ("MiB at start", "MiB at start"),
            ("MiB after", "MiB after"),
            ("crowd", "absent names"),
            ("MiB after crowd", "MiB after them"),
        ),
    ),
    Table(
        "Servers: a sample of 50 answers and 50 denials",
        (("RRSIGs", "RRSIGs"), ("RRSIGs nx", "RRSIGs of a denial"), ("wrong", "wrong")),
    ),
    Table(
        "Signing on one core",
        (
            (signing.EACH, signing.EACH),
            (signing.READY, signing.READY),
            ("signatures", "signatures"),
            ("s", "seconds"),
        ),
    ),
    *map(_inside, validators.TITLES),
    Table(
        "Programs: from Enter to the end, or until the lab is ready",
        (
            (commands.WALL, "ms"),
            (commands.CPU, "CPU ms"),
            (commands.FIRST, "ms the first time, with new keys"),
        ),
    ),
    *map(_inside, inside.TITLES),
)


def machine() -> dict[str, str]:
    """Return what the figures depend on; nothing by which this machine could be told."""
    return {
        "machine": f"{platform.machine()}, {_processor()}, {len(CORES)} cores",
        "kernel": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": platform.python_version(),
        "libssl": load().version,
        "libssl of ssl": ssl.OPENSSL_VERSION,
        **{name: version(name) for name in _LIBRARIES},
        **{name: found for name, option in _PROGRAMS.items() if (found := _version(name, option))},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return "unknown processor"


def _version(program: str, option: str) -> str:
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if path is None:
        return ""
    said = subprocess.run([path, option], capture_output=True, text=True, check=False)
    found = _VERSION.search(said.stdout + said.stderr)
    return found[1] if found else "unknown"


def to_json(found: Findings, how: str) -> dict[str, Any]:
    """Return all of it for programs."""
    goals = [
        {
            "number": one.number,
            "text": one.text,
            "bound": one.bound.value,
            "aim": one.aim,
            "value": one.value(found),
            "outcome": one.outcome(found).value,
        }
        for one in GOALS
    ]
    return {
        "machine": machine(),
        "how": how,
        "goals": goals,
        "figures": found.figures,
        "skipped": found.skipped,
    }


def to_markdown(found: Findings, how: str) -> str:
    """Return all of it for readers; *how* says how it was measured."""
    parts = [
        "# Figures",
        f"`make bench` writes this page: {how}",
        "\n".join(f"- {what}: {value}" for what, value in machine().items()),
        "## Goals",
        _goals(found),
    ]
    if any("hot us" in one for one in found.figures.values()):
        parts += ["## Answers for each second of CPU time", "![bars](results.svg)"]
    for table in TABLES:
        if lines := _lines(table, found):
            head = ["", *(heading for _, heading in table.columns)]
            parts += [f"## {table.title}", _rows(head, lines)]
    if found.skipped:
        parts += ["## Not measured"]
        parts += ["\n".join(f"- {who}: {reason}" for who, reason in found.skipped.items())]
    return "\n\n".join(parts) + "\n"


def _goals(found: Findings) -> str:
    lines = []
    for one in GOALS:
        outcome, value = one.outcome(found), one.value(found)
        shown = f"**{outcome.value}**" if outcome is Outcome.MISSED else outcome.value
        aim = f"{one.bound.value} {one.aim:g}"
        lines.append([one.number, one.text, aim, number(value), shown])
    return _rows(["", "what", "goal", "reached", ""], lines)


def _lines(table: Table, found: Findings) -> list[list[str]]:
    measured = [what for what, _ in table.columns]
    return [
        [who, *(number(has.get(what)) for what in measured)]
        for who, has in found.figures.items()
        if any(what in has for what in measured)
    ]


def number(value: float | None) -> str:
    """Return *value* with three digits that tell something; a dash if there is none."""
    if value is None:
        return "-"
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def _rows(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---" if not heading or heading == "what" else "---:" for heading in head]
    return "\n".join(f"| {' | '.join(one)} |" for one in (head, rule, *lines))

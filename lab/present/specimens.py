"""The zones that are broken on purpose as a table: for a terminal, for a program, for reading."""

from collections.abc import Iterator
from typing import Any

from dns.rdatatype import RdataType

from lab.world.specimens import Specimen, SpecimenTree

_INTRODUCTION = """\
# Names that are broken on purpose

Generated from [faults.toml](faults.toml) by `make reference`; do not edit. `lab up --faults` serves
them; any validator can be tried on them with `dig`:

    lab up --faults --stub 127.53.0.53
    dig @127.53.0.53 rrsig-exp-a.faults.fr

Most names are those of extended-dns-errors.com, so that both can be compared. The last columns are
what our validator and Unbound 1.17 tell their clients: the verdict, and the Extended DNS Errors
(RFC 8914) with it. A test asks both. Where they differ, the reason for ours stands below.
"""


def rows(tree: SpecimenTree) -> Iterator[dict[str, Any]]:
    """Iterate over the specimens as JSON values."""
    for one in tree.specimens:
        yield {
            "ask": f"{one.qname} {RdataType.to_text(one.rdtype)}",
            "title": one.title,
            "faults": [str(fault) for fault in one.faults],
            "status": one.expected.status.value,
            "ede": [int(code) for code in one.expected.ede],
        }


def table(tree: SpecimenTree) -> str:
    """Return one line for each specimen: what to ask for, what is told, what is wrong."""
    lines = [(row["ask"], str(one.expected), row["title"]) for row, one in _paired(tree)]
    widths = [max(len(line[column]) for line in lines) for column in (0, 1)]
    return "\n".join(
        f"{ask:{widths[0]}}  {told:{widths[1]}}  {title}" for ask, told, title in lines
    )


def _paired(tree: SpecimenTree) -> Iterator[tuple[dict[str, Any], Specimen]]:
    return zip(rows(tree), tree.specimens, strict=True)


def document(tree: SpecimenTree) -> str:
    """Return the same as Markdown, with the reasons where Unbound tells something else."""
    lines = ["| ask for | what is wrong | ours | Unbound |", "| --- | --- | --- | --- |"]
    for row, one in _paired(tree):
        other = "the same" if one.unbound == one.expected else str(one.unbound)
        lines.append(f"| `{row['ask']}` | {one.title} | {one.expected} | {other} |")
    reasons: dict[str, list[str]] = {}
    for one in tree.specimens:
        if one.why:
            reasons.setdefault(one.why, []).append(f"`{one.name}`")
    argued = "\n".join(f"- {', '.join(names)}: {why}." for why, names in reasons.items())
    whole = "\n".join(lines)
    return f"{_INTRODUCTION}\n{whole}\n\n## Where we differ from Unbound, and why\n\n{argued}\n"

"""The zones that are broken on purpose as a table: for a terminal, for a program, for reading."""

from collections.abc import Iterator
from typing import Any

from dns.rdatatype import RdataType

from lab.core.status import SecurityStatus
from lab.world.specimens import Specimen, SpecimenTree
from lab.world.verdicts import Verdicts, Who

UNKNOWN = SecurityStatus.INDETERMINATE
_TITLES = {
    Who.UNBOUND: "Unbound",
    Who.DELV: "delv",
    Who.KRESD: "Knot Resolver",
    Who.PDNS: "PowerDNS",
}

_INTRODUCTION = """\
# Names that are broken on purpose

Generated from [faults.toml](faults.toml) and [verdicts.toml](verdicts.toml) by `make reference`; do
not edit. `lab up --faults` serves them; any validator can be tried on them with `dig`:

    lab up --faults --stub 127.53.0.53
    dig @127.53.0.53 rrsig-exp-a.faults.fr

Most names are those of extended-dns-errors.com, so that both can be compared. The last columns are
what validators tell their clients: the verdict, and the Extended DNS Errors (RFC 8914) with it: the
lab's own, Unbound 1.17, delv of BIND 9.18, Knot Resolver 5.6 and PowerDNS Recursor 4.8. A test asks
all of them. `=` is what ours says. delv, which lets Unbound fetch what it judges, knows no codes,
and is not asked what that cannot fetch. Where they differ, the text that decides stands below.
"""

_LEFT_OUT = """\
## What is not among them

- `allow-query-localhost` and `v4-loopback` of the public catalogue: here everybody asks, and
  is asked, on loopback.
- Nameservers at addresses of other networks (`v4-private-10`, `v4-doc`, `v6-nat64` and so on): a
  resolver would send its questions away from this machine. `lab fault inject glue-wrong` gives any
  address to one zone.
- What depends on luck: servers of a zone that disagree (`lab fault inject … server=`), and KeyTrap,
  which some find in time and some do not (the scenarios `broken-chain` and `attack-keytrap`).
- What is wrong with the asker: its clock (the scenario `wrong-clocks`), its trust anchor,
  its cache during a rollover.
- What only a handshake shows: the scenario `broken-certificates`.
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


def document(tree: SpecimenTree, verdicts: Verdicts) -> str:
    """Return the same as Markdown, with what others say, and the reasons where they differ."""
    names = " | ".join(_TITLES.values())
    lines = [f"| ask for | what is wrong | ours | {names} |", "| --- " * (3 + len(Who)) + "|"]
    for row, one in _paired(tree):
        others = " | ".join(_cell(who, one, verdicts) for who in _TITLES)
        lines.append(f"| `{row['ask']}` | {one.title} | {one.expected} | {others} |")
    reasons: dict[str, dict[Who, list[str]]] = {}
    for each in verdicts.differences:
        reasons.setdefault(each.why, {}).setdefault(each.who, []).extend(each.names)
    argued = "\n".join(f"- {why}. {_shown(by)}" for why, by in reasons.items())
    whole = "\n".join(lines)
    reasons_given = f"## Where others differ from us, and why\n\n{argued}\n"
    return f"{_INTRODUCTION}\n{whole}\n\n{reasons_given}\n{_LEFT_OUT}"


def _cell(who: Who, specimen: Specimen, verdicts: Verdicts) -> str:
    said = verdicts.of(who, specimen)
    if who is Who.DELV and verdicts.of(Who.UNBOUND, specimen).status is UNKNOWN:
        return ""
    return "=" if said == specimen.expected else str(said)


def _shown(names: dict[Who, list[str]]) -> str:
    """Return who says otherwise of which specimens, those together who do so of the same ones."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for who, own in names.items():
        alike.setdefault(tuple(own), []).append(_TITLES[who])
    return " ".join(
        f"{', '.join(titles)}: {', '.join(f'`{one}`' for one in own)}."
        for own, titles in alike.items()
    )

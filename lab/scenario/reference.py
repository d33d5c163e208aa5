"""Write `scenarios/REFERENCE.md` out of the registries: docstrings are the only manual."""

import re
import sys
from collections.abc import Collection, Iterable, Iterator
from inspect import cleandoc
from typing import TypeVar

from lab.attacks import ATTACKS, AttackKind
from lab.backend import network_rules
from lab.backend import rules as backend_rules
from lab.core.parameters import KINDS, Parameter, Seconds, parameters_of, span
from lab.core.rules import Rule
from lab.dane import rules as dane_rules
from lab.dnssec import cds_rules
from lab.dnssec import rules as dnssec_rules
from lab.faults import FAULTS, FaultKind
from lab.pki import issuance_rules
from lab.pki import rules as pki_rules
from lab.scenario import constrained_rules, trust_rules
from lab.scenario.ask import Ask
from lab.scenario.step import STEPS, Step
from lab.validator import rules as validator_rules

RULES_TO_NAME = (
    dnssec_rules,
    cds_rules,
    validator_rules,
    dane_rules,
    pki_rules,
    issuance_rules,
    trust_rules,
    backend_rules,
    network_rules,
    constrained_rules,
)

Wrong = TypeVar("Wrong", FaultKind, AttackKind)
"""Something that can be made wrong."""

_ATTRIBUTE = re.compile(r"^    (\w+): (.*(?:\n {6,}.*)*)", re.MULTILINE)

_INTRODUCTION = """\
# Reference of steps, faults and attacks

Generated from the docstrings by `make reference`; do not edit. How a scenario file is made is told
in [README.md](README.md).
"""


def render() -> str:
    """Return the whole reference as Markdown."""
    return "\n".join([_INTRODUCTION, *_steps(), *_faults(), *_attacks(), *_rules()])


def description(cls: type) -> str:
    """Return what the docstring of *cls* says before its attributes."""
    return cleandoc(cls.__doc__ or "").partition("\n\nAttributes:")[0].strip()


def meanings(cls: type) -> dict[str, str]:
    """Return what the docstrings of *cls* and of its bases say about each field."""
    found: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        attributes = cleandoc(one.__doc__ or "").partition("Attributes:")[2]
        for name, text in _ATTRIBUTE.findall(attributes):
            found[name] = " ".join(text.split())
    return found


def _steps() -> Iterator[str]:
    yield "## Steps\n\nEvery step may also have:\n"
    yield from _table(Step, list(parameters_of(Step)))
    yield "A question (`ask`) is a table:\n"
    yield from _table(Ask, list(parameters_of(Ask)))
    common = {one.key for one in parameters_of(Step)}
    for kind in STEPS.values():
        yield f"### `{kind.name}`\n\n{description(kind.cls)}\n"
        yield from _table(kind.cls, [one for one in kind.parameters if one.key not in common])


def grouped(kinds: Iterable[Wrong]) -> dict[str, list[Wrong]]:
    """Return faults or attacks by what they are about: the first sentence of their module."""
    groups: dict[str, list[Wrong]] = {}
    for kind in kinds:
        about = (sys.modules[kind.cls.__module__].__doc__ or "").partition("\n")[0].rstrip(".")
        groups.setdefault(about, []).append(kind)
    return groups


def catalogue(kinds: Collection[Wrong]) -> str:
    """Return faults or attacks with a line for each."""
    width = max(len(one.name) for one in kinds)
    lines = []
    for about, group in grouped(kinds).items():
        lines += ["", about]
        firsts = ((one.name, description(one.cls).partition("\n")[0]) for one in group)
        lines += [f"  {name:{width}}  {first}" for name, first in firsts]
    return "\n".join(lines[1:]) + "\n"


def manual(kind: Wrong) -> str:
    """Return what there is to know about one fault or attack."""
    return "\n".join(_wrong(kind))


def _faults() -> Iterator[str]:
    yield "## Faults\n"
    yield 'Set by the step `fault`: `do = "fault"`, `fault = "…"`, and these parameters beside.\n'
    yield from _all(FAULTS.values())


def _attacks() -> Iterator[str]:
    yield "## Attacks\n"
    yield 'Begun by the step `attack`: `do = "attack"`, `attack = "…"`, and parameters beside.\n'
    yield from _all(ATTACKS.values())


def _all(kinds: Iterable[Wrong]) -> Iterator[str]:
    for about, group in grouped(kinds).items():
        yield f"**{about}.**\n"
        for kind in group:
            yield from _wrong(kind)


def _wrong(kind: Wrong) -> Iterator[str]:
    yield f"### `{kind.name}`\n\n{description(kind.cls)}\n"
    if isinstance(kind, FaultKind):
        seams = " and ".join(f"`{one.name}`" for one in kind.seams)
        yield f"Acts at the seam {seams}.\n"
    yield from _table(kind.cls, list(parameters_of(kind.cls)))


def _table(cls: type, parameters: list[Parameter]) -> Iterator[str]:
    if not parameters:
        return
    told = meanings(cls)
    yield "| parameter | what may stand there | default | meaning |\n| --- | --- | --- | --- |"
    for one in parameters:
        label = one.kind.label.replace("|", "or")
        yield f"| `{one.key}` | {label} | {_default(one)} | {told[one.field]} |"
    yield ""


def _default(parameter: Parameter) -> str:
    default = parameter.default
    if parameter.required:
        return "required"
    if default in {None, "", ()}:
        return ""
    if parameter.kind is KINDS[Seconds] and isinstance(default, int):
        return f"`{span(default)}`"
    return f"`{default}`"


def _rules() -> Iterator[str]:
    yield "## Rules that `because` can name\n"
    yield "| rule | what must hold | where it is written |\n| --- | --- | --- |"
    for rule in named_rules():
        yield f"| `{rule.id}` | {rule.sentence} | {rule.section} |"
    yield ""


def named_rules() -> Iterator[Rule]:
    """Iterate over the rules that `because` can name."""
    for module in RULES_TO_NAME:
        yield from (one for one in vars(module).values() if isinstance(one, Rule))

"""Does what a scenario names exist in the lab: zones, identities, operators, devices, owner names?

A scenario that is well formed can still speak of nobody. Names that are meant to be missing are not
looked at: only those that a fault or a removal is about, and those that must have an answer.
"""

from collections.abc import Iterable, Iterator

import dns.name
from dns.name import Name

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.parameters import KINDS, Parameter, parameters_of, suggestion
from lab.nameserver.masterfile import parse_piece
from lab.scenario.action import IdentityName
from lab.scenario.load import Examined
from lab.scenario.scenery import WORLD
from lab.scenario.step import Step
from lab.scenario.steps_judge import ValidateStep
from lab.scenario.steps_world import AddRecordsStep
from lab.scenario.tables import KINDS_OF_STEP
from lab.validator.resolve import ResolutionKind

_ZONES = ("zone", "child")
_OPERATORS = ("operator", "one", "other")
_WILDCARD = dns.name.from_text("*", None)


@dataclass(frozen=True, slots=True)
class Known:
    """Hold what there is in a lab.

    Attributes:
        zones: their apexes.
        owners: every owner name of their records, and the names in between.
        identities: as scenarios call them.
        operators: the same.
        devices: of LoRaWAN, the same.
    """

    zones: frozenset[Name]
    owners: frozenset[Name]
    identities: frozenset[str]
    operators: frozenset[str]
    devices: frozenset[str]

    def with_zone(self, apex: Name, records: str) -> "Known":
        """Return what there is with more records in a zone, which may be a new one."""
        return Known(
            self.zones | {apex},
            self.owners | above({apex, *_owners(records, apex)}),
            self.identities,
            self.operators,
            self.devices,
        )

    def answers(self, name: Name) -> bool:
        """Tell whether there is *name*, or a wildcard that stands for it (RFC 4592)."""
        if name in self.owners:
            return True
        while len(name) > 1:
            name = name.parent()
            if name in self.owners:
                return _WILDCARD.concatenate(name) in self.owners
        return False


def above(names: Iterable[Name]) -> frozenset[Name]:
    """Return *names* with every name above them: these exist, too (RFC 4592 section 2.2.2)."""
    found: set[Name] = set()
    for name in names:
        while name not in found:
            found.add(name)
            if len(name) > 1:
                name = name.parent()  # noqa: PLW2901 the walk upwards
    return frozenset(found)


def _owners(records: str, apex: Name) -> Iterator[Name]:
    try:
        yield from parse_piece(f"$TTL 0\n{records}", apex, "").keys()
    except InputError:
        return  # the step that adds them says so when it is played


def unknown_mentions(examined: Examined, known: Known) -> tuple[InputError, ...]:
    """Return a mistake for each thing that a scenario names and the lab does not have."""
    scenario = examined.scenario
    for wish in scenario.scenery.zones:
        known = known.with_zone(wish.apex, wish.records)
    for zone, records in _added(examined):
        if zone in known.zones:
            known = known.with_zone(zone, records)
    found = []
    for policy in scenario.scenery.policies:
        where = examined.document.where(WORLD, "policy", policy.server)
        found += [InputError(what, where) for _, what in _of_step(policy, known)]
    for step, origin in zip(scenario.steps, examined.origins, strict=True):
        found += [origin.mistake(what, key) for key, what in _of_step(step, known)]
    for remnant in examined.remnants:
        for parameter, value in remnant.values:
            unknown = _unknown(parameter, value, known)
            found += [remnant.origin.mistake(what, parameter.key) for what in unknown]
    return tuple(found)


def _added(examined: Examined) -> Iterator[tuple[Name, str]]:
    """Iterate over zones and the records that steps add to them, also those with mistakes."""
    for step in examined.scenario.steps:
        if isinstance(step, AddRecordsStep):
            yield step.zone, step.records
    for remnant in examined.remnants:
        values = {parameter.key: value for parameter, value in remnant.values}
        zone, records = values.get("zone"), values.get("records")
        if isinstance(zone, Name) and isinstance(records, str):
            yield zone, records


def _of_step(step: Step, known: Known) -> Iterator[tuple[str, str]]:
    """Iterate over key and sentence for each thing that *step* names and there is not."""
    things: list[object] = [step]
    if step.do in KINDS_OF_STEP:
        things.append(getattr(step, step.do))
    for thing in things:
        for parameter in parameters_of(type(thing)):
            value = getattr(thing, parameter.field)
            yield from ((parameter.key, one) for one in _unknown(parameter, value, known))
    if isinstance(step, ValidateStep) and step.answer is ResolutionKind.POSITIVE:
        yield from (("name", one) for one in _no_owner(step.name, known))


def _unknown(parameter: Parameter, value: object, known: Known) -> Iterator[str]:
    if value is None or value == "":
        return
    if parameter.kind is KINDS[IdentityName]:
        yield from _missing("identity", str(value), known.identities)
    elif isinstance(value, Name) and parameter.key in _ZONES:
        yield from _missing("zone", str(value), map(str, known.zones))
    elif isinstance(value, Name) and parameter.key == "owner":
        yield from _no_owner(value, known)
    elif isinstance(value, str) and parameter.key in _OPERATORS:
        yield from _missing("operator", value, known.operators)
    elif isinstance(value, str) and parameter.key == "device":
        yield from _missing("device", value, known.devices)


def _missing(thing: str, word: str, there: Iterable[str]) -> Iterator[str]:
    names = set(there)
    if word not in names:
        yield f"there is no {thing} {word!r} in the lab{suggestion(word, names)}"


def _no_owner(name: Name, known: Known) -> Iterator[str]:
    if not known.answers(name):
        yield f"there is no name {name} in the lab{suggestion(str(name), map(str, known.owners))}"

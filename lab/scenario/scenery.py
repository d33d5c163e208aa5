"""The `[world]` of a scenario: what it needs different from the lab's own world.

All of it is done when the play begins, by edits of the world and by setting clock and chance. So a
running lab can be the stage as well as one that is started for it, and is set back afterwards.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias

from dns.name import Name, root

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.located import LocatedToml
from lab.core.parameters import KINDS, Kind, build, suggestion
from lab.scenario.edits import Edit, PrepareZone, SeedChance, SetMoment
from lab.scenario.include import Reader, beside
from lab.scenario.steps_tls import ClientPolicyStep
from lab.world.policy import DEFAULTS, POLICY_KEYS, TIMES, read_policy
from lab.world.wishes import Signing, ZoneWish, read_records

WORLD = "world"
_ZONE_KEYS = ("records", "file", "signed", *POLICY_KEYS)
_TABLES = ("zone", "policy")

Opening: TypeAlias = Edit | PrepareZone | SeedChance | SetMoment


@dataclass(frozen=True, slots=True)
class Scenery:
    """Say what is different when the play begins.

    Attributes:
        start: what the clock shows; None: what it shows anyway.
        seed: of the chance in keys and certificates that the story makes; empty: real chance.
        zones: that are new or other.
        policies: what servers demand of their clients.
    """

    start: Instant | None = None
    seed: str = ""
    zones: tuple[ZoneWish, ...] = ()
    policies: tuple[ClientPolicyStep, ...] = ()

    def opening(self) -> Iterator[Opening]:
        """Iterate over what is to be done before the first step."""
        if self.seed:
            yield SeedChance(self.seed)
        if self.start is not None:
            yield SetMoment(self.start)
        yield from map(PrepareZone, self.zones)
        yield from (Edit(one.edit) for one in self.policies)


@dataclass(frozen=True, slots=True)
class _Heading:
    start: Instant | None = None
    seed: str = ""


def read_scenery(document: LocatedToml, read: Reader) -> tuple[Scenery, tuple[InputError, ...]]:
    """Return what the table `[world]` of *document* says, and every mistake in it.

    Args:
        document: the scenario, with its parameters filled in.
        read: reads the files of records that it names.
    """
    table = document.data.get(WORLD, {})
    if not isinstance(table, dict):
        return Scenery(), (InputError("expected a table [world]", document.where(WORLD)),)
    head = {key: value for key, value in table.items() if key not in _TABLES}
    heading, mistakes = build(_Heading, head, "[world]")
    found = [InputError(one.what, document.where(WORLD, one.key)) for one in mistakes]
    parts: dict[str, list[Any]] = {"zone": [], "policy": []}
    for key, name, one in _named_tables(document, table):
        if isinstance(one, InputError):
            found.append(one)
            continue
        reader = _Zone(document, name, one, read) if key == "zone" else _Demand(document, name, one)
        value, wrong = reader.read_all()
        found += wrong
        parts[key] += [] if value is None else [value]
    heading = heading or _Heading()
    zones, policies = tuple(parts["zone"]), tuple(parts["policy"])
    return Scenery(heading.start, heading.seed, zones, policies), tuple(found)


def _named_tables(
    document: LocatedToml, table: Mapping[str, Any]
) -> Iterator[tuple[str, str, dict[str, Any] | InputError]]:
    for key in _TABLES:
        named = table.get(key, {})
        what = f'expected tables such as [world.{key}."NAME"]'
        if not isinstance(named, dict):
            yield key, "", InputError(what, document.where(WORLD, key))
            continue
        for name, one in named.items():
            wrong = InputError(what, document.where(WORLD, key, name))
            yield key, name, one if isinstance(one, dict) else wrong


@dataclass(frozen=True, slots=True)
class _Demand:
    """Read one `[world.policy."IDENTITY"]` table: the step `client-policy`, done beforehand."""

    document: LocatedToml
    server: str
    table: Mapping[str, Any]

    def read_all(self) -> tuple[ClientPolicyStep | None, list[InputError]]:
        given = {**self.table, "server": self.server}
        policy, mistakes = build(ClientPolicyStep, given, "a policy")
        where = (WORLD, "policy", self.server)
        return policy, [
            InputError(one.what, self.document.where(*where, one.key)) for one in mistakes
        ]


@dataclass(frozen=True, slots=True)
class _Zone:
    """Read one `[world.zone."APEX"]` table."""

    document: LocatedToml
    name: str
    table: Mapping[str, Any]
    read: Reader

    def read_all(self) -> tuple[ZoneWish | None, list[InputError]]:
        try:
            apex = KINDS[Name].convert(self.name)
        except InputError as error:
            return None, [self._mistake(error.what)]
        assert isinstance(apex, Name), "this kind makes names"
        found = [
            self._mistake(f"a zone has no parameter {key!r}{suggestion(key, _ZONE_KEYS)}", key)
            for key in self.table
            if key not in _ZONE_KEYS
        ]
        values: dict[str, Any] = {}
        for key, reader in (
            ("signing", self._signing),
            ("records", partial(self._records, apex)),
        ):
            try:
                values[key] = reader()
            except InputError as error:
                found.append(error)
        policy, wrong = self._policy()
        found += wrong
        if found:
            return None, found
        return ZoneWish(apex, **values, policy=policy, where=self._where()), []

    def _where(self, *key: str) -> str:
        return self.document.where(WORLD, "zone", self.name, *key)

    def _mistake(self, what: str, *key: str) -> InputError:
        return InputError(what, self._where(*key))

    def _signing(self) -> Signing:
        signed = self.table.get("signed")
        if signed is None:
            return Signing.AS_IT_IS
        if not isinstance(signed, bool):
            raise self._mistake("expected signed = true or false", "signed")
        return Signing.SIGNED if signed else Signing.UNSIGNED

    def _records(self, apex: Name) -> str:
        if "file" in self.table and "records" in self.table:
            raise self._mistake("expected records or a file of them, not both", "file")
        key = "file" if "file" in self.table else "records"
        given = self.table.get(key, "")
        if not isinstance(given, str):
            raise self._mistake(f"expected text in quotes, not {given!r}", key)
        # Whether it goes with the zone is known later; whether it is a piece of master file, now.
        if key == "file":
            return self._beside(beside(self.document.file, given), apex)
        try:
            read_records(given, apex, (root,), "")
        except InputError as error:
            line = error.where.rpartition(":")[2]
            place = f"records, line {line}" if line else "records"
            raise self._mistake(f"{place}: {error.what}", key) from error
        return given

    def _beside(self, file: str, apex: Name) -> str:
        try:
            text = self.read(file)
        except InputError as error:
            raise self._mistake(error.what, "file") from error
        read_records(text, apex, (root,), file)
        return text

    def _policy(self) -> tuple[dict[str, Any], list[InputError]]:
        """Return the fields of a `Policy` that are given, and every mistake in them."""
        fields: dict[str, Any] = {}
        found = []
        times = {key: self.table[key] for key in TIMES if key in self.table}
        settings = {key: {key: self.table[key]} for key in DEFAULTS if key in self.table}
        for field, own in (settings | ({"signing": times} if times else {})).items():
            try:
                policy = read_policy({**DEFAULTS, **own}, self._where)
            except InputError as error:
                found.append(error)
            else:
                fields[field] = getattr(policy, field)
        return fields, found


def _moment(value: object) -> Instant:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    if not isinstance(moment, datetime):
        raise InputError(f"expected a time such as 2026-11-23T08:30:00Z, not {value!r}")
    return Instant((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


KINDS.add(Instant, Kind("time, e.g. 2026-11-23T08:30:00Z", _moment))

"""The JSON Schema of scenario files, made of the step and fault classes, for editors.

What a schema cannot say (that a rule, a zone or a parameter exists where it is used) the loader
says. Wherever a number or one of a few words may stand, `{name}` of a parameter may, too.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from dns.rdatatype import RdataType

from lab.core.parameters import KINDS, Kind, Parameter, Seconds, parameters_of
from lab.core.rules import Rule
from lab.dnssec.algorithms import ALGORITHMS
from lab.nameserver.denying import DenialMode
from lab.scenario.action import IdentityName
from lab.scenario.ask import Ask
from lab.scenario.placeholders import ParameterKind
from lab.scenario.reference import description, meanings, named_rules
from lab.scenario.step import STEPS, Step, StepId
from lab.scenario.steps_tls import ClientPolicyStep
from lab.scenario.tables import KINDS_OF_STEP
from lab.world.policy import LAYOUTS, TIMES, ZONEMD_HASHES

Schema: TypeAlias = dict[str, Any]

# Editors know this draft best.
_DIALECT = "http://json-schema.org/draft-07/schema#"
_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_NUMBER: Schema = {"type": "integer"}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


_COMMON = tuple(one.key for one in parameters_of(Step))
_PLACEHOLDER: Schema = {"type": "string", "pattern": r"\{[a-z][a-z0-9-]*\}"}
_SPAN: Schema = {"anyOf": [_NUMBER, {"type": "string", "pattern": r"^-?\d+ ?(s|min|h|d)$"}]}
_BY_KIND: Mapping[int, Schema] = {
    id(KINDS[int]): _NUMBER,
    id(KINDS[float]): {"type": "number"},
    id(KINDS[Seconds]): _SPAN,
    id(KINDS[tuple[str, ...]]): _TEXTS,
    id(KINDS[StepId]): {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
    id(KINDS[IdentityName]): _ref("identity"),
    id(KINDS[RdataType]): _ref("type"),
    id(KINDS[Rule]): _ref("rule"),
    id(KINDS[Ask]): _ref("ask"),
}


def schema() -> Schema:
    """Return the schema of scenario files."""
    steps = dict(_steps())
    return {
        "$schema": _DIALECT,
        "title": "Scenario of the DNSSEC and DANE lab",
        "definitions": {
            **_words(),
            **{one.key: _described(Step, one) for one in parameters_of(Step)},
            "ask": _object(_properties(Ask), _required(Ask), Ask),
            "parameter": _parameter(),
            "zone": _object(_zone(), ()),
            "policy": _policy(),
            **steps,
            "include": _include(),
        },
        **_object(
            {
                "title": _TEXT,
                "summary": {**_TEXT, "description": "what is seen and learned"},
                "tags": {**_TEXTS, "description": "what it is about, a word each"},
                "parameters": _named("parameter", "what `{name}` in texts stands for"),
                "world": _world(),
                "step": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "oneOf": [
                            *map(_ref, steps),
                            _ref("include"),
                        ]
                    },
                },
            },
            ("title", "step"),
        ),
    }


def _words() -> dict[str, Schema]:
    """Return the schemas of words that stand in many places."""
    return {
        "rule": _or_parameter({"enum": sorted(one.id for one in named_rules())}),
        "identity": _or_parameter(
            {"type": "string", "pattern": r"^[a-z][a-z0-9-]*\.(ns|js|as|gateway)$"}
        ),
        "type": {"anyOf": [{"enum": sorted(RdataType.__members__)}, _TEXT]},
    }


def _named(definition: str, about: str) -> Schema:
    """Return the schema of tables that have names of their own."""
    return {"type": "object", "description": about, "additionalProperties": _ref(definition)}


def _object(properties: Schema, required: Iterable[str], cls: type | None = None) -> Schema:
    about = {} if cls is None else {"description": description(cls)}
    return {
        "type": "object",
        **about,
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _steps() -> Iterator[tuple[str, Schema]]:
    """Iterate over a definition for each kind of step, and of fault and attack, in these steps."""
    for do in sorted(STEPS):
        if do not in KINDS_OF_STEP:
            yield f"step-{do}", _step({"do": do}, STEPS[do].cls)
        for name in sorted(KINDS_OF_STEP.get(do, ())):
            words = {"do": do, do: name}
            yield f"{do}-{name}", _step(words, KINDS_OF_STEP[do][name].cls, STEPS[do].cls)


def _step(words: Mapping[str, str], told: type, *others: type) -> Schema:
    """Return the schema of a table with these *words*, and the parameters of the classes."""
    classes = (told, *others)
    properties: Schema = {key: one for cls in classes for key, one in _properties(cls).items()}
    fixed = {key: {"const": word} for key, word in words.items()}
    required = (key for cls in classes for key in _required(cls) if key not in words)
    return _object({**properties, **fixed}, (*words, *required), told)


def _include() -> Schema:
    properties = {
        "include": {**_TEXT, "description": "a scenario whose steps are played here"},
        "with": {"type": "object", "description": "values of its parameters"},
        "id": _ref("id"),
    }
    return _object(properties, ("include",))


def _parameter() -> Schema:
    properties = {
        "kind": {"enum": [one.value for one in ParameterKind]},
        "meaning": {**_TEXT, "description": "one sentence"},
        "default": {"type": ["string", "integer"], "description": "without it, it must be set"},
        "choices": {**_TEXTS, "description": 'of the kind "choice"'},
    }
    return _object(properties, ("kind", "meaning"))


def _world() -> Schema:
    properties = {
        "start": {**_TEXT, "description": "what the clock shows, e.g. 2026-12-04T17:00:00Z"},
        "seed": {**_TEXT, "description": "of the chance in keys and certificates of the story"},
        "zone": _named("zone", "zones that are new or other, by their names"),
        "policy": _named("policy", "what servers demand, by their identities"),
    }
    return {
        **_object(properties, ()),
        "description": "what is different from the lab's own world when the play begins",
    }


def _zone() -> Schema:
    denials = [one.value for one in DenialMode]
    return {
        "records": {**_TEXT, "description": "lines of master file; SOA and NS are made"},
        "file": {**_TEXT, "description": "a file of such lines, beside the scenario"},
        "signed": {"type": "boolean"},
        "algorithm": _or_parameter({"enum": [one.mnemonic for one in ALGORITHMS.values()]}),
        "denial": _or_parameter({"anyOf": [{"enum": denials}, {"type": "object"}]}),
        "keys": _or_parameter({"anyOf": [{"enum": list(LAYOUTS)}, _TEXTS]}),
        "ds_digests": {"type": "array", "items": _NUMBER},
        "zonemd": _or_parameter({"enum": [*ZONEMD_HASHES, "none"]}),
        **{key: _or_parameter(_SPAN) for key in TIMES},
    }


def _policy() -> Schema:
    of_step = {*_COMMON, "server"}
    own = {key: one for key, one in _properties(ClientPolicyStep).items() if key not in of_step}
    return _object(own, (), ClientPolicyStep)


def _required(cls: type) -> list[str]:
    return [one.key for one in parameters_of(cls) if one.required]


def _properties(cls: type) -> Schema:
    return {
        one.key: _ref(one.key)
        if issubclass(cls, Step) and one.key in _COMMON
        else _described(cls, one)
        for one in parameters_of(cls)
    }


def _described(cls: type, parameter: Parameter) -> Schema:
    known = _of_kind(parameter.kind)
    # In this draft nothing counts that stands beside a $ref.
    known = {"allOf": [known]} if "$ref" in known else known
    return {**known, "description": meanings(cls).get(parameter.field, "")}


def _of_kind(kind: Kind) -> Schema:
    if kind.choices:
        return _or_parameter({"enum": list(kind.choices)})
    known = _BY_KIND.get(id(kind), _TEXT)
    return known if known is _TEXT or "$ref" in known else _or_parameter(known)


def _or_parameter(known: Schema) -> Schema:
    """Return *known*, or a text with a parameter in it."""
    return {"anyOf": [known, _PLACEHOLDER]}

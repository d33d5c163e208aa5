"""What `lab validate` says: JSON after its schema, three depths, and advice."""

import io
import json
import re
from dataclasses import replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from string import Formatter
from types import ModuleType

import jsonschema
import pytest
from dns.rdatatype import RdataType
from rich.console import Console

from lab.core.rules import RULES, Rule
from lab.core.status import SecurityStatus
from lab.dnssec import rules as dnssec_rules
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.present.advice import Role, advise
from lab.present.explain import Depth, tell
from lab.present.validation import schema_text, validation_to_json
from lab.present.wanted import WANTED
from lab.validator import rules as walk_rules
from lab.validator.anchor import NegativeAnchor
from lab.validator.resolve import Validation
from tests.unit.validator.scenes import WORLD, expired, only, without, zones
from tests.unit.validator.test_answer import swap
from tests.unit.validator.world import World, anchor_of, build
from tests.unit.validator.zone import NOW, ZoneText, name

SIGNED_LATE = ZoneText("www A 192.0.2.1", "127.53.2.1", job=only(RdataType.A, expired))
PARENT_LATE = ZoneText("", "127.53.1.1", job=only(RdataType.DS, expired))
NO_KEYS = World(WORLD.zones, without(RdataType.DNSKEY))
ITERATED = ZoneText("", "127.53.3.1", hashed=Nsec3Parameters(151))
GAPLESS = World(WORLD.zones, swap("nowhere.example.fr.", "zz.example.fr."))
UNREACHABLE = World(WORLD.zones, silent=frozenset({"127.53.2.1"}))


@cache
def validation(case: str) -> Validation:
    worlds = {
        "secure": (WORLD, "www.example.fr."),
        "alias": (WORLD, "out.example.fr."),
        "denied": (WORLD, "nowhere.h.fr."),
        "absent": (WORLD, "nowhere.example.fr."),
        "gap missing": (GAPLESS, "nowhere.example.fr."),
        "wildcard": (WORLD, "x.w.h.fr."),
        "dname": (WORLD, "x.tree.example.fr."),
        "insecure": (WORLD, "www.open.fr."),
        "opt-out": (WORLD, "nowhere.lab."),
        "iterations": (build(zones(h_fr=ITERATED)), "nowhere.h.fr."),
        "switched off": (WORLD, "www.example.fr."),
        "answer expired": (build(zones(example_fr=SIGNED_LATE)), "www.example.fr."),
        "ds expired": (build(zones(fr=PARENT_LATE)), "www.example.fr."),
        "no keys": (NO_KEYS, "www.example.fr."),
        "unreachable": (UNREACHABLE, "www.example.fr."),
    }
    world, qname = worlds[case]
    negative = (NegativeAnchor(name("fr.")),) if case == "switched off" else ()
    return world.ask(qname, settings=replace(world.settings(), negative=negative))


ALL = (
    "secure",
    "alias",
    "denied",
    "absent",
    "gap missing",
    "wildcard",
    "dname",
    "insecure",
    "opt-out",
    "iterations",
    "switched off",
    "answer expired",
    "ds expired",
    "no keys",
    "unreachable",
)


@pytest.mark.parametrize("case", ALL)
def test_the_json_follows_its_schema(case: str) -> None:
    document = json.loads(json.dumps(validation_to_json(validation(case), NOW)))
    jsonschema.validate(document, json.loads(schema_text()))


def test_the_schema_is_itself_a_schema_and_refuses_what_is_none() -> None:
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = validation_to_json(validation("secure"), NOW)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "status": "fine"}, schema)


MENDERS = {
    "answer expired": (Role.ZONE, "example.fr.", "www.example.fr. A: answer"),
    "ds expired": (Role.PARENT, "fr.", "example.fr.: DS -> DNSKEY"),
    "no keys": (Role.ZONE, ".", ".: trust anchor -> DNSKEY"),
    "insecure": (Role.CHILD, "open.fr.", "open.fr.: DS -> DNSKEY"),
    "opt-out": (Role.ZONE, "lab.", "nowhere.lab. A: NXDOMAIN"),
    "iterations": (Role.ZONE, "h.fr.", "nowhere.h.fr. A: NXDOMAIN"),
    "switched off": (Role.RESOLVER, "None", "fr.: negative trust anchor"),
}


@pytest.mark.parametrize("case", MENDERS)
def test_the_advice_names_the_link_and_who_mends_it(case: str) -> None:
    role, zone, where = MENDERS[case]
    advice = advise(validation(case))
    assert advice is not None
    assert (advice.role, str(advice.zone), advice.where) == (role, zone, where)
    assert advice.why
    assert advice.how
    assert advice.wanted


def test_an_anchor_that_fits_no_key_is_for_the_operator_of_the_resolver() -> None:
    settings = WORLD.settings()
    (anchor,) = settings.anchors
    wrong = replace(anchor, ds=anchor_of(name("fr.")).ds)
    advice = advise(WORLD.ask("www.example.fr.", settings=replace(settings, anchors=(wrong,))))
    assert advice is not None
    assert (advice.role, advice.zone) == (Role.RESOLVER, None)


@pytest.mark.parametrize("case", ["secure", "alias", "denied"])
def test_where_nothing_is_to_be_mended_there_is_no_advice(case: str) -> None:
    assert advise(validation(case)) is None


def printed(case: str, depth: Depth) -> str:
    file = io.StringIO()
    tell(Console(file=file, width=200, color_system=None), validation(case), depth)
    return file.getvalue()


def test_a_line_is_one_line_with_the_verdict() -> None:
    (line,) = printed("answer expired", Depth.LINE).splitlines()
    assert line.startswith("www.example.fr. A: bogus, because it does not hold that now is at")


def test_the_chain_names_every_zone_and_no_check_that_passed() -> None:
    text = printed("secure", Depth.CHAIN)
    assert all(f"{zone}: DS -> DNSKEY  secure" in text for zone in ("fr.", "example.fr."))
    assert "RFC" not in text


def test_full_depth_shows_sections_octets_and_what_would_have_held() -> None:
    text = " ".join(printed("answer expired", Depth.FULL).replace("│", " ").split())
    assert re.search(r"digest [0-9a-f]{64}, computed [0-9a-f]{64}", text)
    assert re.search(r"signed octets \d+ octets, SHA-256 [0-9a-f]{64}", text)
    assert re.search(r"would have held: an expiration at [\d: -]+Z or later", text)
    assert "Who mends it: zone operator of example.fr." in text


def test_every_sentence_of_what_is_wanted_belongs_to_a_rule() -> None:
    for part in ("backend", "dane", "dnssec", "pki", "scenario", "validator"):
        for module in iter_modules(import_module(f"lab.{part}").__path__, f"lab.{part}."):
            if module.name.endswith("rules"):
                import_module(module.name)
    assert set(WANTED) <= set(RULES)


def rules_of(*modules: ModuleType) -> list[Rule]:
    return [one for module in modules for one in vars(module).values() if isinstance(one, Rule)]


@pytest.mark.parametrize("rule", rules_of(dnssec_rules, walk_rules), ids=lambda rule: rule.id)
def test_every_rule_of_a_validator_says_what_is_wanted_and_who_mends_it(rule: Rule) -> None:
    assert rule.id in WANTED
    assert rule.hint
    for words in (rule.hint, WANTED[rule.id]):
        assert not words.endswith(".")


@pytest.mark.parametrize("case", ["insecure", "opt-out", "iterations", "switched off"])
def test_one_line_says_why_an_answer_is_insecure(case: str) -> None:
    advice = advise(validation(case))
    assert advice is not None
    assert printed(case, Depth.LINE).endswith(f", because {advice.why} ({advice.section})\n")


def test_bogus_records_are_shown_as_such() -> None:
    """RFC 4035 section 5.5: they are not for use."""
    assert printed("answer expired", Depth.CHAIN).startswith("; bogus: www.example.fr. ")
    assert printed("secure", Depth.CHAIN).startswith("www.example.fr. ")


def test_one_line_is_never_broken() -> None:
    file = io.StringIO()
    tell(Console(file=file, width=40, color_system=None), validation("answer expired"), Depth.LINE)
    assert len(file.getvalue().splitlines()) == 1


COMPARED = {
    "absent": r"order \S+ < nowhere.example.fr. < \S+",
    "denied": r"order [0-9a-v]{32} < [0-9a-v]{32} < ([0-9a-v]{32}|the end)",
    "gap missing": r"covered by none",
}


@pytest.mark.parametrize("case", COMPARED)
def test_a_proof_shows_the_order_that_was_compared(case: str) -> None:
    text = " ".join(printed(case, Depth.FULL).replace("│", " ").split())
    assert re.search(COMPARED[case], text)


@pytest.mark.parametrize("case", ALL)
def test_what_is_wanted_has_its_numbers(case: str) -> None:
    """A form that asks for a fact which its check does not have would fall back in silence."""
    for check in validation(case).report.every_check():
        form = WANTED.get(check.rule.id)
        if form is not None and check.outcome.value in {"passed", "failed"}:
            fields = {field for _, field, _, _ in Formatter().parse(form) if field}
            assert fields <= set(check.facts), check.rule.id


def test_an_indeterminate_verdict_says_whom_to_call() -> None:
    assert validation("unreachable").status is SecurityStatus.INDETERMINATE
    advice = advise(validation("unreachable"))
    assert advice is not None
    assert advice.wanted == "an answer from one of the nameservers of the zone"

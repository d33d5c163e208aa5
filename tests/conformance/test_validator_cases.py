"""Replay cases that others wrote for their validators, and compare the verdicts.

They lie in `../shared/conformance` beside this repository, which not everybody has. The canned
answers are given in memory, so all of them take seconds.
"""

import importlib.util
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import dns.name
import dns.rdatatype
import pytest

from lab.core.dialogue import answer_all
from lab.core.errors import TransportError
from lab.core.instant import Instant
from lab.core.question import Question, Response
from lab.dnssec.algorithms import ALGORITHMS
from lab.validator.resolve import resolve
from tests.conformance.validator_adapter import (
    add_retired_algorithms,
    authoritative,
    make_query,
    make_settings,
    read_anchors,
    recursive,
    to_response,
    verdict_of,
)

FOLDER = Path(__file__).parents[3] / "shared" / "conformance" / "validator"
CASES = FOLDER / "cases.jsonl"

pytestmark = pytest.mark.skipif(not CASES.exists(), reason=f"{FOLDER} is not there")

# The case sets Unbound's option `harden-dnssec-stripped: no`, which takes a zone whose DNSKEY RRset
# nobody gives as unsigned. RFC 4035 section 5.2: a DS RRset that names a key of a known algorithm,
# and no DNSKEY RRset to go with it, is no proof that the zone is unsigned: section 4.3 calls it
# bogus. The option undoes the protection against removed signatures; it is not offered.
DIFFERENT = {
    "unbound/val_faildnskey_ok#1 modern": "RFC 4035 sections 4.3 and 5.2: no keys, though due",
}


def load_cases() -> Iterator[Any]:
    """Yield a parameter for each case; those that differ, with their reason."""
    if not CASES.exists():
        return
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        label = f"{case['id']} {case['variant']}"
        reason = DIFFERENT.get(label)
        marks = () if reason is None else pytest.mark.xfail(reason=reason, strict=True)
        yield pytest.param(case, id=label, marks=marks)


@pytest.fixture(scope="module")
def tools() -> ModuleType:
    """Return the runner of the cases, which brings the canned servers."""
    sys.path.insert(0, str(FOLDER))
    try:
        spec = importlib.util.spec_from_file_location("conformance_run", FOLDER / "run.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
    return module


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    """Return the canned answers by their reference."""
    lines = (FOLDER / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    return {one["ref"]: one["answers"] for one in map(json.loads, lines)}


@pytest.fixture(scope="module")
def algorithms() -> Iterator[dict[bool, frozenset[int]]]:
    """Return the algorithms accepted with and without those that are retired."""
    modern = frozenset(ALGORITHMS)
    yield {False: modern, True: add_retired_algorithms()}
    for number in set(ALGORITHMS) - modern:
        del ALGORITHMS._entries[number]


@dataclass(frozen=True)
class Canned:
    """Answer from the replay of one case."""

    world: Any

    def ask(self, question: Question) -> Response:
        address = question.server.address
        if address not in self.world.addrs:
            raise TransportError(f"{question.server} is unreachable")
        query = make_query(question).to_wire()
        wire = self.world.answer(address, query, tcp=False)
        if wire and wire[2] & 0x02:
            wire = self.world.answer(address, query, tcp=True)
        if not wire:
            raise TransportError(f"{question.server} is silent")
        return to_response(wire, question)


@pytest.mark.parametrize("case", list(load_cases()))
def test_the_verdict_is_that_of_the_case(
    case: dict[str, Any],
    tools: ModuleType,
    answers: dict[str, Any],
    algorithms: dict[bool, frozenset[int]],
) -> None:
    given = {**case, "answers": case.get("answers") or answers[case["answers_ref"]]}
    # Cases of DSA want insecure; those of RSA/SHA-1 want it accepted.
    retired = case["status"] != "confirmed-retired"
    result = {**replay(given, tools, algorithms[retired]), "allow_deprecated": retired}
    assert tools.judge(given, result) == "pass"


def replay(
    case: dict[str, Any], tools: ModuleType, algorithms: frozenset[int]
) -> dict[str, object]:
    zones = [authoritative(*one) for one in pairs(case["stubs"])]
    zones += [recursive(*one) for one in pairs(case["forwards"])]
    settings = make_settings(zones, read_anchors(case["anchors"]), case["options"], algorithms)
    canned = Canned(tools.World(case))
    qname = dns.name.from_text(case["query"]["qname"])
    rdtype = dns.rdatatype.from_text(case["query"]["qtype"])
    dialogue = resolve(qname, rdtype, settings, Instant(case["now"]))
    return verdict_of(answer_all(dialogue, canned.ask).result)


def pairs(zones: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return (zone, address) for each server; addresses lose their port."""
    return [(one["zone"], a.split("@")[0]) for one in zones for a in one["addrs"]]

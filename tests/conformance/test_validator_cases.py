"""Replay cases that others wrote for their validators, and compare the verdicts.

They lie in `../shared/conformance` beside this repository, which not everybody has. The canned
answers are given in memory, so all of them take seconds; a sample goes over sockets, as all do by

    run.py adapter --adapter "python tests/conformance/validator_adapter.py" --allow-deprecated
"""

import asyncio
import importlib.util
import json
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import dns.name
import dns.rdatatype
import pytest
from _pytest.mark import ParameterSet
from dns.message import Message

from lab.core.dialogue import answer_all
from lab.core.entropy import SeededEntropy
from lab.core.errors import TransportError
from lab.core.instant import Instant
from lab.core.question import Carrier, Question, Response
from lab.dnssec.algorithms import ALGORITHMS
from lab.net.dns_exchange import Attempt, exchange
from lab.validator.brief import Brief
from lab.validator.cache import resolve_briefly, resolve_cached
from lab.validator.resolve import Validation, resolve
from tests.conformance.validator_adapter import (
    add_retired_algorithms,
    authoritative,
    make_settings,
    read_anchors,
    recursive,
    verdict_of,
)
from tests.e2e.running import free_port

FOLDER = Path(__file__).parents[3] / "shared" / "conformance" / "validator"
CASES = FOLDER / "cases.jsonl"
ADAPTER = Path(__file__).parent / "validator_adapter.py"

RECURSOR = "recursor"
SAMPLE = 80
ENTROPY = SeededEntropy("conformance")
TIMEOUT_S = 90  # a bound: programs start slowly on a busy machine

pytestmark = pytest.mark.skipif(not CASES.exists(), reason=f"{FOLDER} is not there")

# Where we decide otherwise, and why; the answer is the same on all paths but for FORWARDED.
_NO_KEYS = (
    "the case sets Unbound's `harden-dnssec-stripped: no`, which takes a zone whose DNSKEY RRset "
    "nobody gives as unsigned. RFC 4035 sections 4.3 and 5.2: a DS RRset that names a key of a "
    "known algorithm, and no such key, is bogus; the option undoes the protection"
)
_DIGEST_3 = "RFC 9906 takes DS digest 3 out of use; RFC 4035 section 5.2: unknown ones are as none"
DIFFERENT = {
    "unbound/val_faildnskey_ok#1": _NO_KEYS,
    "unbound/val_ds_gost#1": _DIGEST_3,
    "unbound/val_ds_gost_downgrade#1": _DIGEST_3,
}

# The same through a recursive resolver, which is the only server there is.
_ONE_SERVER = "the case is about another server of the zone, which only a walk can ask"
FORWARDED = DIFFERENT | {
    "unbound/black_dnskey#1": _ONE_SERVER,
    "unbound/black_prime#1": _ONE_SERVER,
    "unbound/iter_dnsseclame_ds#1": _ONE_SERVER,
    "unbound/iter_dnsseclame_bug#1": _ONE_SERVER,
    "deckard/val_dname_bogus#1": (
        "RFC 6672 section 5.3.1: the signed DNAME is sufficient; its forged CNAME is left aside, "
        "and the resolver gives the truth about the name where the DNAME leads"
    ),
}

# RFC 8914 section 4: another code fits as well or better. Those of Unbound's replay files.
OTHER_EDE = {
    "unbound/val_ds_cname#1": "12 NSEC Missing says more than 6: the denial has no NSEC at all",
    "unbound/val_nsec3_b1_nameerror_nowc#1": "12 NSEC Missing says more than 6: none covers *",
    "unbound/val_failure_dnskey#2": "22, not 23: each server of the parent refuses to give the DS",
    "unbound/black_key_entry#3": "7 is of an earlier question that the replay begins with",
}


class Way(Enum):
    """Say whom the validator asks."""

    WALK = "walk"
    FORWARD = "forward"


class Retired(Enum):
    """Say whether DSA and RSA/SHA-1 are taken as supported."""

    SUPPORTED = True
    UNKNOWN = False


@lru_cache(maxsize=1)
def load_cases() -> tuple[dict[str, Any], ...]:
    """Return all cases, with the answers that they refer to."""
    if not CASES.exists():
        return ()
    bundle = (FOLDER / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    answers = {one["ref"]: one["answers"] for one in map(json.loads, bundle)}
    cases = map(json.loads, CASES.read_text(encoding="utf-8").splitlines())
    return tuple(
        {**one, "answers": one.get("answers") or answers[one["answers_ref"]]} for one in cases
    )


def ways() -> Iterator[ParameterSet]:
    """Yield a parameter for each case on each path; those that differ, with their reason.

    What only has retired algorithms is judged without them, too: insecure. Cases of RSA/SHA-1 that
    want another verdict ask for its support.
    """
    for case in load_cases():
        yield _parameter(case, Way.WALK, Retired.SUPPORTED, DIFFERENT)
        yield _parameter(case, Way.FORWARD, Retired.SUPPORTED, FORWARDED)
        if case["status"] == "confirmed-retired":
            yield _parameter(case, Way.WALK, Retired.UNKNOWN, {})


def _parameter(
    case: dict[str, Any], way: Way, retired: Retired, different: dict[str, str]
) -> ParameterSet:
    reason = different.get(case["id"])
    marks = () if reason is None else pytest.mark.xfail(reason=reason, strict=True)
    words = (case["id"], case["variant"], way.value, f"retired {retired.name.lower()}")
    return pytest.param(case, way, retired, id=" ".join(words), marks=marks)


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
def algorithms() -> Iterator[dict[Retired, frozenset[int]]]:
    """Return the algorithms accepted with and without those that are retired."""
    modern = frozenset(ALGORITHMS)
    yield {Retired.UNKNOWN: modern, Retired.SUPPORTED: add_retired_algorithms()}
    for number in set(ALGORITHMS) - modern:
        del ALGORITHMS._entries[number]


@dataclass(frozen=True)
class Canned:
    """Answer from the replay of one case."""

    world: Any

    def ask(self, question: Question) -> Response:
        address = question.server.address
        if address not in {*self.world.addrs, RECURSOR}:
            raise TransportError(f"{question.server} is unreachable")

        def perform(attempt: Attempt) -> Message:
            is_tcp = attempt.carrier is Carrier.TCP
            wire = self.world.answer(address, attempt.sent.wire, is_tcp)
            message = attempt.sent.in_stream(wire)
            if message is None:
                raise TransportError(f"{question.server} is silent")
            return message

        return answer_all(exchange(question, ENTROPY), perform).result


@pytest.mark.parametrize(("case", "way", "retired"), list(ways()))
def test_the_verdict_is_that_of_the_case(
    case: dict[str, Any],
    way: Way,
    retired: Retired,
    tools: ModuleType,
    algorithms: dict[Retired, frozenset[int]],
) -> None:
    result = replay(case, way, tools, algorithms[retired])
    assert tools.judge(case, {**result, "allow_deprecated": retired.value}) == "pass"
    codes = case["expect"]["ede"]
    if codes and retired is Retired.SUPPORTED and case["id"] not in OTHER_EDE:
        assert set(codes) & set(cast("list[int]", result["ede"]))


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: str(case["id"]))
def test_a_brief_answer_is_that_of_the_walk(
    case: dict[str, Any], tools: ModuleType, algorithms: dict[Retired, frozenset[int]]
) -> None:
    settings = make_settings(
        [recursive(".", RECURSOR)],
        read_anchors(case["anchors"]),
        case["options"],
        algorithms[Retired.SUPPORTED],
    )
    qname = dns.name.from_text(case["query"]["qname"])
    about = qname, dns.rdatatype.from_text(case["query"]["qtype"])
    found: list[Brief | Validation] = []
    for way in (resolve_cached, resolve_briefly):
        dialogue = way(*about, settings, Instant(case["now"]), None)
        found.append(answer_all(dialogue, Canned(tools.World(case)).ask).result)
    whole, brief = (one.validation if isinstance(one, Brief) else one for one in found)
    assert (brief.status, brief.rcode, brief.ede) == (whole.status, whole.rcode, whole.ede)
    assert brief.report == whole.report


def replay(
    case: dict[str, Any], way: Way, tools: ModuleType, algorithms: frozenset[int]
) -> dict[str, object]:
    zones = [recursive(".", RECURSOR)]
    if way is Way.WALK:
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


AGREED = [case for case in load_cases() if case["id"] not in FORWARDED]


@pytest.mark.parametrize("option", ["", "--forward-only"], ids=["walk", "forward"])
@pytest.mark.parametrize("case", AGREED[::SAMPLE], ids=lambda case: str(case["id"]))
def test_a_sample_agrees_over_sockets(case: dict[str, Any], option: str, tools: ModuleType) -> None:
    """The runner starts servers on loopback and the adapter as a program, as from a shell."""
    command = shlex.join([sys.executable, str(ADAPTER)]) + f" {option}"
    running = tools.one_adapter(case, command, free_port(), TIMEOUT_S, deprecated=True)
    result = asyncio.run(running)
    assert tools.judge(case, result) == "pass", result
    assert result["queries"] > 0

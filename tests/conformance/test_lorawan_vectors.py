"""LoRaWAN vectors that others wrote, and what our adapter computes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import lorawan_adapter

VECTORS = Path(__file__).parents[3] / "shared" / "conformance" / "lorawan" / "vectors.jsonl"
ADAPTER = Path(lorawan_adapter.__file__)

# Published values that contradict the specification: what we must not compute, and what instead.
WRONG = {"brocaar", "draft_cmac"}
# About somebody's software, not about the protocol.
REMARKS = {"http_status_in_brocaar", "description"}


def _vectors() -> list[Any]:
    if not VECTORS.exists():
        reason = pytest.mark.skip(reason="the conformance cases do not lie beside the repository")
        return [pytest.param({}, marks=reason)]
    vectors = (json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines())
    return [pytest.param(vector, id=vector["id"]) for vector in vectors]


@pytest.mark.parametrize("vector", _vectors())
def test_a_vector_is_computed_as_published(vector: dict[str, Any]) -> None:
    computed = lorawan_adapter.answer(vector)
    wanted = vector["expected"]
    assert {name: computed.get(name) for name in wanted if name not in WRONG | REMARKS} == {
        name: value for name, value in wanted.items() if name not in WRONG | REMARKS
    }
    assert not any(computed.get(name) == wanted.get(name) for name in WRONG & set(wanted))


def test_the_adapter_answers_line_by_line_and_survives_nonsense() -> None:
    vectors = [
        {"group": "dns_netid", "input": {"netid": "00050A", "suffix": "netids.example"}},
        {"group": "nothing", "input": {}},
        {"group": "join_request", "input": {"key": "00"}},
        {"group": "data_mic", "input": {"msg": "zz", "dir": "up"}},
        {"group": "airtime", "input": None},
        [],
    ]
    lines = [*map(json.dumps, vectors), "no JSON"]
    run = subprocess.run(
        [sys.executable, ADAPTER],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    first, *others = map(json.loads, run.stdout.splitlines())
    assert first["name"] == "00050a.netids.example"
    assert len(others) == len(lines) - 1
    assert all(list(one) == ["error"] for one in others)

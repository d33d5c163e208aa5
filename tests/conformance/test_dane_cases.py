"""DANE cases that others wrote: our verdicts against theirs.

Where we decide otherwise, and why, is the table DECIDED: always towards refusing.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import dane_adapter, dane_policy_adapter

CASES = Path(__file__).parents[3] / "shared" / "conformance" / "dane"

DECIDED = {
    "gen-160": "the TA certificate has expired: we check its dates, as Go and GnuTLS do",
    "gen-172": "the same with the key of the TA in full",
    "gen-315": "RFC 9525 section 6.3 forbids a wildcard that is only a part of a label",
    "gen-319": "RFC 9525 section 2 knows no names in the common name",
}


def _cases(file: str) -> list[Any]:
    path = CASES / file
    if not path.exists():
        reason = pytest.mark.skip(reason="the conformance cases do not lie beside the repository")
        return [pytest.param({}, marks=reason)]
    cases = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line)
    return [pytest.param(case, id=case["id"]) for case in cases]


@pytest.mark.parametrize("case", [*_cases("openssl_danetest.jsonl"), *_cases("generated.jsonl")])
def test_a_chain_is_judged_as_openssl_does(case: dict[str, Any]) -> None:
    verdict = dane_adapter.verdict(case)
    if case["id"] in DECIDED:
        assert (case["expect"], verdict["ok"]) == ("ok", False), DECIDED[case["id"]]
    elif case["expect"] == "ok":
        expected = {"ok": True, "depth": case["expect_depth"], "usage": case["expect_usage"]}
        assert {key: verdict[key] for key in expected} == expected
    else:
        assert verdict["ok"] is False


@pytest.mark.parametrize("case", _cases("policy_cases.jsonl"))
def test_a_server_decides_as_the_drafts_say(case: dict[str, Any]) -> None:
    verdict = dane_policy_adapter.verdict(case["in"])
    allowed = {"unauth_or_abort": {"unauthenticated", "abort"}}
    assert verdict["verdict"] in allowed.get(case["expect"], {case["expect"]})
    asked, expected = verdict["dns_lookup"], case["expect_dns_lookup"]
    assert (asked or "").lower() == (expected or "").lower()

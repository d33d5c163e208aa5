"""JSON has the same words, under keys that do not change."""

import json

from lab.present.json import render, report_from_json, report_to_json
from tests.unit.present.reports import BROKEN, FINE, WALK


def test_a_report_has_stable_keys() -> None:
    assert set(report_to_json(WALK)) == {
        "title",
        "outcome",
        "conclusion",
        "note",
        "checks",
        "parts",
    }


def test_a_failed_check_tells_everything() -> None:
    assert report_to_json(BROKEN)["checks"][1] == {
        "rule": "x.timely",
        "section": "RFC 1 section 2",
        "sentence": "it is in time",
        "outcome": "failed",
        "subject": "the signature",
        "facts": {"now": "3", "end": "2"},
        "ede": 7,
        "hint": "Hurry.",
        "wanted": "it is in time",
    }


def test_a_rule_without_ede_has_null() -> None:
    assert report_to_json(FINE)["checks"][0]["ede"] is None


def test_the_text_starts_with_the_verdict() -> None:
    document = json.loads(render(WALK))
    assert next(iter(document)) == "verdict"
    assert document["verdict"].startswith("walk: bogus, because")
    assert [part["title"] for part in document["parts"]] == ["fr.", "www.example.fr. A"]


def test_a_report_comes_back_as_it_was_written() -> None:
    assert report_from_json(json.loads(json.dumps(report_to_json(WALK)))) == WALK

"""JSON has the same words, under keys that do not change."""

import json
from dataclasses import replace

from lab.present.json import render, report_from_json, report_to_json
from tests.unit.present.reports import BROKEN, FINE, WALK
from tests.unit.present.test_sequence import JOIN


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


def test_a_diagram_travels_with_its_report() -> None:
    drawn = replace(WALK, sequence=JOIN)
    document = json.loads(json.dumps(report_to_json(drawn)))
    assert document["sequence"]["parties"] == ["device", "gateway", "tsp.ns", "afnic.js"]
    (back,) = report_from_json(document).sequences()
    assert back.messages == JOIN.messages
    assert list(report_from_json(report_to_json(WALK)).sequences()) == []

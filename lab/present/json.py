"""Write a report as JSON, with keys that do not change between versions."""

import json
from dataclasses import asdict
from typing import Any

from lab.core.checks import Check, Outcome, Report
from lab.core.rules import Ede, Rule
from lab.core.sequence import Message, Sequence
from lab.present.tree import verdict
from lab.present.wanted import wanted


def render(report: Report) -> str:
    """Return *report* as indented JSON text, verdict first."""
    document = {"verdict": verdict(report), **report_to_json(report)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def report_to_json(report: Report) -> dict[str, Any]:
    """Return *report* as plain dictionaries, lists and texts; `sequence` is there if it has one."""
    drawn = {} if report.sequence is None else {"sequence": sequence_to_json(report.sequence)}
    return {
        "title": report.title,
        "outcome": report.outcome.value,
        "conclusion": report.conclusion,
        "note": report.note,
        "checks": [check_to_json(one) for one in report.checks],
        "parts": [report_to_json(one) for one in report.parts],
        **drawn,
    }


def sequence_to_json(sequence: Sequence) -> dict[str, Any]:
    """Return *sequence* with its messages, times in milliseconds since the first."""
    return {
        "title": sequence.title,
        "parties": list(sequence.parties),
        "messages": [asdict(one) for one in sequence.messages],
    }


def check_to_json(check: Check) -> dict[str, Any]:
    """Return *check* with everything that its rule says; `ede` is a number or null."""
    rule = check.rule
    return {
        "rule": rule.id,
        "section": rule.section,
        "sentence": rule.sentence,
        "outcome": check.outcome.value,
        "subject": check.subject,
        "facts": dict(check.facts),
        "ede": None if rule.ede is None else int(rule.ede),
        "hint": rule.hint,
        "wanted": wanted(check),
    }


def report_from_json(document: dict[str, Any]) -> Report:
    """Return the report that `report_to_json` wrote, to draw it in another process."""
    return Report(
        title=document["title"],
        outcome=Outcome(document["outcome"]),
        conclusion=document["conclusion"],
        checks=tuple(check_from_json(one) for one in document["checks"]),
        parts=tuple(report_from_json(one) for one in document["parts"]),
        note=document["note"],
        sequence=sequence_from_json(document["sequence"]) if "sequence" in document else None,
    )


def sequence_from_json(document: dict[str, Any]) -> Sequence:
    """Return the sequence that `sequence_to_json` wrote."""
    messages = tuple(Message(**one) for one in document["messages"])
    return Sequence(document["title"], messages, tuple(document["parties"]))


def check_from_json(document: dict[str, Any]) -> Check:
    """Return the check that `check_to_json` wrote."""
    ede = document["ede"]
    rule = Rule(
        id=document["rule"],
        sentence=document["sentence"],
        section=document["section"],
        ede=None if ede is None else Ede(ede),
        hint=document["hint"],
    )
    return Check(rule, Outcome(document["outcome"]), document["subject"], document["facts"])

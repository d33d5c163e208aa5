"""What a public CA refuses, with every reason; and the proof of control."""

import base64
from hashlib import sha256

import pytest

from lab.core.checks import Outcome, Report
from lab.core.status import SecurityStatus
from lab.pki.caa import Caa
from lab.pki.issuance import (
    IssuancePolicy,
    Looked,
    NameEvidence,
    Order,
    decided,
    judge_form,
    judge_name,
    proof,
)

POLICY = IssuancePolicy("public-ca.example")
NAME = "js.example.fr"
SECURE = SecurityStatus.SECURE
JOIN_EUI = ".".join("f0d0c0b0a0908070") + ".joineuis.lora-alliance.org"


def failed(report: Report) -> list[str]:
    return [one.rule.id for one in report.every_check() if one.failed]


def named(*names: str, common_name: str = "") -> Report:
    return judge_form(Order("afnic", names, common_name), POLICY)


def looked(
    texts: tuple[str, ...] = (proof("afnic", NAME),),
    caa: tuple[Caa, ...] = (),
    *,
    control: SecurityStatus = SECURE,
    climb: SecurityStatus = SECURE,
) -> Report:
    evidence = NameEvidence(Looked(control, texts), Looked(climb, caa=caa))
    return judge_name(Order("afnic", (NAME,)), NAME, evidence, POLICY)


def test_a_name_made_of_a_joineui_has_too_many_labels() -> None:
    report = named(JOIN_EUI)
    assert failed(report) == ["issuance.labels"]
    facts = next(one for one in report.checks if one.failed).facts
    assert facts == {"labels": "19", "allowed": "10"}


def test_ten_labels_are_enough_and_eleven_are_not() -> None:
    ten = ".".join("abcdefghij")
    assert failed(named(ten)) == []
    assert failed(named(f"k.{ten}")) == ["issuance.labels"]


FORMS = {
    "an underscore": ("_ns-client.ns.telecom-sudparis.eu", ["issuance.syntax"]),
    "a hyphen first": ("-a.example.fr", ["issuance.syntax"]),
    "an empty label": ("a..fr", ["issuance.syntax"]),
    "a wildcard": ("*.example.fr", []),
    "a wildcard inside": ("a.*.example.fr", ["issuance.syntax"]),
    "a long label": (f"{'a' * 64}.fr", ["issuance.length"]),
    "a long name": (f"{'.'.join(['a' * 63] * 4)}.fr", ["issuance.length"]),
}


@pytest.mark.parametrize(("name", "reasons"), FORMS.values(), ids=FORMS)
def test_the_form_of_a_name(name: str, reasons: list[str]) -> None:
    assert failed(named(name)) == reasons


def test_a_common_name_is_short_or_left_out() -> None:
    long = f"{'a' * 60}.example.fr"
    assert failed(named(long)) == []
    assert failed(named(long, common_name=long)) == ["issuance.common-name"]


def test_an_order_has_some_names_but_not_too_many() -> None:
    assert failed(named()) == ["issuance.names"]
    assert failed(named(*(f"a{one}.fr" for one in range(101)))) == ["issuance.names"]


def test_all_reasons_are_told() -> None:
    assert set(failed(named(f"_x.{JOIN_EUI}", common_name="a" * 65))) == {
        "issuance.labels",
        "issuance.syntax",
        "issuance.common-name",
    }


def test_whoever_controls_the_name_gets_it() -> None:
    report = decided(Order("afnic", (NAME,)), POLICY, (named(NAME), looked()))
    assert (report.outcome, report.conclusion) == (Outcome.PASSED, "issued")


def test_the_proof_of_another_account_is_none() -> None:
    assert failed(looked((proof("intruder", NAME),))) == ["issuance.control"]
    assert failed(looked(())) == ["issuance.control"]


def test_a_proof_is_a_digest_in_base64url_without_padding() -> None:
    digest = sha256(b"afnic.js.example.fr").digest()
    assert base64.urlsafe_b64decode(proof("afnic", f"*.{NAME.upper()}") + "=") == digest


def test_the_holder_of_the_name_may_forbid_it() -> None:
    report = looked(caa=(Caa(0, "issue", "afnic.fr"),))
    assert failed(report) == ["issuance.caa"]
    assert next(one for one in report.checks if one.failed).facts["permitted"] == "afnic.fr"


@pytest.mark.parametrize("status", [SecurityStatus.BOGUS, SecurityStatus.INDETERMINATE])
def test_a_ca_that_cannot_look_does_not_issue(status: SecurityStatus) -> None:
    for report in (looked(control=status), looked(climb=status)):
        assert failed(report) == ["issuance.dns"]
        assert Outcome.NOT_REACHED in {one.outcome for one in report.checks}
    assert failed(looked(control=SecurityStatus.INSECURE, climb=SecurityStatus.INSECURE)) == []


def test_a_refusal_names_the_first_reason() -> None:
    report = decided(Order("afnic", (JOIN_EUI,)), POLICY, (named(JOIN_EUI),))
    assert (report.outcome, report.conclusion) == (Outcome.FAILED, "refused")
    assert report.reasons()[0].rule.id == "issuance.labels"

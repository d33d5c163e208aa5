"""Each step yields the action that its title tells, and compares what comes back."""

import dns.name
import pytest
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.checks import Outcome, Report, broken
from lab.core.dialogue import Transcript, answer_all
from lab.core.errors import InputError
from lab.core.parameters import Seconds
from lab.core.rules import RULES, Rule
from lab.core.status import Proven, SecurityStatus
from lab.dane.decision import Decision, Verdict, report_of
from lab.faults.delegations import DsMismatch
from lab.scenario.action import (
    Action,
    AddRecords,
    AdvanceClock,
    Connect,
    ConnectResult,
    Ending,
    IdentityName,
    Observation,
    PublishTlsa,
    RemoveRecords,
    Result,
    Side,
    Validate,
    WithdrawTlsa,
)
from lab.scenario.edits import ClearFaults, SetFault
from lab.scenario.step import Step
from lab.scenario.steps_judge import ConnectStep, ValidateStep
from lab.scenario.steps_world import (
    AddRecordsStep,
    AdvanceClockStep,
    ClearFaultsStep,
    FaultStep,
    NoteStep,
    PublishTlsaStep,
    RemoveRecordsStep,
    WithdrawTlsaStep,
)
from lab.validator.chain import Chain
from lab.validator.resolve import Resolution, ResolutionKind, Validation

WWW = dns.name.from_text("www.example.fr.")
ZONE = dns.name.from_text("example.fr.")
TSP = IdentityName("tsp.ns")
AFNIC = IdentityName("afnic.js")
SIGNATURE = RULES["rrsig.signature"]
EXPIRATION = RULES["rrsig.expiration"]
SECURE = RULES["dane.secure"]


def played(step: Step, result: Result = None) -> Transcript[Action, Result, Observation]:
    return answer_all(step.play(), lambda _: result)


def failing(rule: Rule, *parts: Report) -> Report:
    return Report("evidence", Outcome.FAILED, "no", (broken(rule, "it"),), parts)


def validation(
    status: SecurityStatus = SecurityStatus.SECURE,
    kind: ResolutionKind = ResolutionKind.POSITIVE,
    report: Report | None = None,
) -> Validation:
    resolution = Resolution(WWW, RdataType.A, kind, (), WWW)
    report = report or Report("evidence")
    return Validation(status, Rcode.NOERROR, Proven(status, resolution), Chain(()), (), report)


def decision(verdict: Verdict, report: Report | None = None) -> Decision:
    return Decision(verdict, None, report_of("peer", verdict, report or Report("peer")))


@pytest.mark.parametrize(
    ("step", "action", "title"),
    [
        (
            FaultStep(fault=DsMismatch(child=ZONE)),
            SetFault(DsMismatch(child=ZONE)),
            "fault ds-mismatch on example.fr.",
        ),
        (
            FaultStep(fault=DsMismatch(child=ZONE), server="ns2.fr"),
            SetFault(DsMismatch(child=ZONE), "ns2.fr"),
            f"fault ds-mismatch on {ZONE} at ns2.fr",
        ),
        (ClearFaultsStep(), ClearFaults(), "clear all faults"),
        (
            ClearFaultsStep(fault="ds-mismatch"),
            ClearFaults("ds-mismatch"),
            "clear ds-mismatch",
        ),
        (
            AddRecordsStep(zone=ZONE, records="a TXT b"),
            AddRecords(ZONE, "a TXT b"),
            "add records to example.fr.",
        ),
        (
            RemoveRecordsStep(owner=WWW, type=RdataType.A),
            RemoveRecords(WWW, RdataType.A),
            "remove www.example.fr. A",
        ),
        (
            PublishTlsaStep(identity=TSP, side=Side.CLIENT, form="3 1 2"),
            PublishTlsa(TSP, Side.CLIENT, "3 1 2"),
            "publish TLSA of tsp.ns as client",
        ),
        (
            WithdrawTlsaStep(identity=AFNIC, side=Side.SERVER),
            WithdrawTlsa(AFNIC, Side.SERVER),
            "withdraw TLSA of afnic.js as server",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_step_that_changes_the_lab_is_one_action(step: Step, action: Action, title: str) -> None:
    transcript = played(step)
    assert transcript.exchanges == ((action, None),)
    assert transcript.result.as_expected
    assert transcript.result.seen == "done"
    assert step.title == transcript.result.report.title == title


def test_moving_the_clock_tells_what_happened_on_the_way() -> None:
    step = AdvanceClockStep(by=Seconds(-7200))
    passed = Report("from then to now")
    transcript = played(step, passed)
    assert transcript.exchanges == ((AdvanceClock(Seconds(-7200)), passed),)
    assert transcript.result.report.parts == (passed,)
    assert step.title == "advance the clock by -2h"


def test_a_note_does_nothing() -> None:
    transcript = played(NoteStep(say="hello"))
    assert transcript.exchanges == ()
    assert transcript.result.as_expected
    assert transcript.result.report.title == "note"


def test_a_validation_that_agrees_is_as_expected() -> None:
    step = ValidateStep(
        name=WWW, type=RdataType.A, expect=SecurityStatus.SECURE, answer=ResolutionKind.POSITIVE
    )
    transcript = played(step, validation())
    assert [action for action, _ in transcript.exchanges] == [Validate(WWW, RdataType.A)]
    seen = transcript.result
    assert (seen.expected, seen.seen) == ("secure positive", "secure positive")
    assert seen.as_expected
    assert seen.report.parts == (Report("evidence"),)


@pytest.mark.parametrize(
    ("result", "rule"),
    [
        (validation(SecurityStatus.INSECURE), "scenario.outcome"),
        (validation(kind=ResolutionKind.NODATA), "scenario.answer"),
    ],
)
def test_a_validation_that_differs_says_in_what(result: Validation, rule: str) -> None:
    step = ValidateStep(
        name=WWW, type=RdataType.A, expect=SecurityStatus.SECURE, answer=ResolutionKind.POSITIVE
    )
    seen = played(step, result).result
    failure = seen.report.first_failure()
    assert failure is not None
    assert failure.rule.id == rule
    assert seen.report.conclusion.endswith(", not as expected")


def test_a_validation_without_expectation_is_only_shown() -> None:
    seen = played(ValidateStep(name=WWW, type=RdataType.A), validation(SecurityStatus.BOGUS)).result
    assert seen.as_expected
    assert (seen.expected, seen.seen) == ("", "bogus positive")


@pytest.mark.parametrize(
    ("report", "agrees"),
    [
        (failing(SIGNATURE), True),
        (failing(SECURE, failing(SIGNATURE)), True),
        (Report("whole", Outcome.FAILED, "no", (), (Report("fine"), failing(SIGNATURE))), True),
        (failing(EXPIRATION), False),
        (failing(EXPIRATION, Report("a key of two", parts=(failing(SIGNATURE),))), False),
        (Report("nothing failed"), False),
    ],
)
def test_because_names_a_reason_from_the_verdict_down(report: Report, *, agrees: bool) -> None:
    step = ValidateStep(name=WWW, type=RdataType.A, because=SIGNATURE)
    assert (
        played(step, validation(SecurityStatus.BOGUS, report=report)).result.as_expected is agrees
    )


def test_a_step_says_what_was_pretended() -> None:
    step = ConnectStep(client=TSP, server=AFNIC, claims=WWW, certificate=IdentityName("tsp.js"))
    assert step.title == (
        "connect tsp.ns to afnic.js, claiming www.example.fr., with the certificate of tsp.js"
    )
    transcript = played(step, ConnectResult(None, None))
    action = Connect(TSP, AFNIC, WWW, IdentityName("tsp.js"))
    assert [asked for asked, _ in transcript.exchanges] == [action]


@pytest.mark.parametrize(
    ("result", "ending", "conclusion"),
    [
        (
            ConnectResult(decision(Verdict.ACCEPT), decision(Verdict.ACCEPT), 200),
            Ending.ACCEPTED,
            "accepted: HTTP status 200",
        ),
        (
            ConnectResult(decision(Verdict.ACCEPT), decision(Verdict.UNAUTHENTICATED), 200),
            Ending.UNAUTHENTICATED,
            "unauthenticated: HTTP status 200",
        ),
        (
            ConnectResult(decision(Verdict.ACCEPT), decision(Verdict.ABORT), refusal="alert 40"),
            Ending.REFUSED,
            "refused: alert 40",
        ),
        (ConnectResult(decision(Verdict.ABORT), None), Ending.REFUSED, "refused"),
        (
            ConnectResult(decision(Verdict.ACCEPT), None, 200),
            Ending.DECEIVED,
            "deceived: HTTP status 200",
        ),
    ],
)
def test_a_connection_ends_as_both_sides_decided(
    result: ConnectResult, ending: Ending, conclusion: str
) -> None:
    assert result.ending is ending
    assert result.report.conclusion == conclusion
    seen = played(ConnectStep(client=TSP, server=AFNIC, expect=ending), result).result
    assert seen.as_expected
    assert seen.seen == ending.value


def test_a_connection_that_ends_otherwise_is_no_success() -> None:
    refused = ConnectResult(decision(Verdict.ABORT, failing(SECURE)), None)
    step = ConnectStep(client=TSP, server=AFNIC, expect=Ending.ACCEPTED)
    assert not played(step, refused).result.as_expected


def test_because_reaches_through_the_decision_of_either_side() -> None:
    about_client = decision(Verdict.ABORT, failing(SECURE, failing(SIGNATURE)))
    refused = ConnectResult(decision(Verdict.ACCEPT), about_client)
    step = ConnectStep(client=TSP, server=AFNIC, because=SIGNATURE)
    assert played(step, refused).result.as_expected


def test_only_a_kind_that_there_is_can_be_cleared() -> None:
    with pytest.raises(InputError, match="there is no fault 'ds-mismach'; did you mean"):
        ClearFaultsStep(fault="ds-mismach")

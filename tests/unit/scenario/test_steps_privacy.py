"""A question over TLS is compared by its verdict and by what its answer came over."""

import pytest
from dns.rdatatype import RdataType

from lab.core.checks import Outcome
from lab.core.question import Carrier, Profile
from lab.core.status import SecurityStatus
from lab.scenario.attack_actions import AskOverTls, CameOver
from lab.scenario.steps_privacy import Over, ValidateOverTlsStep
from tests.unit.scenario.test_steps import WWW, played, validation

SECURE = SecurityStatus.SECURE


@pytest.mark.parametrize(
    ("carrier", "over"),
    [
        (None, Over.NOTHING),
        (Carrier.UDP, Over.CLEAR),
        (Carrier.TCP, Over.CLEAR),
        (Carrier.TLS, Over.TLS),
        (Carrier.TLS_DANE, Over.DANE),
        (Carrier.TLS_PIN, Over.DANE),
    ],
)
def test_it_holds_only_if_the_answer_came_over_what_was_expected(
    carrier: Carrier | None, over: Over
) -> None:
    for expected in Over:
        step = ValidateOverTlsStep(
            name=WWW, type=RdataType.A, profile=Profile.STRICT, expect=SECURE, over=expected
        )
        transcript = played(step, CameOver(validation(), carrier))
        ((asked, _),) = transcript.exchanges
        assert asked == AskOverTls(WWW, RdataType.A, Profile.STRICT)
        assert transcript.result.as_expected is (expected is over)
        assert transcript.result.seen == f"secure, over {over.value}"


def test_it_does_not_hold_with_another_verdict() -> None:
    step = ValidateOverTlsStep(
        name=WWW, type=RdataType.A, profile=Profile.STRICT, expect=SECURE, over=Over.DANE
    )
    bogus = CameOver(validation(SecurityStatus.BOGUS), Carrier.TLS_DANE)
    assert played(step, bogus).result.report.outcome is Outcome.FAILED

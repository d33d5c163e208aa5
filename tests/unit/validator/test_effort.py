"""Work for one question is counted, and the verdict says which limit was hit."""

import pytest

from lab.core.status import SecurityStatus
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.validator.effort import Effort
from lab.validator.resolve import Limits, Validation
from tests.unit.validator.zone import name


def limit_of(found: Validation) -> str:
    """Return the limit that a verdict names as its first reason."""
    assert found.status is SecurityStatus.BOGUS
    decisive = found.report.first_failure()
    assert decisive is not None
    assert decisive.rule.id == "effort.bounded"
    return decisive.facts["limit"]


def test_a_name_is_hashed_once() -> None:
    effort, hashing = Effort(Limits()), Nsec3Parameters(9, b"")
    assert effort.hash(hashing, name("a.")) == effort.hash(hashing, name("a."))
    assert effort.rounds == 10


def test_no_name_is_hashed_beyond_the_limit() -> None:
    effort, hashing = Effort(Limits(nsec3_rounds=10)), Nsec3Parameters(9, b"")
    assert effort.hash(hashing, name("a.")) is not None
    assert effort.hash(hashing, name("b.")) is None
    assert effort.hash(hashing, name("a.")) is not None


@pytest.mark.parametrize(("count", "failed"), [(3, 0), (2, 2)])
def test_signatures_are_tried_up_to_the_limits(count: int, failed: int) -> None:
    effort = Effort(Limits(verifications_in_all=3, failures_in_all=2))
    effort.spend_verifications(1, 1)
    assert effort.complaint("x") is None
    effort.spend_verifications(count - 1, failed - 1 if failed else 0)
    complaint = effort.complaint("x")
    assert complaint is not None
    assert complaint.facts["limit"] == ("failures_in_all" if failed else "verifications_in_all")

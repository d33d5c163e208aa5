"""What came of asking another server, as a report for whoever asks why."""

from lab.backend.needs import Answered, Unreached
from lab.backend.network_rules import PARTNER_AGREES, PARTNER_REACHED
from lab.backend.results import ResultCode
from lab.core.checks import Outcome, Report, broken, check


def report_of(reply: Answered | Unreached, title: str) -> Report:
    """Return whether another server did what it was asked, with the evidence."""
    if isinstance(reply, Unreached):
        failed = broken(PARTNER_REACHED, title, why=reply.report.conclusion)
        return Report(title, Outcome.FAILED, "not reached", (failed,), (reply.report,))
    result = reply.answer.result
    facts = {"result": result.code.value, "description": result.description or "-"}
    agrees = check(PARTNER_AGREES, result.code is ResultCode.SUCCESS, title, **facts)
    outcome = Outcome.FAILED if agrees.failed else Outcome.PASSED
    return Report(title, outcome, result.code.value, (agrees,), (reply.report,))

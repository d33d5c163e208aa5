"""Ask other servers for a role: over DANE mutual TLS, with everything noted and reported."""

from collections.abc import Mapping

from lab.app.lorawan_log import LorawanLog
from lab.backend.header import PartyId
from lab.backend.message import Message
from lab.backend.needs import Answered, Unreached
from lab.backend.results import ResultCode
from lab.core.checks import Outcome, Report
from lab.core.frozen import dataclass
from lab.net.backend_client import Asked, Correspondent


@dataclass(frozen=True, slots=True)
class Conversation:
    """Speak for one role.

    Attributes:
        identity: of the role, e.g. "tsp.ns".
        correspondent: finds, authenticates and asks.
        log: is told.
        names: how parties are called there.
    """

    identity: str
    correspondent: Correspondent
    log: LorawanLog
    names: Mapping[PartyId, str]

    async def ask(self, to: PartyId, message: Message) -> Answered | Unreached:
        """Ask *to*; whatever goes wrong on the way is an answer, too."""
        began = self.log.now_ms()
        asked = await self.correspondent.ask(message)
        self._note(asked, began)
        report = report_of(asked, str(to))
        return Unreached(report) if asked.answer is None else Answered(asked.answer, report)

    def _note(self, asked: Asked, began: int) -> None:
        own, party = self.identity, asked.request.header.receiver_id
        partner = self.names.get(party, str(party))
        found = asked.location.report
        look_up = f"DNS {party}"
        if found.outcome is Outcome.FAILED:
            self.log.note((own, own), look_up, refusal=found.conclusion, at_ms=began)
            return
        self.log.note((own, own), look_up, found.conclusion, at_ms=began)
        kind = type(asked.request).__name__
        if asked.answer is None:
            self.log.note((own, partner), kind, refusal=asked.problem, at_ms=began)
            return
        self.log.note((own, partner), kind, at_ms=began)
        result = asked.answer.result
        good = result.code is ResultCode.SUCCESS
        said = f"{result.code.value} {result.description}".strip()
        self.log.note(
            (partner, own),
            type(asked.answer).__name__,
            said if good else "",
            refusal="" if good else said,
        )


def report_of(asked: Asked, party: str) -> Report:
    """Return how a request went: where it was sent, whom it met, and why no answer came."""
    parts = [asked.location.report]
    if asked.decision is not None:
        parts.append(asked.decision.report)
    came = asked.answer is not None
    return Report(
        f"{type(asked.request).__name__} to {party}",
        Outcome.PASSED if came else Outcome.FAILED,
        "answered" if came else asked.problem,
        parts=tuple(parts),
    )

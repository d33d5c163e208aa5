"""Ask other operators' servers, and take their answers whichever way they come (TS002-1.0 s. 20).

An answer comes in the HTTP response, or later in a POST of its own; the TransactionID says to what.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from dns.name import Name
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as LateError
from twisted.internet.interfaces import IReactorTime

from lab.backend.discovery import Location
from lab.backend.header import PartyId
from lab.backend.message import Answer, Message
from lab.backend.messages import ANSWERS, pull_message, push_message
from lab.backend.results import MalformedError
from lab.core.checks import Report
from lab.core.errors import TransportError
from lab.core.frozen import dataclass
from lab.dane.decision import Decision
from lab.dane.discovery import Endpoint
from lab.net.http import Exchange

ANSWER_S = 10.0
OK = 200
_TRANSACTIONS = 2**32


class Means(Protocol):
    """Do for a role what it cannot do itself: the DNS and TLS of its lab."""

    async def find(self, party: PartyId) -> Location:
        """Say where the server of *party* is."""
        ...

    async def vouch(self, party: PartyId, client: Name) -> Report:
        """Judge whether the authenticated *client* may speak for *party*."""
        ...

    async def post(self, identity: str, endpoint: Endpoint, octets: bytes) -> Exchange:
        """Send *octets* from the client *identity* to *endpoint*, both authenticated by DANE.

        Raises:
            TransportError: nobody listens there.
        """
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what came of a request.

    Attributes:
        request: as it was sent, with its TransactionID.
        location: where the other server was looked for.
        decision: about the server that was found; None if there was no handshake.
        answer: None if none came.
        problem: why none came, in one sentence; empty with an answer.
    """

    request: Message
    location: Location
    decision: Decision | None = None
    answer: Answer | None = None
    problem: str = ""


class Correspondent:
    """Send the messages of one identity, and match the answers."""

    def __init__(self, identity: str, means: Means, reactor: IReactorTime, first: int) -> None:
        """Prepare.

        Args:
            identity: whose client this is, e.g. "tsp.ns".
            means: DNS and TLS.
            reactor: for time.
            first: TransactionID to start from; best not that of an earlier run.
        """
        self._identity, self._means, self._reactor = identity, means, reactor
        self._next = first % _TRANSACTIONS
        self._pending: dict[int, tuple[Message, Deferred[Answer]]] = {}

    async def ask(self, request: Message) -> Asked:
        """Send *request* to its receiver, under a TransactionID of ours, and wait for the answer.

        Raises:
            InputError: the receiver is an AS-ID that is no host name.
        """
        number = self._next
        self._next = (number + 1) % _TRANSACTIONS
        request = replace(request, header=replace(request.header, transaction_id=number))
        asked = Asked(request, await self._means.find(request.header.receiver_id))
        waiting: Deferred[Answer] = Deferred()
        self._pending[number] = (request, waiting)
        try:
            exchange, problem = await self._send(asked.location, push_message(request))
            if exchange is not None:
                asked = replace(asked, decision=exchange.decision)
            if exchange is None or problem:
                return replace(asked, problem=problem)
            return await self._answered(asked, exchange, waiting)
        finally:
            del self._pending[number]

    async def answer(self, answer: Answer) -> str:
        """Send *answer* in a POST of its own; return what went wrong, or nothing."""
        location = await self._means.find(answer.header.receiver_id)
        _, problem = await self._send(location, push_message(answer))
        return problem

    def expects(self, answer: Answer) -> bool:
        """Tell whether somebody waits for *answer*."""
        request, waiting = self._pending.get(answer.header.transaction_id, (None, None))
        if request is None or waiting is None or waiting.called:
            return False
        return not mismatch(request, answer)

    def take(self, answer: Answer) -> None:
        """Give an answer that came by itself to who waits for it, if that is still so."""
        if self.expects(answer):
            _, waiting = self._pending[answer.header.transaction_id]
            waiting.callback(answer)

    async def _send(self, location: Location, octets: bytes) -> tuple[Exchange | None, str]:
        """Return the last exchange, and why *octets* were not taken; empty if they were."""
        exchange, problem = None, location.report.conclusion
        for endpoint in location.endpoints:
            try:
                exchange = await self._means.post(self._identity, endpoint, octets)
            except TransportError as error:
                problem = str(error)
                continue
            problem = _problem(endpoint, exchange)
            if exchange.decision is not None and exchange.decision.lets_in:
                # It may have been read there: nowhere else is it sent again.
                break
        return exchange, problem

    async def _answered(
        self, asked: Asked, exchange: Exchange, waiting: "Deferred[Answer]"
    ) -> Asked:
        assert exchange.response is not None
        if not exchange.response.body:
            waiting.addTimeout(ANSWER_S, self._reactor)
            try:
                return replace(asked, answer=await waiting)
            except LateError:
                return replace(asked, problem=f"no answer came within {ANSWER_S:.0f} s")
        try:
            answer = pull_message(exchange.response.body)
        except MalformedError as error:
            return replace(asked, problem=f"the answer is malformed: {error}")
        if problem := mismatch(asked.request, answer):
            return replace(asked, problem=problem)
        assert isinstance(answer, Answer)
        return replace(asked, answer=answer)


def _problem(endpoint: Endpoint, exchange: Exchange) -> str:
    """Return why the server at *endpoint* has not taken a message; empty if it has."""
    response = exchange.response
    if response is None:
        return exchange.refusal
    if response.status == OK:
        return ""
    said = response.body.decode("utf-8", "replace").strip()
    return f"{endpoint.host} says {response.status}: {said}"


def mismatch(request: Message, answer: Message) -> str:
    """Return why *answer* does not belong to *request*; empty if it does."""
    asked, got = request.header, answer.header
    wanted = ANSWERS[type(request)]
    if type(answer) is not wanted:
        return f"expected {wanted.__name__}, not {type(answer).__name__}"
    if got.transaction_id != asked.transaction_id:
        return f"the answer is to transaction {got.transaction_id}, not {asked.transaction_id}"
    if (got.sender_id, got.receiver_id) != (asked.receiver_id, asked.sender_id):
        return f"the answer is from {got.sender_id} to {got.receiver_id}"
    return ""


Ask = Callable[[Message], Awaitable[Asked]]
"""How a role asks other servers."""

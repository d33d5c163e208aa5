"""The roles of the Backend Interfaces behind HTTPS: who is answered, how, and by whom (TS002-1.0).

Decides what comes before a role is asked: the form of the request, for whom it is, and whether the
authenticated client may speak for its SenderID. Errors of the protocol are answered with status 200
and a Result, as network servers of our time expect; they do not read the body of another status.
"""

from collections.abc import Callable, Collection
from enum import Enum
from typing import Protocol

from dns.name import Name
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure

from lab.backend.header import PartyId
from lab.backend.message import Answer, Message
from lab.backend.messages import (
    MAX_MESSAGE,
    answer_malformed,
    pull_message,
    push_message,
    refuse,
)
from lab.backend.results import MalformedError, ResultCode
from lab.core.checks import Outcome
from lab.core.entropy import Entropy
from lab.core.errors import LabError
from lab.core.frozen import dataclass
from lab.dane.decision import Decision
from lab.net.backend_client import OK, Correspondent, Means
from lab.net.http import HttpRequest, HttpResponse

log = Logger()

JSON = "application/json"


class Role(Protocol):
    """Answer requests: a join server, a network server or an application server."""

    async def handle(self, message: Message, identity: Name) -> Answer:
        """Answer *message* of the client *identity*, which may speak for its SenderID."""
        ...


class Style(Enum):
    """Tell in which way a role answers (TS002-1.0 section 20); peers agree on it beforehand."""

    SYNCHRONOUS = "in the HTTP response"
    ASYNCHRONOUS = "in a POST of its own"


@dataclass(frozen=True, slots=True)
class Passed:
    """Tell of a message that came, and of what it was answered.

    Attributes:
        server: the identity that it came to, e.g. "afnic.js".
        client: who sent it, authenticated.
        message: as it came; None if it could not be read.
        answer: None to an answer, and to what could not be read.
    """

    server: str
    client: Name
    message: Message | None
    answer: Answer | None


OnPassed = Callable[[Passed], None]


class Roles:
    """Hold the roles of a lab by the identities at whose servers they answer.

    Attributes:
        listeners: are told of each message.
    """

    def __init__(self, means: Means, reactor: IReactorTime, entropy: Entropy) -> None:
        """Start without any."""
        self.listeners: list[OnPassed] = []
        self._means, self._reactor, self._entropy = means, reactor, entropy
        self._correspondents: dict[str, Correspondent] = {}
        self._desks: dict[str, Desk] = {}

    def correspondent(self, identity: str) -> Correspondent:
        """Return what sends messages for *identity*, e.g. "tsp.ns"."""
        if identity not in self._correspondents:
            first = int.from_bytes(self._entropy.bytes(4), "big")
            made = Correspondent(identity, self._means, self._reactor, first)
            self._correspondents[identity] = made
        return self._correspondents[identity]

    def register(
        self,
        identity: str,
        role: Role,
        parties: Collection[PartyId],
        style: Style = Style.SYNCHRONOUS,
    ) -> None:
        """Let *role* answer what comes to *identity* for one of *parties*."""
        correspondent = self.correspondent(identity)
        self._desks[identity] = Desk(
            identity, role, frozenset(parties), style, self._means, correspondent, self._tell
        )

    def desk(self, identity: str) -> "Desk | None":
        """Return where the messages for *identity* are taken; None if it has no role."""
        return self._desks.get(identity)

    def _tell(self, passed: Passed) -> None:
        for listener in self.listeners:
            listener(passed)


@dataclass(frozen=True, slots=True)
class Desk:
    """Take the messages for one identity.

    Attributes:
        identity: e.g. "afnic.js".
        role: answers.
        parties: for whom it does.
        style: in which way.
        means: DNS and TLS.
        correspondent: waits for answers, and sends late ones.
        tell: is told of each message.
    """

    identity: str
    role: Role
    parties: frozenset[PartyId]
    style: Style
    means: Means
    correspondent: Correspondent
    tell: OnPassed

    async def receive(self, request: HttpRequest, decision: Decision) -> HttpResponse:
        """Answer a POST."""
        client = decision.identity
        if client is None:
            return _plain(403, "only clients that DANE has authenticated are answered")
        kind = dict(request.headers).get("content-type", "").partition(";")[0].strip().lower()
        if kind != JSON:
            return _plain(415, f"expected content-type: {JSON}, not {kind or 'none'}")
        if len(request.body) > MAX_MESSAGE:
            return _plain(413, f"a message has at most {MAX_MESSAGE} octets")
        try:
            message = pull_message(request.body)
        except MalformedError as error:
            refusal = answer_malformed(error)
            self.tell(Passed(self.identity, client, None, refusal))
            return _plain(400, str(error)) if refusal is None else _json(refusal)
        return await self._received(message, client)

    async def _received(self, message: Message, client: Name) -> HttpResponse:
        if isinstance(message, Answer):
            await self._take(message, client)
            return HttpResponse(OK)
        unknown = await self._unknown(message, client)
        if unknown is None and self.style is Style.ASYNCHRONOUS:
            Deferred.fromCoroutine(self._answer_later(message, client)).addErrback(_broke_down)
            return HttpResponse(OK)
        answer = refuse(message, *unknown) if unknown else await self._answer(message, client)
        self.tell(Passed(self.identity, client, message, answer))
        return _json(answer)

    async def _unknown(self, message: Message, client: Name) -> tuple[ResultCode, str] | None:
        """Return why this is not for us, or not of this client."""
        header = message.header
        if header.receiver_id not in self.parties:
            return ResultCode.UNKNOWN_RECEIVER, f"{header.receiver_id} is not served here"
        report = await self.means.vouch(header.sender_id, client)
        if report.outcome is Outcome.FAILED:
            log.emit(
                LogLevel.warn,
                "{server}: UnknownSender {sender} from {client}",
                server=self.identity,
                sender=str(header.sender_id),
                client=str(client),
            )
            return ResultCode.UNKNOWN_SENDER, f"{client} does not speak for {header.sender_id}"
        return None

    async def _answer(self, message: Message, client: Name) -> Answer:
        try:
            return await self.role.handle(message, client)
        except LabError as error:
            return refuse(message, ResultCode.OTHER, str(error))

    async def _answer_later(self, message: Message, client: Name) -> None:
        answer = await self._answer(message, client)
        self.tell(Passed(self.identity, client, message, answer))
        if problem := await self.correspondent.answer(answer):
            log.emit(LogLevel.warn, "an answer was not taken: {problem}", problem=problem)

    async def _take(self, answer: Answer, client: Name) -> None:
        """Pass an answer on to who waits for it; what nobody waits for is dropped (section 20)."""
        expected = self.correspondent.expects(answer)
        # Nobody can make us ask the DNS by answers that we have not asked for.
        if expected and await self._unknown(answer, client) is None:
            self.correspondent.take(answer)
            self.tell(Passed(self.identity, client, answer, None))
        else:
            log.info("dropped an answer of {client} that nobody waits for", client=str(client))


def _broke_down(failure: Failure) -> None:
    log.failure("a role broke down", failure)


def _json(answer: Answer) -> HttpResponse:
    return HttpResponse(OK, (("content-type", JSON),), push_message(answer))


def _plain(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(status, (("content-type", "text/plain"),), f"{sentence}\n".encode())

"""An application server of the running lab: its memory, and who is told of readings."""

from collections.abc import Callable
from typing import Any, TypeAlias

from dns.name import Name
from twisted.internet.defer import Deferred
from twisted.logger import Logger, LogLevel

from lab.app.conversation import Conversation
from lab.app.lorawan_memory import Shelf
from lab.app.network_servers import Surroundings
from lab.backend.application_server import (
    Application,
    ApplicationNeed,
    ApplicationReply,
    ApplicationSession,
    Desk,
    Outgoing,
    Reading,
    SessionKept,
    Take,
    Wanted,
    handle,
)
from lab.backend.message import Answer, Message
from lab.backend.needs import Ask
from lab.core.errors import TransportError
from lab.lorawan.identifiers import Eui64
from lab.net.drive import drive
from lab.net.reactor import Reactor
from lab.net.webhook import Webhook, tell

log = Logger()

OnReading: TypeAlias = Callable[[str, Reading], None]
"""Is told which application server read what."""


def telling(reactor: Reactor, webhook: Webhook) -> OnReading:
    """Return what posts each reading to *webhook*; what is not taken is logged, and lost."""

    async def post(server: str, reading: Reading) -> None:
        try:
            status = await tell(reactor, webhook, document_of(server, reading))
        except TransportError as error:
            text = "{webhook} does not listen: {error}"
            log.emit(LogLevel.warn, text, webhook=webhook, error=str(error))
        else:
            log.debug("{webhook} answered {status}", webhook=webhook, status=status)

    def begin(server: str, reading: Reading) -> None:
        Deferred.fromCoroutine(post(server, reading)).addErrback(
            lambda failure: log.failure("a reading was lost to a defect", failure)
        )

    return begin


def document_of(server: str, reading: Reading) -> dict[str, Any]:
    """Return what a webhook is told of a reading."""
    return {
        "application": server,
        "dev_eui": str(reading.dev_eui),
        "dev_addr": str(reading.dev_addr),
        "f_port": reading.f_port,
        "f_cnt": reading.f_cnt,
        "payload": reading.payload.hex(),
        "at": str(reading.at),
    }


class ApplicationServer:
    """Be the application server of one operator.

    Attributes:
        application: how it works.
        sessions: with their keys.
        readings: the last one of each device.
        outgoing: what waits for devices.
        on_reading: are told of each reading.
    """

    def __init__(
        self, application: Application, around: Surroundings, conversation: Conversation
    ) -> None:
        """Prepare."""
        own, memory = conversation.identity, around.memory
        self.application = application
        self.sessions: Shelf[ApplicationSession] = memory.shelf(
            f"{own} session", ApplicationSession
        )
        self.readings: Shelf[Reading] = memory.shelf(f"{own} reading", Reading)
        self.outgoing: Shelf[Outgoing] = memory.shelf(f"{own} outgoing", Outgoing)
        self.on_reading: list[OnReading] = []
        self._around = around
        self._conversation = conversation

    async def handle(self, message: Message, identity: Name) -> Answer:
        """Answer a network server, whose SenderID is known to be true."""
        del identity
        desk = Desk(self.application, self._around.clock.now())
        answer, _ = await drive(handle(message, desk), self._perform)
        return answer

    async def _perform(self, need: ApplicationNeed) -> ApplicationReply:
        match need:
            case Ask(to=to, message=message):
                return await self._conversation.ask(to, message)
            case SessionKept(dev_eui=dev_eui):
                return self.sessions.get(dev_eui)
            case Take(session=session, reading=reading):
                self._take(session, reading)
                return None
            case Wanted(dev_eui=dev_eui):
                return self._wanted(dev_eui)

    def _take(self, session: ApplicationSession, reading: Reading) -> None:
        self.sessions.put(session.dev_eui, session, session.dev_addr)
        self.readings.put(reading.dev_eui, reading)
        own = self._conversation.identity
        said = f"{reading.dev_eui} says {reading.payload.hex()} on port {reading.f_port}"
        self._conversation.log.note((own, own), "reading", said)
        for listener in self.on_reading:
            listener(own, reading)

    def _wanted(self, dev_eui: Eui64) -> Outgoing | None:
        waiting = self.outgoing.get(dev_eui)
        if waiting is not None:
            self.outgoing.drop(dev_eui)
        return waiting

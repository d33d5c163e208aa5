"""An application server of the running lab: its memory, and what it and other programs exchange."""

import base64
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from dns.name import Name
from twisted.internet.defer import Deferred, gatherResults
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
from lab.core.errors import InputError, TransportError
from lab.lorawan.identifiers import Eui64
from lab.lorawan.regions import EU868
from lab.net.drive import drive
from lab.net.reactor import Reactor
from lab.net.webhook import Webhook, tell

log = Logger()

DEFAULT_PORT = 1
_PORTS = range(1, 224)
_LONGEST = max(one.max_payload for one in EU868.data_rates.values())

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
    """Return what other programs are told of a reading."""
    return {
        "application": server,
        "dev_eui": str(reading.dev_eui),
        "dev_addr": str(reading.dev_addr),
        "f_port": reading.f_port,
        "f_cnt": reading.f_cnt,
        "payload": reading.payload.hex(),
        "at": str(reading.at),
    }


def outgoing_of(document: Mapping[str, Any]) -> Outgoing:
    """Return what another program wants to be said to a device.

    Args:
        document: with `payload` (hexadecimal digits) or `payload_base64`, and perhaps `port` and
            `confirmed`.

    Raises:
        InputError: it is something else.
    """
    port, confirmed = document.get("port", DEFAULT_PORT), document.get("confirmed", False)
    # JSON's true is not a port, though Python takes it for 1.
    if type(port) is not int or port not in _PORTS:
        raise InputError(f"a payload goes to a port from 1 to 223, not {port!r:.20}")
    if not isinstance(confirmed, bool):
        raise InputError(f"whether a payload is confirmed is true or false, not {confirmed!r:.20}")
    payload = _payload(document)
    if len(payload) > _LONGEST:
        raise InputError(f"no data rate has room for more than {_LONGEST} octets of payload")
    return Outgoing(port, payload, confirmed)


def _payload(document: Mapping[str, Any]) -> bytes:
    try:
        if "payload_base64" in document:
            return base64.b64decode(document["payload_base64"], validate=True)
        return bytes.fromhex(document["payload"])
    except (KeyError, TypeError, ValueError) as error:
        wanted = '"payload" in hexadecimal digits, e.g. "00ff", or "payload_base64"'
        raise InputError(f"a payload is written as {wanted}") from error


class ApplicationServer:
    """Be the application server of one operator.

    Attributes:
        application: how it works.
        sessions: with their keys.
        readings: the last one of each device.
        outgoing: what waits for devices.
        on_join: are told of the first reading of each session, before `on_reading`; that is how an
            application server learns of a join.
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
        self.on_join: list[OnReading] = []
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
                await self._take(session, reading)
                return None
            case Wanted(dev_eui=dev_eui):
                return self._wanted(dev_eui)

    async def _take(self, session: ApplicationSession, reading: Reading) -> None:
        before = self.sessions.get(session.dev_eui)
        is_new = before is None or not before.is_that_of(session.dev_addr, session.session_key_id)
        await gatherResults(
            [
                self.sessions.keep(session.dev_eui, session, session.dev_addr),
                self.readings.keep(reading.dev_eui, reading),
            ]
        )
        own = self._conversation.identity
        said = f"{reading.dev_eui} says {reading.payload.hex()} on port {reading.f_port}"
        self._conversation.log.note((own, own), "reading", said)
        for listener in (*(self.on_join if is_new else ()), *self.on_reading):
            listener(own, reading)

    def _wanted(self, dev_eui: Eui64) -> Outgoing | None:
        waiting = self.outgoing.get(dev_eui)
        if waiting is not None:
            self.outgoing.drop(dev_eui)
        return waiting

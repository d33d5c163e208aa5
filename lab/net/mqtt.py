"""Hold a line to an MQTT broker (MQTT 5.0), whether it is there or not.

The library connects and shakes hands without yielding, so it does all that in its own thread: a
broker that is slow, silent or absent never holds up the lab. What the thread learns is told to the
reactor; nothing here is touched by both.
"""

import json
import ssl
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from threading import Thread
from typing import Any, TypeAlias

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from twisted.internet.defer import Deferred

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.net.broker import Broker
from lab.net.outbox import Outbox
from lab.net.reactor import Reactor

ROOM = 1000
# MQTT 5.0 section 3.3.4: more would break the Receive Maximum of common brokers.
AT_ONCE = 20
LARGEST_PACKET = 16384
CONNECT_S = 5.0
KEEPALIVE_S = 30
# In seconds; doubled after each attempt that failed.
FIRST_WAIT, LONGEST_WAIT = 1, 30
PARTING_S = 2.0
AT_LEAST_ONCE = 1


@dataclass(frozen=True, slots=True)
class Heard:
    """Hold a message of the broker.

    Attributes:
        topic: where it was published.
        payload: as it was published.
        retained: whether it was published before we subscribed.
    """

    topic: str
    payload: bytes
    retained: bool


OnHeard: TypeAlias = Callable[[Heard], None]
OnNotice: TypeAlias = Callable[[str], None]
"""Is told, in a sentence, that the broker has gone or has come."""


class LineState(Enum):
    """Say how a line is."""

    NEW = "not tried yet"
    UP = "connected"
    AWAY = "not there"


class MqttLine:
    """Publish documents, and hear what is published for us.

    Attributes:
        state: how the line is.
        outbox: what the broker has not acknowledged yet.
        refused: how many documents the broker did not want.
    """

    def __init__(
        self, reactor: Reactor, broker: Broker, wanted: str, heard: OnHeard, notice: OnNotice
    ) -> None:
        """Prepare to hear of the topics *wanted*, a filter; nothing is opened before `begin`.

        Raises:
            InputError: the file with the broker's authority cannot be used.
        """
        self.state = LineState.NEW
        self.outbox: Outbox[tuple[str, bytes]] = Outbox(ROOM, AT_ONCE)
        self.refused = 0
        self._reactor, self._broker = reactor, broker
        self._wanted, self._heard, self._notice = wanted, heard, notice
        self._leaving: Deferred[None] | None = None
        self._client = _client_of(broker)
        self._listen()

    def _listen(self) -> None:
        """Have the thread tell the reactor of everything."""
        client, call = self._client, self._reactor.callFromThread

        def failed(*_told: object) -> None:
            # The library calls this while it handles what went wrong.
            call(self._lost, _reason_of(sys.exception()))

        client.on_connect = lambda _c, _u, _flags, code, _p: call(self._connected, code)
        client.on_connect_fail = failed
        client.on_disconnect = lambda _c, _u, _flags, code, _p: call(self._lost, str(code))
        client.on_publish = lambda _c, _u, _mid, code, _p: call(self._acknowledged, code)
        client.on_message = lambda _c, _u, message: call(self._hear, message)

    def begin(self) -> None:
        """Go on trying to connect, and stay connected, until `end`."""
        limits = Properties(PacketTypes.CONNECT)
        limits.MaximumPacketSize = LARGEST_PACKET
        limits.ReceiveMaximum = AT_ONCE
        self._client.connect_async(
            self._broker.address,
            self._broker.port,
            KEEPALIVE_S,
            clean_start=True,
            properties=limits,
        )
        self._client.loop_start()

    async def end(self) -> None:
        """Let what waits go first, then take leave; a broker that is slow is not waited for."""
        if self.state is LineState.UP:
            self._leaving = Deferred()
            timer = self._reactor.callLater(PARTING_S, self._left)
            self._leave_if_done()
            await self._leaving
            if timer.active():
                timer.cancel()
        # MQTT 5.0 section 3.14: without DISCONNECT the broker would take it for a failure.
        self._client.disconnect()
        # It waits for the library's thread, which may be busy with a silent broker.
        Thread(target=self._client.loop_stop, daemon=True).start()

    def publish(self, topic: str, document: Mapping[str, Any]) -> None:
        """Publish *document* as soon as the broker is there."""
        self.outbox.put((topic, json.dumps(document).encode()))
        self._send()

    def _send(self) -> None:
        if self.state is LineState.UP:
            for topic, payload in self.outbox.take():
                self._client.publish(topic, payload, AT_LEAST_ONCE)

    def _connected(self, code: ReasonCode) -> None:
        if code.is_failure:
            self._lost(str(code))
            return
        if self.state is LineState.AWAY:
            held = f"{self.outbox.waiting} messages waited, {self.outbox.dropped} were dropped"
            self._notice(f"the MQTT broker {self._broker} is there now: {held}")
        self.state = LineState.UP
        self._client.subscribe(self._wanted, AT_LEAST_ONCE)
        self._send()

    def _lost(self, why: str) -> None:
        if self._leaving is not None:
            self._left()
        elif self.state is not LineState.AWAY:
            # Told once, not at each attempt.
            self.state = LineState.AWAY
            held = f"up to {ROOM} messages wait for it"
            self._notice(f"the MQTT broker {self._broker} is not there ({why}): {held}")

    def _acknowledged(self, code: ReasonCode) -> None:
        self.outbox.acknowledge()
        if code.is_failure:
            self.refused += 1
        self._send()
        self._leave_if_done()

    def _leave_if_done(self) -> None:
        if self._leaving is not None and not self.outbox.waiting:
            self._client.disconnect()

    def _left(self) -> None:
        if self._leaving is not None and not self._leaving.called:
            self._leaving.callback(None)

    def _hear(self, message: MQTTMessage) -> None:
        """Acknowledge a message when it is dealt with: before, a crash would lose it."""
        self._heard(Heard(message.topic, bytes(message.payload), message.retain))
        self._client.ack(message.mid, message.qos)


def _client_of(broker: Broker) -> Client:
    client = Client(
        CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5, manual_ack=True
    )
    client.connect_timeout = CONNECT_S
    client.reconnect_delay_set(FIRST_WAIT, LONGEST_WAIT)
    if broker.ca is not None:
        try:
            client.tls_set(str(broker.ca))
        except (OSError, ssl.SSLError) as error:
            raise InputError(f"{broker.ca} holds no certificates in PEM: {error}") from error
    return client


def _reason_of(error: BaseException | None) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)

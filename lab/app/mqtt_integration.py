"""Exchange with an MQTT broker what application servers read, and what devices are to be told.

Topics are PREFIX/OPERATOR/DEVEUI/WHAT: `up` for readings, `join` for the first one of a session,
`down` for what others publish to a device, `error` for what was wrong with that.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from lab.app.application_servers import document_of, outgoing_of
from lab.app.lorawan import LorawanSide
from lab.backend.application_server import Reading
from lab.core.errors import InputError, LabError
from lab.lorawan.identifiers import Eui64
from lab.net.broker import Broker
from lab.net.mqtt import Heard, MqttLine
from lab.net.reactor import Reactor


class MqttIntegration:
    """Connect all application servers of a lab with one broker.

    Attributes:
        line: to the broker.
    """

    def __init__(
        self, reactor: Reactor, broker: Broker, side: LorawanSide, notice: Callable[[str], None]
    ) -> None:
        """Listen to *side*; *notice* is told when the broker goes and comes.

        Raises:
            InputError: the file with the broker's authority cannot be used.
        """
        self._side, self._broker = side, broker
        self.line = MqttLine(reactor, broker, f"{broker.prefix}/+/+/down", self._down, notice)
        side.on_join(self._joined)
        side.on_reading(self._read)

    def described(self) -> dict[str, Any]:
        """Return how it goes, as JSON."""
        box = self.line.outbox
        return {
            "broker": str(self._broker),
            "prefix": self._broker.prefix,
            "state": self.line.state.value,
            "sent": box.sent,
            "waiting": box.waiting,
            "dropped": box.dropped,
            "refused": self.line.refused,
        }

    def _joined(self, server: str, reading: Reading) -> None:
        told = document_of(server, reading)
        self._tell(server, reading, "join", {one: told[one] for one in _OF_JOIN})

    def _read(self, server: str, reading: Reading) -> None:
        self._tell(server, reading, "up", document_of(server, reading))

    def _tell(self, server: str, reading: Reading, what: str, told: Mapping[str, Any]) -> None:
        topic = f"{self._broker.prefix}/{_operator_of(server)}/{reading.dev_eui}/{what}"
        self.line.publish(topic, told)

    def _down(self, heard: Heard) -> None:
        """Leave a payload for a device, or say why not."""
        place = heard.topic.removesuffix("/down")
        *_, operator, device = place.split("/")
        try:
            self._leave(operator, device, heard)
        except LabError as error:
            self.line.publish(f"{place}/error", {"error": str(error)})

    def _leave(self, operator: str, device: str, heard: Heard) -> None:
        # MQTT 5.0 section 3.3.1.3: it would come again at every connection.
        if heard.retained:
            raise InputError(
                "a retained message is not sent to a device; publish it without retain"
            )
        dev_eui = Eui64.from_text(device)
        planned = self._side.plan.devices.get(dev_eui)
        if planned is None or _operator_of(planned.application) != operator:
            raise InputError(f"no application server of {operator} reads a device {dev_eui}")
        outgoing = outgoing_of(_document(heard.payload))
        self._side.application_of(dev_eui).outgoing.put(dev_eui, outgoing)


_OF_JOIN = ("application", "dev_eui", "dev_addr", "at")
_WANTED = 'a downlink is a JSON object, e.g. {"port": 1, "payload": "00ff"}'


def _operator_of(server: str) -> str:
    operator, _, _ = server.partition(".")
    return operator


def _document(payload: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise InputError(_WANTED) from error
    if not isinstance(document, dict):
        raise InputError(_WANTED)
    return document

"""Readings and payloads go through an MQTT broker: Debian's mosquitto, and its own clients."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.app import asking
from lab.app.state import StateFolder
from tests.e2e.running import Lab, Tool, find, free_port, listening, start, stop

START = ("--port", "0", "--tls-port", "0", "--gateway-port", "0")
WEATHER = "home/afnic/00005e1000001001"
# Who is away is told later, also by a broker that was away itself.
READER = ("-c", "-i", "reader")
TOLD = ("-t", "home/+/+/up", "-t", "home/+/+/join", "-t", "home/+/+/error")
CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
log_dest file {folder}/log
log_type all
# As root it would change to a user who may not write to that folder.
user root
"""


@dataclass(frozen=True)
class Mosquitto:
    """A broker that may go and come; a reader has subscribed to everything, for good."""

    port: int
    folder: Path

    @contextmanager
    def running(self, more: str = "") -> Iterator["subprocess.Popen[str]"]:
        config = self.folder / "mosquitto.conf"
        config.write_text(CONFIG.format(port=self.port, folder=self.folder) + more)
        with listening(self.port, "mosquitto", "-c", str(config)) as process:
            yield process

    def read(self, count: int) -> list[tuple[str, Any]]:
        """Return the next *count* messages that the reader gets: topic and document."""
        done = self.client("sub", *READER, *TOLD, "-C", str(count), "-W", "20", "-v")
        lines = [line.split(" ", 1) for line in done.splitlines()]
        assert len(lines) == count, lines
        return [(topic, json.loads(text)) for topic, text in lines]

    def client(self, kind: str, *options: str) -> str:
        program = find(f"mosquitto_{kind}")
        done = subprocess.run(
            [program, "-p", str(self.port), "-q", "1", *options],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert done.stderr == ""
        return done.stdout

    def publish(self, topic: str, text: str, *options: str) -> None:
        self.client("pub", "-t", topic, "-m", text, *options)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Mosquitto:
    """A broker that does not run yet."""
    find("mosquitto")
    return Mosquitto(free_port(), tmp_path_factory.mktemp("mosquitto"))


@pytest.fixture(scope="module")
def radio(tmp_path_factory: pytest.TempPathFactory, broker: Mosquitto) -> Iterator[Lab]:
    """A lab with one device that has joined before there was any broker."""
    url = f"mqtt://127.0.0.1:{broker.port}/home"
    started = start(tmp_path_factory.mktemp("radio") / "state", *START, "--mqtt", url)
    ask(started, "join", device="weather")
    yield started
    assert "Traceback" not in stop(started)


def ask(lab: Lab, do: str, **more: object) -> Any:  # noqa: ANN401 any JSON
    """Ask at the control socket, as `lab lorawan` does."""
    told: dict[str, Any] = {}
    for event in asking.ask(StateFolder(lab.state), {"do": f"lorawan-{do}", **more}):
        told.update(event)
    return told


def send(lab: Lab, payload: str) -> dict[str, Any]:
    """Let the device send, and return what else there was."""
    told: dict[str, Any] = ask(lab, "send", device="weather", payload=payload)
    assert told["reading"]["payload"] == payload
    return told


def wait_for(lab: Lab, **wanted: object) -> None:
    told: dict[str, object] = {}
    for _ in range(200):
        told = ask(lab, "mqtt")["mqtt"]
        if wanted.items() <= told.items():
            return
        time.sleep(0.1)
    pytest.fail(f"{wanted} was expected of {told}")


def next_error(broker: Mosquitto) -> tuple[str, dict[str, Any]]:
    """Return the next complaint: a reading may come twice (MQTT 3.1.1 section 4.3.2, QoS 1)."""
    while True:
        ((topic, told),) = broker.read(1)
        if topic.endswith("/error"):
            return topic, told


def test_readings_and_payloads_go_through_a_broker_that_comes_and_goes(
    radio: Lab, broker: Mosquitto
) -> None:
    # It is not there: readings wait, and nothing else does.
    send(radio, "01")
    wait_for(radio, state="not there", waiting=2, sent=0)
    with broker.running():
        broker.client("sub", *READER, *TOLD, "-E")
        (join_topic, joined), (topic, reading) = broker.read(2)
        assert (join_topic, topic) == (f"{WEATHER}/join", f"{WEATHER}/up")
        assert (reading["payload"], reading["f_cnt"], reading["f_port"]) == ("01", 0, 1)
        assert joined.items() <= reading.items()
        # What is published for a device reaches it after its next uplink.
        broker.publish(f"{WEATHER}/down", '{"port": 7, "payload_base64": "yv4="}')
        downlink = send(radio, "02")["downlink"]
        assert (downlink["port"], downlink["payload"]) == (7, "cafe")
        assert broker.read(1)[0][1]["payload"] == "02"
        wait_for(radio, state="connected", waiting=0, sent=3)
    wait_for(radio, state="not there")
    for payload in ("03", "04", "05"):
        send(radio, payload)
    wait_for(radio, waiting=3)
    with broker.running():
        # The join is not told again: the session is the same.
        assert [one["payload"] for _, one in broker.read(3)] == ["03", "04", "05"]
        wait_for(radio, waiting=0, sent=6, dropped=0, refused=0)
        for text, why in MISTAKES.items():
            broker.publish(f"{WEATHER}/down", text)
            assert next_error(broker) == (f"{WEATHER}/error", {"error": why})
        broker.publish("home/tsp/00005e1000001001/down", '{"payload": "00"}')
        topic, error = next_error(broker)
        assert topic == "home/tsp/00005e1000001001/error"
        assert error["error"] == "no application server of tsp reads a device 00005e1000001001"
        assert send(radio, "06")["downlink"] is None
        broker.read(1)
    errors = radio.errors.read_text()
    assert errors.count("is not there (Connection refused): up to 1000 messages wait") == 1
    assert "is there now: 2 messages waited, 0 were dropped" in errors
    assert "is there now: 3 messages waited, 0 were dropped" in errors


_NO_OBJECT = 'a downlink is a JSON object, e.g. {"port": 1, "payload": "00ff"}'
_NO_PAYLOAD = (
    'a payload is written as "payload" in hexadecimal digits, e.g. "00ff", or "payload_base64"'
)
MISTAKES = {
    "": _NO_OBJECT,
    "[1]": _NO_OBJECT,
    '{"port": 1}': _NO_PAYLOAD,
    '{"payload": "0"}': _NO_PAYLOAD,
    '{"payload": "00", "port": 224}': "a payload goes to a port from 1 to 223, not 224",
}


def test_a_broker_that_falls_silent_holds_up_nothing(tmp_path: Path, broker: Mosquitto) -> None:
    url = f"mqtt://127.0.0.1:{broker.port}/home"
    with broker.running() as process:
        lab = start(tmp_path / "state", *START, "--mqtt", url)
        wait_for(lab, state="connected")
        process.send_signal(signal.SIGSTOP)
        try:
            ask(lab, "join", device="weather")
            send(lab, "01")
            wait_for(lab, state="connected", waiting=2)
            assert "Traceback" not in stop(lab)
        finally:
            process.send_signal(signal.SIGCONT)


CALL = """
import sys
from pathlib import Path
from twisted.internet.defer import Deferred
from lab.app.reactor import run
from lab.net.broker import Broker
from lab.net.mqtt import MqttLine

async def main(reactor):
    ended = Deferred()
    line = MqttLine(reactor, broker, "home/+/+/down", print, ended.callback)
    for number in range(1021):
        line.publish("home/number", {"number": number})
    line.begin()
    while line.outbox.waiting and not ended.called:
        pause = Deferred()
        reactor.callLater(0.05, pause.callback, None)
        await pause
    await line.end()
    print(line.outbox.sent, line.outbox.dropped, ended.result if ended.called else "")

broker = Broker.from_text(sys.argv[1], Path(sys.argv[2]))
run(main)
"""


def call(url: str, ca: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CALL, url, str(ca)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_over_tls_the_brokers_authority_is_asked_for_and_leave_is_taken(
    tmp_path: Path, broker: Mosquitto, tool: Tool
) -> None:
    for name in ("one", "other"):
        key, certificate = str(tmp_path / f"{name}.key"), str(tmp_path / f"{name}.crt")
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        named = ("-subj", "/CN=broker", "-addext", "subjectAltName=IP:127.0.0.1")
        tool("openssl", "req", "-x509", *curve, *named, "-keyout", key, "-out", certificate)
    secure = free_port()
    keys = f"certfile {tmp_path}/one.crt\nkeyfile {tmp_path}/one.key\n"
    url = f"mqtts://127.0.0.1:{secure}"
    with broker.running(f"listener {secure} 127.0.0.1\n{keys}"):
        # All that may wait and all that may be on its way at once; nothing is too much.
        assert call(url, tmp_path / "one.crt") == "1000 21"
        assert "Received DISCONNECT" in broker.log
        assert "certificate verify failed" in call(url, tmp_path / "other.crt")

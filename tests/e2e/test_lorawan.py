"""Devices join and send through the running lab: real UDP, DNS and TLS, from air to application."""

import base64
import json
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from lab.lorawan.frames import DataFrame, Direction, FCtrl, MType
from lab.lorawan.identifiers import DevAddr
from lab.lorawan.keys import SessionKeys, Version
from lab.lorawan.security import data_mic
from tests.e2e.running import Lab, start, stop

JOIN_EUI = "f.2.0.0.0.0.0.0.0.1.e.5.0.0.0.0.joineuis.lora-alliance.org."
POSTBOX = "00005e1000001008"
HEARD = {
    "tmst": 1,
    "freq": 868.1,
    "stat": 1,
    "modu": "LORA",
    "datr": "SF7BW125",
    "rssi": -60,
    "lsnr": 7,
    "size": 12,
}
START = ("--port", "0", "--tls-port", "0", "--gateway-port", "0")


class Listener(BaseHTTPRequestHandler):
    """Take what a webhook is told."""

    told: Queue[dict[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.told.put(json.loads(body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 as above
        pass


@pytest.fixture(scope="module")
def webhook() -> Iterator[HTTPServer]:
    """A program that is told of readings."""
    Listener.told = Queue()
    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def radio(tmp_path_factory: pytest.TempPathFactory, webhook: HTTPServer) -> Iterator[Lab]:
    """A lab whose devices all have joined."""
    hook = ("--webhook", f"http://127.0.0.1:{webhook.server_port}/readings")
    started = start(tmp_path_factory.mktemp("radio") / "state", *START, *hook)
    try:
        for name in ("weather", "meter", "bicycle"):
            told = ask(started, "join", name)
            assert told["joined"], json.dumps(told, indent=2)
        yield started
    finally:
        errors = stop(started)
    assert "Traceback" not in errors


def ask(lab: Lab, *words: str) -> Any:  # noqa: ANN401 any JSON
    said = lab.run("lorawan", *words, "--json")
    assert said.stdout, said.stderr
    return json.loads(said.stdout)


def device(lab: Lab, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in ask(lab, "devices") if one["name"] == name)
    return found


def payload(told: dict[str, Any]) -> str:
    """Return what an application server has read; if it has not, all that was said is shown."""
    assert told["reading"] is not None, json.dumps(told, indent=2)
    return str(told["reading"]["payload"])


def steps(told: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return who said what to whom, without what parties did alone."""
    messages = told["sequence"]["messages"]
    return [
        (one["source"], one["label"], one["target"])
        for one in messages
        if one["source"] != one["target"]
    ]


@pytest.mark.parametrize(
    ("name", "net_id"), [("weather", "00050a"), ("meter", "00050b"), ("bicycle", "00050a")]
)
def test_device_network_and_application_have_the_same_keys(
    radio: Lab, name: str, net_id: str
) -> None:
    told = ask(radio, "send", name, "00d7")
    assert payload(told) == "00d7"
    session = device(radio, name)["session"]
    assert session["net_id"] == net_id
    assert session["same_network_keys"]
    assert session["same_application_key"]


def test_a_device_activated_by_hand_speaks_at_once_and_never_joins(radio: Lab) -> None:
    told = ask(radio, "send", "postbox", "00d7")
    assert payload(told) == "00d7"
    assert not {"JoinReq", "HomeNSReq"} & {label for _, label, _ in steps(told)}
    known = device(radio, "postbox")
    assert known["activation"] == "abp"
    assert known["session"]["same_network_keys"]
    assert known["session"]["same_application_key"]
    refused = radio.run("lorawan", "join", "postbox")
    assert refused.returncode
    assert "by hand (ABP)" in refused.stderr
    # The keys are the owner's alone, like all others.
    files = list((radio.state / "lorawan").glob("00005e1000001008.*"))
    assert {(one.suffix, one.stat().st_mode & 0o777) for one in files} == {
        (".nwks", 0o600),
        (".apps", 0o600),
    }


def test_a_join_across_operators_asks_the_join_server_of_the_other_one(radio: Lab) -> None:
    told = ask(radio, "join", "meter")
    said = steps(told)
    assert ("tsp.ns", "JoinReq", "afnic.js") in said
    assert said[-1][1] == "Join-Accept"
    # Two gateways heard it; one of them answers.
    assert len(told["heard_by"]) == 2
    assert [label for _, label, _ in said].count("PULL_RESP") == 1


def test_a_visitor_is_let_in_by_its_home(radio: Lab) -> None:
    labels = [label for _, label, _ in steps(ask(radio, "join", "bicycle"))]
    wanted = [
        "HomeNSReq",
        "HomeNSAns",
        "PRStartReq",
        "JoinReq",
        "JoinAns",
        "PRStartAns",
        "Join-Accept",
    ]
    assert [one for one in labels if one in wanted] == wanted


def test_a_rejoin_renews_the_keys_of_device_network_and_application(radio: Lab) -> None:
    before = device(radio, "meter")["session"]
    told = ask(radio, "rejoin", "meter", "--type", "1")
    assert told["joined"]
    assert ("tsp.ns", "RejoinReq", "afnic.js") in steps(told)
    # A new session: its counter begins anew.
    assert ask(radio, "send", "meter", "01")["frame"]["FCnt"] == "0"
    session = device(radio, "meter")["session"]
    assert session["dev_addr"] == before["dev_addr"]
    assert session["same_network_keys"]
    assert session["same_application_key"]
    refused = radio.run("lorawan", "rejoin", "weather")
    assert refused.returncode
    assert "no session of LoRaWAN 1.1" in refused.stderr


def test_a_device_that_is_near_is_told_to_send_faster(radio: Lab) -> None:
    assert ask(radio, "join", "barometer")["joined"]
    rates = []
    for _ in range(5):
        told = ask(radio, "send", "barometer", "03f5")
        assert told["reading"]
        rates.append(told["sequence"]["messages"][0]["detail"])
    assert rates == ["SF12BW125"] * 4 + ["SF7BW125"]
    session = device(radio, "barometer")["session"]
    assert session["data_rate"] == 5
    assert session["margin"] is not None


def test_a_payload_for_a_device_comes_with_the_acknowledgement(radio: Lab) -> None:
    assert radio.run("lorawan", "queue", "meter", "cafe").returncode == 0
    told = ask(radio, "send", "meter", "01", "--confirmed")
    assert told["downlink"]["payload"] == "cafe"
    assert told["downlink"]["acknowledges"] == int(told["frame"]["FCnt"])


def test_a_webhook_is_told_of_what_was_read(radio: Lab) -> None:
    while not Listener.told.empty():
        Listener.told.get()
    counter = int(ask(radio, "send", "weather", "beef")["frame"]["FCnt"])
    told = Listener.told.get(timeout=20)
    assert (told["application"], told["payload"], told["f_cnt"]) == ("afnic.as", "beef", counter)
    assert told["dev_eui"] == device(radio, "weather")["dev_eui"]


def test_any_packet_forwarder_can_attach(radio: Lab) -> None:
    place = next(one for one in ask(radio, "gateways") if one["server"] == "tsp.ns")
    eui = bytes.fromhex("00005e10000020ff")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forwarder:
        forwarder.settimeout(10)
        forwarder.connect((place["address"], place["port"]))
        # What is malformed is passed over (PROTOCOL.TXT sections 3.2 and 5.2).
        for octets in (b"", b"\x02", b"\x02\x00\x01\x00" + eui + b"{", b"\xff" * 100):
            forwarder.send(octets)
        forwarder.send(b"\x02\x12\x34\x02" + eui)
        assert forwarder.recv(100) == b"\x02\x12\x34\x04"
        heard = HEARD | {"data": base64.b64encode(b"\x40" + bytes(11)).decode()}
        forwarder.send(b"\x02\x56\x78\x00" + eui + json.dumps({"rxpk": [heard]}).encode())
        assert forwarder.recv(100) == b"\x02\x56\x78\x01"
    # Nobody has that DevAddr: the frame is dropped, and nothing is sent.
    wait_for(radio, "nobody takes it")


def test_a_frame_that_a_gateway_cannot_send_in_time_comes_in_the_second_window(radio: Lab) -> None:
    keys = [(radio.state / f"lorawan/{POSTBOX}.{one}").read_text() for one in ("nwks", "apps")]
    session = SessionKeys.of_1_0(*map(bytes.fromhex, keys))
    counter = device(radio, "postbox")["session"]["f_cnt_up"]
    bare = DataFrame(MType.CONFIRMED_UP, DevAddr.from_text("14001008"), FCtrl.NONE, counter)
    mic = data_mic(bare, Direction.UP, counter, session, Version.LORAWAN_1_0)
    place = next(one for one in ask(radio, "gateways") if one["server"] == "afnic.ns")
    eui = bytes.fromhex("00005e10000020fe")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forwarder:
        forwarder.settimeout(20)
        forwarder.connect((place["address"], place["port"]))
        forwarder.send(b"\x02\x12\x34\x02" + eui)
        assert forwarder.recv(100) == b"\x02\x12\x34\x04"
        heard = HEARD | {"data": base64.b64encode(replace(bare, mic=mic).push()).decode()}
        forwarder.send(b"\x02\x56\x78\x00" + eui + json.dumps({"rxpk": [heard]}).encode())
        assert forwarder.recv(100) == b"\x02\x56\x78\x01"
        first = forwarder.recv(1000)
        error = b'{"txpk_ack":{"error":"TOO_LATE"}}'
        forwarder.send(b"\x02" + first[1:3] + b"\x05" + eui + error)
        second = forwarder.recv(1000)
    one, other = (json.loads(datagram[4:])["txpk"] for datagram in (first, second))
    assert (one["freq"], one["datr"], one["tmst"]) == (868.1, "SF7BW125", 1_000_001)
    assert (other["freq"], other["datr"], other["tmst"]) == (869.525, "SF12BW125", 2_000_001)
    assert one["data"] == other["data"]
    # The device has not counted what was said in its name: its next frame seems to be that again.
    assert ask(radio, "send", "postbox", "00")["reading"] is None


def wait_for(lab: Lab, refusal: str) -> None:
    for _ in range(50):
        if any(refusal in one["refusal"] for one in ask(lab, "frames")):
            return
        time.sleep(0.2)
    pytest.fail(f"nothing was refused because of {refusal!r}")


def test_frames_are_decoded_and_have_times(radio: Lab) -> None:
    ask(radio, "send", "weather", "02")
    events = ask(radio, "frames")
    frames = [one for one in events if "frame" in one]
    assert {"Join-Request", "Join-Accept", "Unconfirmed Data Up"} <= {
        one["frame"]["MType"] for one in frames
    }
    assert [one["at_ms"] for one in events] == sorted(one["at_ms"] for one in events)


def test_a_device_hears_nothing_when_the_answer_about_its_join_server_is_bogus(radio: Lab) -> None:
    fault = ("rrsig-tampered", f"owner={JOIN_EUI}", "type=CNAME")
    assert radio.run("fault", *fault).returncode == 0
    try:
        told = ask(radio, "join", "meter")
    finally:
        radio.run("fault", "--clear")
    assert not told["joined"]
    text = json.dumps(told["reports"]["tsp.ns"])
    assert "rrsig.signature" in text
    assert "lorawan.partner-reached" in text
    labels = [label for _, label, _ in steps(told)]
    # Nobody was connected to, and nothing was sent back.
    assert set(labels) == {"Join-Request", "PUSH_DATA"}
    # The session of before still works.
    assert ask(radio, "send", "meter", "03")["reading"]["payload"] == "03"


def test_sessions_survive_a_lab_that_is_killed(tmp_path: Path) -> None:
    lab = start(tmp_path / "state", *START)
    assert ask(lab, "join", "lamp")["joined"]
    before = ask(lab, "send", "lamp", "01", "--confirmed")
    lab.process.send_signal(signal.SIGKILL)
    lab.process.communicate()
    lab = start(tmp_path / "state", *START)
    told = ask(lab, "send", "lamp", "02", "--confirmed")
    assert told["reading"]["payload"] == "02"
    assert int(told["frame"]["FCnt"]) == int(before["frame"]["FCnt"]) + 1
    # A new join uses a new nonce, on both sides.
    assert ask(lab, "join", "lamp")["joined"]
    assert "Traceback" not in stop(lab)


def test_a_crowd_joins_and_sends_and_leaves_nothing_behind(radio: Lab) -> None:
    before = [one["dev_eui"] for one in ask(radio, "devices")]
    said = radio.run(
        "lorawan", "simulate", "--devices", "10", "--for", "8s", "--every", "2s", "--json"
    )
    told = json.loads(said.stdout)
    assert told["failures"] == {}, said.stderr
    assert told["joins"]["count"] > 0
    assert told["uplinks"]["count"] > 0
    assert told["joins"]["p50_ms"] <= told["joins"]["p99_ms"]
    assert "joined" in said.stderr
    assert [one["dev_eui"] for one in ask(radio, "devices")] == before
    with closing(sqlite3.connect(radio.state / "lorawan.sqlite")) as kept:
        ((rows,),) = kept.execute("SELECT count(*) FROM kept WHERE key LIKE '00005e100001%'")
    assert rows == 0


def test_a_crowd_for_which_there_is_no_time_goes_all_the_same(radio: Lab) -> None:
    said = radio.run("lorawan", "simulate", "--devices", "2000", "--for", "1s", "--json")
    told = json.loads(said.stdout)
    assert told["failures"] == {}, said.stderr
    assert 0 < told["without_turn"] == 2000 - told["joins"]["count"]

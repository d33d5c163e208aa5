"""Operators' servers talk over real DNS and TLS: who is found, who is believed, what is kept.

The lab is one process, its sockets are real: UDP and TCP to nameservers, TLS with certificates on
both sides. backend_lab.py plays all cases in one lab; each test looks at some.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("backend_lab.py")
TIMEOUT_S = 120


def run(case: str, state: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(SCRIPT), case, str(state)],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def told_by(done: "subprocess.CompletedProcess[str]") -> dict[str, dict[str, Any]]:
    assert (done.returncode, done.stderr) == (0, "")
    told: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What came of every case."""
    return told_by(run("talk", tmp_path_factory.mktemp("backend") / "state"))


def owner(told: dict[str, Any]) -> str:
    """Return where the TLSA records of the server stand, without the port."""
    _, _, name = str(told["tlsa"][0]).partition("._tcp.")
    return name


JOIN_EUI = "0.0.0.0.0.0.0.1.e.5.0.0.0.0.joineuis.lora-alliance.org."


@pytest.mark.parametrize(
    ("way", "by", "tlsa_at"),
    [
        ("alias", "address", "js.afnic.fr."),
        ("naptr", "NAPTR, SRV, address", "js.afnic.fr."),
        ("address", "address", f"1.3.{JOIN_EUI}"),
    ],
)
def test_a_join_server_of_another_operator_is_found_in_each_way(
    told: dict[str, dict[str, Any]], way: str, by: str, tlsa_at: str
) -> None:
    case = told[way]
    assert (case["code"], case["way"], owner(case)) == ("Success", by, tlsa_at)
    assert case["join_nonce"] == 1


def test_a_valid_client_of_tsp_that_claims_the_sender_id_of_afnic_is_unknown(
    told: dict[str, dict[str, Any]],
) -> None:
    case = told["spoofed"]
    assert case["code"] == "UnknownSender"
    assert case["description"] == "_ns-client.ns.telecom-sudparis.eu. does not speak for 00050a"
    # It was let in by TLS: the certificate is right, and it has used up no nonce. Honest messages
    # came over the same connection before: each SenderID is judged for itself.
    assert case["handshakes"] == 0
    assert (told["honest"]["code"], told["honest"]["join_nonce"]) == ("Success", 1)


def test_a_replayed_dev_nonce_is_refused_and_join_nonces_go_on(
    told: dict[str, dict[str, Any]],
) -> None:
    assert told["replayed"]["code"] == "JoinReqFailed"
    assert told["replayed"]["description"] == "DevNonce 1 was used before"
    # "shouted" has used up the fourth.
    order = ("alias", "later", "restarted", "late answer", "mended")
    assert [told[one]["join_nonce"] for one in order] == [1, 2, 3, 5, 6]


def test_the_application_server_fetches_its_key_and_nobody_else_does(
    told: dict[str, dict[str, Any]],
) -> None:
    assert (told["key"]["code"], told["key"]["label"]) == ("Success", "as.afnic.fr")
    assert (told["stolen key"]["code"], told["stolen key"]["label"]) == ("UnknownSender", "")


@pytest.mark.parametrize(
    ("case", "status", "words"),
    [
        ("no JSON", 400, "this is not JSON"),
        ("too long", 413, "a message has at most 32768 octets"),
        ("version", 200, '"ResultCode":"InvalidProtocolVersion"'),
        ("receiver", 200, '"ResultCode":"UnkownReceiver"'),
        ("member", 200, "DevAddr: '26' is no DevAddr: expected 8 hex digits"),
        ("shouted", 200, '"ResultCode":"Success"'),
    ],
)
def test_an_error_of_the_protocol_is_a_result_and_what_is_no_message_has_another_status(
    told: dict[str, dict[str, Any]], case: str, status: int, words: str
) -> None:
    got, body = told["raw"][case]
    assert got == status
    assert words in body


def test_a_visited_network_learns_the_home_of_a_device(told: dict[str, dict[str, Any]]) -> None:
    assert told["home"]["code"] == "Success"


def test_an_answer_may_come_in_a_connection_of_its_own(told: dict[str, dict[str, Any]]) -> None:
    case = told["late answer"]
    # One handshake for the answer; the request had a connection of before.
    assert (case["code"], case["handshakes"]) == ("Success", 1)


def test_messages_share_a_connection_as_long_as_nothing_changes(
    told: dict[str, dict[str, Any]],
) -> None:
    cases = ("alias", "replayed", "later", "mended", "a day later", "just after")
    assert {one: told[one]["handshakes"] for one in cases} == {
        "alias": 1,
        "replayed": 0,
        "later": 0,
        "mended": 1,
        "a day later": 1,
        "just after": 0,
    }
    assert told["a day later"]["code"] == told["just after"]["code"] == "Success"


def test_a_server_that_is_started_again_is_asked_again(told: dict[str, dict[str, Any]]) -> None:
    case = told["restarted"]
    assert (case["code"], case["handshakes"]) == ("Success", 1)


def test_a_client_without_tlsa_records_is_out_although_it_had_a_connection(
    told: dict[str, dict[str, Any]],
) -> None:
    case = told["withdrawn"]
    assert (case["code"], case["handshakes"]) == (None, 1)
    assert case["problem"] == "handshake_failure (40)"


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("bogus", "backend.location-trusted"),
        ("insecure", "backend.location-trusted"),
        ("bogus address", "backend.location-trusted"),
        ("nowhere", "backend.located"),
    ],
)
def test_what_is_not_secure_ends_before_tls(
    told: dict[str, dict[str, Any]], case: str, reason: str
) -> None:
    ended = told[case]
    assert (ended["code"], ended["handshakes"]) == (None, 0)
    assert ended["reasons"][0] == reason
    assert ended["problem"].startswith("nowhere: ")


def test_a_bogus_tlsa_rrset_ends_before_tls_too(told: dict[str, dict[str, Any]]) -> None:
    ended = told["bogus TLSA"]
    assert (ended["code"], ended["handshakes"]) == (None, 0)
    assert "a bogus answer" in ended["problem"]


def test_a_join_server_killed_before_its_work_has_used_up_nothing(tmp_path: Path) -> None:
    assert run("before", tmp_path / "state").returncode == -signal.SIGKILL
    told = told_by(run("again", tmp_path / "state"))
    assert (told["same"]["code"], told["same"]["join_nonce"]) == ("Success", 1)
    assert told["new"]["join_nonce"] == 2


def test_a_join_server_killed_before_its_answer_leaves_forgets_no_nonce(tmp_path: Path) -> None:
    assert run("after", tmp_path / "state").returncode == -signal.SIGKILL
    told = told_by(run("again", tmp_path / "state"))
    assert told["same"]["description"] == "DevNonce 1 was used before"
    # JoinNonce 1 was in the answer that never left, and is in no other.
    assert told["new"]["join_nonce"] == 2

"""A join server of the lab: what it is told, and that its memory is ahead of its answers."""

from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import dns.name
import pytest
from twisted.internet.defer import Deferred

from lab.app.join_servers import JoinServerRole, join_server_plans
from lab.app.lorawan_keys import LorawanKeys
from lab.app.lorawan_memory import Memory
from lab.app.state import StateError, StateFolder
from lab.backend.device_record import DeviceHistory
from lab.backend.header import AsId, Header
from lab.backend.join_messages import HomeNSReq, JoinReq
from lab.backend.results import ResultCode
from lab.backend.roaming_messages import ProfileReq
from lab.core.entropy import SeededEntropy
from lab.lorawan.frames import DlSettings, JoinRequest
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.lorawan.security import join_request_mic
from lab.world.lorawan import Activation, read_lorawan
from lab.world.materials import Materials
from lab.world.operators import read_operators

ZONES = Path(__file__).parents[3] / "zones"
OPERATORS = read_operators((ZONES / "operators.toml").read_text(encoding="utf-8"), "operators.toml")
LORAWAN = read_lorawan(
    (ZONES / "lorawan.toml").read_text(encoding="utf-8"), "lorawan.toml", OPERATORS
)
MATERIALS = Materials((), {}, OPERATORS, {}, {}, 8003, lorawan=LORAWAN)
TSP = NetId.from_text("00050b")
JOIN_EUI = Eui64.from_text("00005e100000002f")
METER = Eui64.from_text("00005e1000001003")
CLIENT = dns.name.from_text("_ns-client.ns.telecom-sudparis.eu.")

T = TypeVar("T")


def now(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine that waits for nothing returns, or raise what it raises."""
    got: list[Any] = []
    Deferred.fromCoroutine(coroutine).addBoth(got.append)
    (result,) = got
    if hasattr(result, "raiseException"):
        result.raiseException()
    found: T = result
    return found


@pytest.fixture
def keys(tmp_path: Path) -> LorawanKeys:
    state = StateFolder(tmp_path / "state")
    state.prepare()
    return LorawanKeys(state, SeededEntropy("keys"))


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    made = Memory(tmp_path / "memory.sqlite")
    yield made
    made.close()


def role(keys: LorawanKeys, memory: Memory) -> JoinServerRole:
    plan = join_server_plans(MATERIALS, keys)["afnic.js"]
    return JoinServerRole("afnic.js", plan, memory, SeededEntropy("sessions"), lambda: LORAWAN)


def join_req(keys: LorawanKeys, nonce: int) -> JoinReq:
    config = LORAWAN.devices["meter"]
    plan = join_server_plans(MATERIALS, keys)["afnic.js"]
    frame = JoinRequest(config.join_eui, config.dev_eui, nonce)
    mic = join_request_mic(frame, plan.devices[METER].root.nwk_key)
    return JoinReq(
        header=Header("1.0", TSP, JOIN_EUI, 1),
        mac_version=config.version,
        phy_payload=replace(frame, mic=mic).push(),
        dev_eui=METER,
        dev_addr=DevAddr(bytes(4)),
        dl_settings=DlSettings(opt_neg=True),
        rx_delay=1,
    )


def test_each_operator_keeps_the_devices_of_its_join_euis(keys: LorawanKeys) -> None:
    plans = join_server_plans(MATERIALS, keys)
    assert set(plans) == {"afnic.js", "tsp.js"}
    for plan in plans.values():
        assert {one.join_eui for one in plan.devices.values()} <= plan.join_euis
    joining = [one for one in LORAWAN.devices.values() if one.activation is Activation.OTAA]
    assert sum(len(one.devices) for one in plans.values()) == len(joining)
    meter = plans["afnic.js"].devices[METER]
    assert (meter.home, meter.application) == (TSP, AsId("as.afnic.fr"))
    assert {str(party) for party in plans["tsp.js"].config.keks} == {
        "00050a",
        "00050b",
        "as.afnic.fr",
        "as.telecom-sudparis.eu",
    }


def test_what_was_answered_is_known_to_the_next_run(keys: LorawanKeys, memory: Memory) -> None:
    first = now(role(keys, memory).handle(join_req(keys, 7), CLIENT))
    assert first.result.code is ResultCode.SUCCESS
    next_run = role(keys, memory)
    again = now(next_run.handle(join_req(keys, 7), CLIENT))
    assert again.result.code is ResultCode.JOIN_REQ_FAILED
    kept = next_run.shelf.get(METER)
    assert kept is not None
    assert (kept.join_nonce, kept.dev_nonces) == (1, frozenset({7}))


def test_a_visitor_is_told_the_home_of_a_device_while_the_agreement_holds(
    keys: LorawanKeys, memory: Memory
) -> None:
    agreed = LORAWAN
    plan = join_server_plans(MATERIALS, keys)["afnic.js"]
    server = JoinServerRole("afnic.js", plan, memory, SeededEntropy("none"), lambda: agreed)
    weather = LORAWAN.devices["weather"].dev_eui
    request = HomeNSReq(header=Header("1.0", TSP, JOIN_EUI, 1), dev_eui=weather)
    assert now(server.handle(request, CLIENT)).result.code is ResultCode.SUCCESS
    agreed = replace(LORAWAN, agreements={})
    refused = now(server.handle(request, CLIENT))
    assert refused.result.code is ResultCode.NO_ROAMING_AGREEMENT


def test_a_refusal_writes_nothing(keys: LorawanKeys, memory: Memory) -> None:
    server = role(keys, memory)
    forged = replace(join_req(keys, 7), phy_payload=join_req(keys, 7).phy_payload[:-4] + bytes(4))
    assert now(server.handle(forged, CLIENT)).result.code is ResultCode.MIC_FAILED
    assert server.shelf.all() == ()


def test_no_answer_leaves_that_could_not_be_kept(keys: LorawanKeys, memory: Memory) -> None:
    server = role(keys, memory)
    memory.close()
    with pytest.raises(StateError, match="cannot use"):
        now(server.handle(join_req(keys, 7), CLIENT))


def test_what_is_for_others_is_refused(keys: LorawanKeys, memory: Memory) -> None:
    request = ProfileReq(header=Header("1.0", TSP, JOIN_EUI, 1), dev_eui=METER)
    answer = now(role(keys, memory).handle(request, CLIENT))
    assert answer.result.code is ResultCode.MALFORMED_REQUEST


def test_root_keys_do_not_stand_in_the_memory(
    keys: LorawanKeys, memory: Memory, tmp_path: Path
) -> None:
    server = role(keys, memory)
    now(server.handle(join_req(keys, 7), CLIENT))
    root = server.plan.devices[METER].root
    for file in tmp_path.glob("memory.sqlite*"):
        for key in (root.nwk_key, root.app_key):
            assert key.hex().encode() not in file.read_bytes()
    assert server.shelf.get(METER) != DeviceHistory()

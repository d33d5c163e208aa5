"""Run a lab and let its operators' servers talk: by test_backend.py, in a subprocess.

backend_lab.py talk STATE      play every case over real sockets; print what came of it as JSON
backend_lab.py before STATE    join; the join server is killed before it handles the request
backend_lab.py after STATE     the same, between the end of its work and the answer
backend_lab.py again STATE     send the same Join-Request again, and then a new one
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import dns.name
from dns.name import Name
from dns.rdatatype import RdataType
from twisted.internet.interfaces import IReactorFDSet
from twisted.internet.tcp import Server

from lab.app.backend import BackendMeans
from lab.app.folders import ZonesFolder, shipped
from lab.app.lorawan_keys import LorawanKeys
from lab.app.reactor import run
from lab.app.running import RunningLab
from lab.app.server import Options
from lab.app.state import StateFolder
from lab.backend.header import PROTOCOL_VERSION, AsId, Header, PartyId
from lab.backend.join_messages import AppSKeyAns, AppSKeyReq, HomeNSReq, JoinAns, JoinReq
from lab.backend.message import Answer, Message
from lab.backend.messages import MAX_MESSAGE, push_message
from lab.core.instant import DAY
from lab.dane.decision import Decision
from lab.dane.discovery import Endpoint
from lab.faults.rrsigs import RrsigMissing
from lab.lorawan.frames import DlSettings, JoinRequest
from lab.lorawan.identifiers import Eui64, NetId, join_eui_name
from lab.lorawan.keys import RootKeys, Version
from lab.lorawan.security import join_request_mic, open_join_accept
from lab.net.backend_client import Asked
from lab.net.backend_http import Role, Style
from lab.net.reactor import Reactor
from lab.world.build import World
from lab.world.publishing import tlsa_owner

AFNIC, TSP = NetId.from_text("00050a"), NetId.from_text("00050b")
BY_ALIAS, BY_NAPTR, BY_ADDRESS = (
    Eui64.from_text(f"00005e10000000{last}") for last in ("2f", "30", "31")
)
UNKNOWN = Eui64.from_text("00005e10000000ff")
WEATHER, METER, PARKING, BENCH = (Eui64.from_text(f"00005e100000100{last}") for last in "1356")
APPLICATION = AsId("as.afnic.fr")
ADDRESS = TSP.dev_addr(1)


@dataclass
class Talk:
    """Speak for the operators of a running lab."""

    lab: RunningLab
    decisions: list[tuple[str, Decision]]

    async def ask(self, identity: str, request: Message) -> Asked:
        return await self.lab.roles.correspondent(identity).ask(request)

    def root(self, device: Eui64, version: str) -> RootKeys:
        keys = LorawanKeys(self.lab.state, self.lab.entropy)
        return keys.root_keys(device, Version.from_text(version))

    def join(
        self, device: Eui64, join_eui: Eui64, nonce: int, sender: PartyId = TSP
    ) -> tuple[JoinRequest, JoinReq]:
        version = _version(device)
        frame = JoinRequest(join_eui, device, nonce)
        mic = join_request_mic(frame, self.root(device, version).nwk_key)
        frame = replace(frame, mic=mic)
        request = JoinReq(
            header=Header(PROTOCOL_VERSION, sender, join_eui, 0),
            mac_version=version,
            phy_payload=frame.push(),
            dev_eui=device,
            dev_addr=ADDRESS,
            dl_settings=DlSettings(opt_neg=version == "1.1.0"),
            rx_delay=1,
        )
        return frame, request

    async def joined(
        self,
        device: Eui64,
        join_eui: Eui64,
        nonce: int,
        sender: PartyId = TSP,
        identity: str = "tsp.ns",
    ) -> dict[str, Any]:
        """Ask to let a device in, as the client *identity* that claims to be *sender*."""
        frame, request = self.join(device, join_eui, nonce, sender)
        before = len(self.decisions)
        asked = await self.ask(identity, request)
        told = described(asked)
        told["handshakes"] = len(self.decisions) - before
        if isinstance(asked.answer, JoinAns) and asked.answer.phy_payload:
            version = _version(device)
            root = self.root(device, version)
            octets = asked.answer.phy_payload
            accept = open_join_accept(octets, root, Version.from_text(version), frame)
            told["join_nonce"] = accept.join_nonce
            told["session_key_id"] = asked.answer.session_key_id.hex()
        return told


def _version(device: Eui64) -> str:
    return "1.1.0" if device == METER else "1.0.3"


def described(asked: Asked) -> dict[str, Any]:
    answer = asked.answer
    return {
        "code": None if answer is None else answer.result.code.value,
        "description": "" if answer is None else answer.result.description,
        "problem": asked.problem,
        "way": asked.location.way.value,
        "tlsa": [str(one) for one in asked.location.tlsa_owners],
        "where": asked.location.report.conclusion,
        "reasons": [one.rule.id for one in asked.location.report.reasons()],
        "server": "" if asked.decision is None else str(asked.decision.identity),
    }


async def talk(speaker: Talk) -> dict[str, Any]:
    """Play every case, in this order."""
    lab, told = speaker.lab, {}
    told["alias"] = await speaker.joined(METER, BY_ALIAS, 1)
    told["naptr"] = await speaker.joined(PARKING, BY_NAPTR, 1)
    told["address"] = await speaker.joined(BENCH, BY_ADDRESS, 1)
    told["replayed"] = await speaker.joined(METER, BY_ALIAS, 1)
    told["later"] = await speaker.joined(METER, BY_ALIAS, 2)
    # At home at Afnic: whoever is believed to be Afnic gets its session keys.
    told["spoofed"] = await speaker.joined(WEATHER, BY_ALIAS, 1, AFNIC)
    told["honest"] = await speaker.joined(WEATHER, BY_ALIAS, 1, AFNIC, "afnic.ns")
    told["nowhere"] = await speaker.joined(METER, UNKNOWN, 4)
    session = told["alias"].get("session_key_id", "")
    told["key"] = await _key(speaker, "afnic.as", APPLICATION, session)
    told["stolen key"] = await _key(speaker, "tsp.as", APPLICATION, session)
    home = HomeNSReq(header=Header(PROTOCOL_VERSION, AFNIC, BY_ALIAS, 0), dev_eui=METER)
    cut_all_off(lab.reactor)
    told["restarted"] = await speaker.joined(METER, BY_ALIAS, 3)
    told["home"] = described(await speaker.ask("afnic.ns", home))
    told["raw"] = await _raw(speaker)
    desk = lab.roles.desk("afnic.js")
    assert desk is not None
    lab.roles.register("afnic.js", desk.role, desk.parties, Style.ASYNCHRONOUS)
    told["late answer"] = await speaker.joined(METER, BY_ALIAS, 5)
    lab.roles.register("afnic.js", desk.role, desk.parties)
    honest = lab.world
    for name, case in FAULTY.items():
        lab.world = case(honest)
        told[name] = await speaker.joined(METER, BY_ALIAS, 6)
    lab.world = honest
    told["mended"] = await speaker.joined(METER, BY_ALIAS, 6)
    lab.clock.shift(DAY)
    told["a day later"] = await speaker.joined(METER, BY_ALIAS, 7)
    told["just after"] = await speaker.joined(METER, BY_ALIAS, 8)
    return told


def cut_all_off(reactor: Reactor) -> None:
    """End every connection at its server, as if that were started again; no client knows yet."""
    # What the lab is given is the real one, which can do more than the lab asks of it.
    for one in cast("IReactorFDSet", reactor).getReaders():
        if isinstance(one, Server):
            one.abortConnection()


async def _raw(speaker: Talk) -> dict[str, Any]:
    """Post octets to Afnic's join server, as the client of TSP: what no peer of ours would send."""
    means = BackendMeans(speaker.lab)
    (endpoint,) = (await means.find(BY_ALIAS)).endpoints
    _, request = speaker.join(METER, BY_ALIAS, 4)
    honest = json.loads(push_message(request))
    shouted = {
        **{name: f"0x{honest[name].upper()}" for name in ("SenderID", "ReceiverID", "DevEUI")},
        "PHYPayload": honest["PHYPayload"].upper(),
    }
    cases = {
        "no JSON": b"{",
        "too long": b" " * (MAX_MESSAGE + 1),
        "version": json.dumps({**honest, "ProtocolVersion": "9.9"}).encode(),
        "receiver": json.dumps({**honest, "ReceiverID": str(UNKNOWN)}).encode(),
        "member": json.dumps({**honest, "DevAddr": "26"}).encode(),
        "shouted": json.dumps({**honest, **shouted}).encode(),
    }
    return {name: await _status_and_body(means, endpoint, octets) for name, octets in cases.items()}


async def _status_and_body(
    means: BackendMeans, endpoint: Endpoint, octets: bytes
) -> tuple[int, str]:
    response = (await means.post("tsp.ns", endpoint, octets)).response
    assert response is not None
    return response.status, response.body.decode()


async def _key(speaker: Talk, identity: str, sender: AsId, session: str) -> dict[str, Any]:
    request = AppSKeyReq(
        header=Header(PROTOCOL_VERSION, sender, BY_ALIAS, 0),
        dev_eui=METER,
        session_key_id=bytes.fromhex(session),
    )
    asked = await speaker.ask(identity, request)
    label = ""
    if isinstance(asked.answer, AppSKeyAns) and asked.answer.app_s_key is not None:
        label = asked.answer.app_s_key.kek_label
    return {**described(asked), "label": label}


NAME = join_eui_name(BY_ALIAS)
REGISTRY = dns.name.from_text("joineuis.lora-alliance.org.")
JOIN_SERVER = dns.name.from_text("js.afnic.fr.")
FAULTY: dict[str, Callable[[World], World]] = {
    "bogus": lambda world: world.with_fault(RrsigMissing(owner=NAME, type=RdataType.CNAME)),
    "insecure": lambda world: world.with_delegation(REGISTRY, ()),
    "bogus address": lambda world: world.with_fault(
        RrsigMissing(owner=JOIN_SERVER, type=RdataType.A)
    ),
    "bogus TLSA": lambda world: world.with_fault(
        RrsigMissing(owner=tlsa_owner(world, "afnic.js", of_server=True), type=RdataType.TLSA)
    ),
    "withdrawn": lambda world: world.without_records(
        tlsa_owner(world, "tsp.ns", of_server=False), RdataType.TLSA
    ),
}


@dataclass
class Dying:
    """Be a join server whose process is killed before or after its work."""

    role: Role
    when: str

    async def handle(self, message: Message, identity: Name) -> Answer:
        if self.when == "after":
            await self.role.handle(message, identity)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody survives that")


async def die(speaker: Talk, when: str) -> dict[str, Any]:
    """Ask a join server that dies of it."""
    desk = speaker.lab.roles.desk("afnic.js")
    assert desk is not None
    speaker.lab.roles.register("afnic.js", Dying(desk.role, when), desk.parties)
    return await speaker.joined(METER, BY_ALIAS, 1)


async def again(speaker: Talk) -> dict[str, Any]:
    """Ask with the nonce that the dead server had, and with a new one."""
    return {
        "same": await speaker.joined(METER, BY_ALIAS, 1),
        "new": await speaker.joined(METER, BY_ALIAS, 2),
    }


async def main(reactor: Reactor, case: str, state: str) -> None:
    """Start a lab, play *case* and print what came of it."""
    zones = ZonesFolder(shipped("zones"), tls_port=0)
    options = Options(zones, StateFolder(Path(state)), port=0, dot_port=0, gateway_port=0)
    lab = RunningLab(reactor, options)
    await lab.start()
    speaker = Talk(lab, [])
    lab.on_decision = lambda server, decision: speaker.decisions.append((server, decision))
    try:
        match case:
            case "talk":
                told = await talk(speaker)
            case "again":
                told = await again(speaker)
            case _:
                told = await die(speaker, case)
    finally:
        await lab.stop()
    print(json.dumps(told))  # noqa: T201 what the test reads


if __name__ == "__main__":
    run(lambda reactor: main(reactor, *sys.argv[1:]))

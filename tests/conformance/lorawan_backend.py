"""What our join server answers to a request of the LoRaWAN vectors."""

import json
from collections.abc import Mapping
from typing import Any

from lab.backend.device_record import DeviceHistory, DeviceRecord
from lab.backend.header import AsId, party_of
from lab.backend.join_server import AppSKeyWay, JoinServer, JoinServerConfig, Kek, device_of
from lab.backend.message import Answer
from lab.backend.messages import answer_malformed, pull_message, push_message
from lab.backend.results import MalformedError
from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError
from lab.lorawan.identifiers import Eui64, NetId
from lab.lorawan.keys import RootKeys, key_from_text

# The vectors' server has neither: a SessionKeyID is chance, a lifetime is policy.
OURS = ("SessionKeyID", "Lifetime")
APPLICATION = AsId("as.example")


def answered(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of a join server that knows the device of *fields* only."""
    try:
        request = pull_message(json.dumps(fields["request"]).encode())
    except MalformedError as error:
        return _told(answer_malformed(error))
    record = _record(fields, str(device_of(request) or ""))
    server = JoinServer(_config(fields))
    return _told(server.handle(request, record, SeededEntropy("vector")).answer)


def _told(answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        raise InputError("a join server has no answer to this")
    members = json.loads(push_message(answer))
    # What is optional and empty we leave out, the vectors' server writes it.
    members["Result"] = result = {"Description": "", **members["Result"]}
    return {
        "answer": {name: value for name, value in members.items() if name not in OURS},
        "result_code": result["ResultCode"],
        "description": result["Description"],
    }


def _config(fields: Mapping[str, Any]) -> JoinServerConfig:
    label = fields.get("as_kek_label")
    keks = {
        APPLICATION if name == label else party_of(name): Kek(name, key_from_text(key))
        for name, key in (fields.get("keks") or {}).items()
    }
    way = AppSKeyWay.WRAPPED if label else AppSKeyWay.CLEAR
    return JoinServerConfig(way, keks=keks)


def _record(fields: Mapping[str, Any], dev_eui: str) -> DeviceRecord | None:
    """Return what the join server knows of *dev_eui*; None: nothing."""
    request = fields["request"]
    device = fields.get("device") or {}
    homes = {str(Eui64.from_text(one)): home for one, home in (fields.get("home") or {}).items()}
    if device:
        homes[str(Eui64.from_text(device["DevEUI"]))] = device.get("HNetID", request["SenderID"])
    if dev_eui not in homes:
        return None
    app_key = device.get("AppKey") or "00" * 16
    nwk_key = device.get("NwkKey") or app_key
    return DeviceRecord(
        Eui64.from_text(dev_eui),
        Eui64.from_text(request["ReceiverID"]),
        RootKeys(key_from_text(nwk_key), key_from_text(app_key)),
        request.get("MACVersion", "1.0.3"),
        NetId.from_text(homes[dev_eui]),
        APPLICATION,
        # The vectors say which JoinNonce comes next, our records which one came last.
        history=DeviceHistory(join_nonce=device.get("JoinNonce", 1) - 1),
    )

"""A frame is shown field by field, in the words of the specification."""

import pytest

from lab.lorawan.frames import DataFrame, FCtrl, JoinRequest, MType, RejoinKind, RejoinRequest
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.present.frames import fields_of

EUI = Eui64.from_text("00005e100000002f")
ADDRESS = DevAddr.from_text("14000007")


def test_a_join_request_shows_who_asks_whom() -> None:
    shown = fields_of(JoinRequest(EUI, EUI, 7, b"\x01\x02\x03\x04").push())
    assert shown == {
        "MType": "Join-Request",
        "JoinEUI": "00005e100000002f",
        "DevEUI": "00005e100000002f",
        "DevNonce": "7",
        "MIC": "01020304",
    }


@pytest.mark.parametrize(
    ("mtype", "flags"),
    [(MType.CONFIRMED_UP, "ADR ACK ClassB"), (MType.CONFIRMED_DOWN, "ADR ACK FPending")],
)
def test_a_data_frame_shows_its_flags_by_direction(mtype: MType, flags: str) -> None:
    control = FCtrl.ADR | FCtrl.ACK | FCtrl.CLASS_B
    frame = DataFrame(mtype, ADDRESS, control, 258, b"\x02", 5, b"\xca\xfe")
    shown = fields_of(frame.push())
    assert shown["FCtrl"] == flags
    assert (shown["FCnt"], shown["FOpts"], shown["FPort"]) == ("258", "02", "5")
    assert (shown["DevAddr"], shown["FRMPayload"]) == ("14000007", "cafe")


def test_an_empty_frame_shows_strokes() -> None:
    shown = fields_of(DataFrame(MType.UNCONFIRMED_UP, ADDRESS, FCtrl.NONE, 0).push())
    assert {shown[name] for name in ("FCtrl", "FOpts", "FPort", "FRMPayload")} == {"-"}


def test_other_kinds_are_named() -> None:
    rejoin = RejoinRequest(RejoinKind.RESET, NetId.from_text("00050a"), EUI, 3)
    assert fields_of(rejoin.push())["MType"] == "Rejoin-Request type 0"
    assert fields_of(b"\x20" + bytes(16))["MType"] == "Join-Accept"
    assert fields_of(b"\xe0\xff")["octets"] == "ff"


def test_noise_says_why_it_is_no_frame() -> None:
    assert "octets" in fields_of(b"\x40")["malformed"]

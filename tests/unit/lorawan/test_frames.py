"""What is no frame is told in one sentence; what frames say."""

import pytest

from lab.core.errors import PeerError
from lab.lorawan.frames import (
    DataFrame,
    Direction,
    DlSettings,
    FCtrl,
    MType,
    Proprietary,
    pull_frame,
)
from lab.lorawan.identifiers import DevAddr

MALFORMED = {
    "": "at least one octet",
    "41" + "00" * 11: "the major version of this frame is 1, not 0",
    "44" + "00" * 11: "the reserved bits of the MHDR are not zero",
    "00" * 22: "a Join-Request has 23 octets, this has 22",
    "20" + "00" * 17: "a Join-Accept has 17 or 33 octets, this has 18",
    "c0": "a Rejoin-Request is of type 0, 1 or 2",
    "c003" + "00" * 17: "a Rejoin-Request is of type 0, 1 or 2",
    "c001" + "00" * 17: "a Rejoin-Request of type 1 has 24 octets, this has 19",
    "40" + "00" * 10: "a data frame has at least 12 octets, this has 11",
    "40" + "00" * 4 + "05" + "00" * 7: "FOptsLen of this data frame reaches beyond its end",
    "40" + "00" * 4 + "01" + "0000" + "02" + "00" + "00" * 4: "which exclude each other",
    "e0" + "00" * 255: "a frame has at most 255 octets, this has 256",
}


@pytest.mark.parametrize("octets", MALFORMED)
def test_what_is_no_frame_is_told(octets: str) -> None:
    with pytest.raises(PeerError, match=MALFORMED[octets]):
        pull_frame(bytes.fromhex(octets))


def test_a_frame_without_port_has_no_payload_and_one_with_port_may_have_none() -> None:
    bare = pull_frame(bytes.fromhex("40" + "04030201" + "80" + "0100" + "00" * 4))
    empty = pull_frame(bytes.fromhex("40" + "04030201" + "80" + "0100" + "07" + "00" * 4))
    address = DevAddr.from_text("01020304")
    assert bare == DataFrame(MType.UNCONFIRMED_UP, address, FCtrl.ADR, 1)
    assert empty == DataFrame(MType.UNCONFIRMED_UP, address, FCtrl.ADR, 1, b"", 7)


def test_one_flag_means_something_else_in_either_direction() -> None:
    up = pull_frame(bytes.fromhex("80" + "00" * 4 + "10" + "00" * 6))
    down = pull_frame(bytes.fromhex("a0" + "00" * 4 + "10" + "00" * 6))
    assert isinstance(up, DataFrame)
    assert isinstance(down, DataFrame)
    assert (up.direction, FCtrl.CLASS_B in up.f_ctrl) == (Direction.UP, True)
    assert (down.direction, FCtrl.F_PENDING in down.f_ctrl) == (Direction.DOWN, True)
    assert up.mtype.confirmed
    assert down.mtype.confirmed


def test_a_proprietary_frame_keeps_its_octets() -> None:
    assert pull_frame(b"\xe0abc") == Proprietary(b"abc")
    assert pull_frame(b"\xe0abc").push() == b"\xe0abc"


def test_dl_settings_are_three_fields_in_an_octet() -> None:
    assert DlSettings.pull(0xA5) == DlSettings(opt_neg=True, rx1_dr_offset=2, rx2_data_rate=5)
    assert DlSettings(opt_neg=True, rx1_dr_offset=2, rx2_data_rate=5).push() == 0xA5

"""Who is there by the lab's tables, and with which keys."""

from pathlib import Path

import pytest

from lab.app.join_servers import join_server_plans
from lab.app.lorawan_keys import LorawanKeys
from lab.app.lorawan_plan import plan_of
from lab.app.state import StateFolder
from lab.core.entropy import SeededEntropy
from lab.lorawan.identifiers import DevAddr, Eui64
from lab.lorawan.keys import Version
from tests.unit.app.test_join_servers import MATERIALS

POSTBOX = Eui64.from_text("00005e1000001008")
JOIN_EUI = Eui64.from_text("00005e100000002f")


@pytest.fixture
def keys(tmp_path: Path) -> LorawanKeys:
    state = StateFolder(tmp_path / "state")
    state.prepare()
    return LorawanKeys(state, SeededEntropy("keys"))


def test_a_device_activated_by_hand_has_the_same_session_in_every_run(keys: LorawanKeys) -> None:
    one, again = (plan_of(MATERIALS, keys).devices[POSTBOX].field for _ in range(2))
    assert one == again
    assert not one.joins
    session = one.device.session
    assert session is not None
    # An address of Afnic, with the end of the DevEUI.
    assert session.dev_addr == DevAddr.from_text("14001008")
    assert session.net_id.owns(session.dev_addr)


def test_a_join_server_does_not_know_who_was_activated_by_hand(keys: LorawanKeys) -> None:
    known = join_server_plans(MATERIALS, keys)["afnic.js"].devices
    assert Eui64.from_text("00005e1000001001") in known
    assert POSTBOX not in known


def test_keys_given_by_hand_are_four_in_1_1_and_two_in_1_0(keys: LorawanKeys) -> None:
    new, old = (keys.session_keys(POSTBOX, one) for one in reversed(Version))
    assert len({new.f_nwk_s_int_key, new.s_nwk_s_int_key, new.nwk_s_enc_key, new.app_s_key}) == 4
    assert old.f_nwk_s_int_key == old.s_nwk_s_int_key == old.nwk_s_enc_key != old.app_s_key

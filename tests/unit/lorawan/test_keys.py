"""Which root key a session key comes from, and who may see one."""

import pytest

from lab.core.errors import InputError
from lab.lorawan.identifiers import Eui64, NetId
from lab.lorawan.keys import RootKeys, SessionKeys, Version, derive, key_from_text

JOIN_EUI = Eui64.from_text("0807060504030201")
NET_ID = NetId.from_text("010203")
ROOT = RootKeys(b"n" * 16, b"a" * 16)
V10, V11 = Version.LORAWAN_1_0, Version.LORAWAN_1_1


def derived(root: RootKeys, version: Version, *, opt_neg: bool) -> SessionKeys:
    return derive(root, version, opt_neg, 1, NET_ID, JOIN_EUI, 2)


def test_a_1_1_device_on_a_1_0_network_takes_the_network_key_for_all() -> None:
    keys = derived(ROOT, V11, opt_neg=False)
    assert keys == derived(RootKeys.of_1_0(ROOT.nwk_key), V10, opt_neg=False)
    assert keys.f_nwk_s_int_key == keys.s_nwk_s_int_key == keys.nwk_s_enc_key


def test_a_1_0_device_does_not_know_the_bit_opt_neg() -> None:
    assert derived(ROOT, V10, opt_neg=True) == derived(ROOT, V10, opt_neg=False)


def test_the_application_key_is_the_root_of_one_session_key_only() -> None:
    other = RootKeys(ROOT.nwk_key, b"b" * 16)
    one, two = derived(ROOT, V11, opt_neg=True), derived(other, V11, opt_neg=True)
    assert one.app_s_key != two.app_s_key
    assert one.f_nwk_s_int_key == two.f_nwk_s_int_key
    assert len({one.f_nwk_s_int_key, one.s_nwk_s_int_key, one.nwk_s_enc_key, one.app_s_key}) == 4


@pytest.mark.parametrize("keys", [ROOT, derived(ROOT, V11, opt_neg=True)])
def test_keys_are_not_shown(keys: RootKeys | SessionKeys) -> None:
    assert repr(keys) == f"{type(keys).__name__}()"


def test_a_key_of_another_size_is_refused_unseen() -> None:
    with pytest.raises(InputError, match="an AES-128 key has 16 octets, this has 3") as told:
        RootKeys.of_1_0(b"abc")
    assert "abc" not in str(told.value)
    with pytest.raises(InputError, match="16 octets, this has 2"):
        key_from_text("beef")
    with pytest.raises(InputError, match="a key is 32 hexadecimal digits"):
        key_from_text("secret")


@pytest.mark.parametrize(
    ("text", "version"),
    [("1.0", V10), ("1.0.2", V10), ("1.0.4", V10), ("1.1", V11), ("1.1.0", V11)],
)
def test_a_mac_version_is_one_of_two_as_far_as_keys_are_concerned(
    text: str, version: Version
) -> None:
    assert Version.from_text(text) is version


@pytest.mark.parametrize("text", ["", "1", "2.0.0", "1.10"])
def test_other_versions_are_not_known(text: str) -> None:
    with pytest.raises(InputError, match=r"is no LoRaWAN version; known are 1\.0 and 1\.1"):
        Version.from_text(text)

"""Keys on their way between servers: in the clear, wrapped, and what cannot be opened."""

import pytest

from lab.core.errors import InputError, PeerError
from lab.lorawan.key_envelope import KeyEnvelope, pry_open, unwrap, wrap

# RFC 3394 section 4.1.
KEK = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
KEY = bytes.fromhex("00112233445566778899aabbccddeeff")
WRAPPED = bytes.fromhex("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5")


def test_a_key_is_wrapped_as_in_rfc_3394() -> None:
    assert wrap(KEY, "as", KEK) == KeyEnvelope("as", WRAPPED)


def test_a_wrapped_key_is_opened_by_the_key_of_its_label() -> None:
    assert unwrap(KeyEnvelope("as", WRAPPED), {"ns": bytes(16), "as": KEK}) == KEY


def test_a_key_without_label_is_in_the_clear() -> None:
    assert unwrap(KeyEnvelope("", KEY), {}) == KEY


@pytest.mark.parametrize(
    ("envelope", "words"),
    [
        (KeyEnvelope("js", WRAPPED), "no key-encryption key is called 'js'"),
        (KeyEnvelope("ns", WRAPPED), "'ns' does not open this key"),
        (KeyEnvelope("as", WRAPPED[:16]), "'as' does not open this key"),
        (KeyEnvelope("", WRAPPED), "a key has 16 octets, this has 24"),
    ],
)
def test_a_key_that_cannot_be_opened_is_the_peers_mistake(
    envelope: KeyEnvelope, words: str
) -> None:
    with pytest.raises(PeerError, match=words):
        unwrap(envelope, {"ns": bytes(16), "as": KEK})


def test_an_envelope_does_not_show_its_key() -> None:
    assert KEY.hex() not in repr(KeyEnvelope("", KEY))
    assert "x11" not in repr(KeyEnvelope("", KEY))


def test_what_cannot_wrap_or_be_wrapped_is_our_mistake() -> None:
    with pytest.raises(
        InputError, match="a key-encryption key has 16, 24 or 32 octets, this has 3"
    ):
        wrap(KEY, "as", b"abc")
    with pytest.raises(InputError, match="an AES-128 key has 16 octets, this has 24"):
        wrap(WRAPPED, "as", KEK)


def test_a_curious_server_opens_what_one_of_its_keys_fits() -> None:
    other = bytes(16)
    assert pry_open(KeyEnvelope("", KEY), {}) == KEY
    assert pry_open(wrap(KEY, "theirs", KEK), {"other": other, "ours": KEK}) == KEY
    assert pry_open(wrap(KEY, "ours", KEK), {"ours": other}) is None
    assert pry_open(wrap(KEY, "theirs", KEK), {}) is None

"""The alert record that we make ourselves, for each cipher suite of TLS 1.3."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lab.tls.alert import Alert, alert_text, first_record_alert


@pytest.mark.parametrize(
    ("cipher", "secret_size"),
    [
        ("TLS_AES_128_GCM_SHA256", 32),
        ("TLS_AES_256_GCM_SHA384", 48),
        ("TLS_CHACHA20_POLY1305_SHA256", 32),
    ],
)
def test_the_record_has_the_shape_of_application_data(cipher: str, secret_size: int) -> None:
    record = first_record_alert(Alert.HANDSHAKE_FAILURE, cipher, bytes(secret_size))
    assert record[:5] == bytes.fromhex("1703030013")
    assert len(record) == 5 + 0x13


def test_keys_are_those_of_rfc_8448() -> None:
    """RFC 8448 section 3 prints this secret of a server with the key and IV made of it."""
    secret = bytes.fromhex("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643")
    key = bytes.fromhex("9f02283b6c9c07efc26bb9f2ac92e356")
    iv = bytes.fromhex("cf782b88dd83549aadf1e984")
    record = first_record_alert(Alert.HANDSHAKE_FAILURE, "TLS_AES_128_GCM_SHA256", secret)
    assert AESGCM(key).decrypt(iv, record[5:], record[:5]) == bytes([2, 40, 21])


def test_alerts_are_called_as_in_the_rfc() -> None:
    assert alert_text(40) == "handshake_failure (40)"
    assert alert_text(255) == "alert (255)"

"""The few octets of DER that we read ourselves."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lab.core.errors import PeerError
from lab.pki.der import element, is_one_sequence, subject_public_key_info
from tests.unit.pki.chains import LEAF


def test_the_key_info_is_found_in_place() -> None:
    for certificate in LEAF.chain:
        encoded = certificate.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        assert subject_public_key_info(certificate) == encoded


@pytest.mark.parametrize(
    "der", ["", "30", "3001", "3080", "308101", "30820001", "3081", "3082ff", "308200", "30830000"]
)
def test_malformed_elements_are_refused(der: str) -> None:
    with pytest.raises(PeerError):
        element(bytes.fromhex(der))


def test_one_sequence_ends_where_it_ends() -> None:
    assert is_one_sequence(bytes.fromhex("3000"))


@pytest.mark.parametrize("der", ["300000", "0400", "30"])
def test_anything_else_is_not_one_sequence(der: str) -> None:
    assert not is_one_sequence(bytes.fromhex(der))

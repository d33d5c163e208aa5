"""Key types: each makes keys that sign what others can verify."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from lab.core.checks import Outcome
from lab.core.entropy import SeededEntropy
from lab.pki.ca import CertificateAuthority, Maker
from lab.pki.identity import Identity
from lab.pki.keys import ED25519, KEY_TYPES, P256, RSA_2048, RSA_3072, KeyType, make_key
from lab.pki.path import find, judge
from lab.pki.profiles import PROFILES
from tests.unit.pki.chains import NOW
from tests.unit.pki.test_path import EXPECTED, NAMES


@pytest.mark.parametrize("key_type", KEY_TYPES.values(), ids=KEY_TYPES)
def test_a_chain_of_each_key_type_holds_and_survives_pem(key_type: KeyType) -> None:
    maker = Maker(NOW, SeededEntropy("types"))
    authority = CertificateAuthority.made("TSP", maker, key_type)
    leaf = authority.certify(maker.key(key_type), NAMES, PROFILES["server"], maker)
    assert judge(leaf.chain, EXPECTED).outcome is Outcome.PASSED
    assert Identity.from_pem(leaf.to_pem()).chain == leaf.chain
    assert find(leaf.leaf, leaf.chain[1:], EXPECTED).outcome is Outcome.FAILED


def test_a_name_stands_for_what_it_says() -> None:
    kinds = {
        P256: ec.EllipticCurvePrivateKey,
        ED25519: ed25519.Ed25519PrivateKey,
        RSA_2048: rsa.RSAPrivateKey,
    }
    for key_type, kind in kinds.items():
        assert isinstance(make_key(SeededEntropy("k"), key_type), kind)
    for key_type, bits in ((RSA_2048, 2048), (RSA_3072, 3072)):
        key = make_key(SeededEntropy("k"), key_type)
        assert isinstance(key, rsa.RSAPrivateKey)
        assert key.key_size == bits


@pytest.mark.parametrize("key_type", [P256, ED25519], ids=lambda one: one.name)
def test_one_seed_gives_one_key(key_type: KeyType) -> None:
    first, again, other = (make_key(SeededEntropy(seed), key_type) for seed in ("a", "a", "b"))
    assert first.public_key() == again.public_key()
    assert first.public_key() != other.public_key()

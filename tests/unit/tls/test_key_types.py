"""Certificates of every key type are shown in handshakes, with the possession of the key proven."""

import pytest

from lab.core.entropy import SeededEntropy
from lab.pki.ca import CertificateAuthority, Maker
from lab.pki.keys import KEY_TYPES, KeyType
from lab.pki.profiles import CLIENT
from lab.tls.engine import State
from tests.unit.tls.pair import NOW, handshake


@pytest.mark.parametrize("key_type", KEY_TYPES.values(), ids=KEY_TYPES)
def test_a_client_with_any_key_type_comes_to_the_gate(key_type: KeyType) -> None:
    maker = Maker(NOW, SeededEntropy("handshake"))
    authority = CertificateAuthority.made("Typed", maker, key_type)
    client = authority.certify(maker.key(key_type), ("_ns.tsp.example",), CLIENT, maker)
    pair = handshake(identity=client)
    assert pair.server.state is State.VERIFY
    assert pair.server.peer_chain == client.chain

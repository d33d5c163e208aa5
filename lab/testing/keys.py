"""Keys of test zones, at once: derived from a seed, or kept from an earlier lab of this process.

For ECDSA and EdDSA any number is a key, so one seed gives the same keys twice, and as both sign
without chance here (RFC 6979, RFC 8032) the same signatures. RSA and ML-DSA keys cannot be derived
so; RSA ones take a tenth of a second each, so labs of one process share them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from dns.dnssecalgs.base import GenericPrivateKey
from dns.dnssecalgs.ecdsa import PrivateECDSAP256SHA256, PrivateECDSAP384SHA384
from dns.dnssecalgs.eddsa import PrivateED448, PrivateED25519
from dns.dnssectypes import Algorithm

from lab.core.entropy import Entropy, SeededEntropy
from lab.dnssec.algorithms import SigningAlgorithm
from lab.dnssec.keys import KeySet, SigningKey
from lab.world.config import ZoneConfig

# Far below the orders of both curves, of 256 and 384 bits, so that every such number is a key.
_SCALAR_OCTETS = 31
_ED25519_OCTETS = 32
_ED448_OCTETS = 57


def _scalar(entropy: Entropy) -> int:
    return int.from_bytes(entropy.bytes(_SCALAR_OCTETS), "big") + 1


_DERIVED: Mapping[int, Callable[[Entropy], GenericPrivateKey]] = {
    Algorithm.ECDSAP256SHA256: lambda entropy: PrivateECDSAP256SHA256(
        ec.derive_private_key(_scalar(entropy), ec.SECP256R1())
    ),
    Algorithm.ECDSAP384SHA384: lambda entropy: PrivateECDSAP384SHA384(
        ec.derive_private_key(_scalar(entropy), ec.SECP384R1())
    ),
    Algorithm.ED25519: lambda entropy: PrivateED25519(
        ed25519.Ed25519PrivateKey.from_private_bytes(entropy.bytes(_ED25519_OCTETS))
    ),
    Algorithm.ED448: lambda entropy: PrivateED448(
        ed448.Ed448PrivateKey.from_private_bytes(entropy.bytes(_ED448_OCTETS))
    ),
}

_KEPT: dict[int, list[GenericPrivateKey]] = defaultdict(list)


class KeyMaker:
    """Make the keys of one lab, no two alike."""

    def __init__(self, seed: str) -> None:
        """Derive from *seed* what can be derived."""
        self._seed = seed
        self._taken: Counter[object] = Counter()

    def key_set(self, config: ZoneConfig) -> KeySet:
        """Return keys for the zone of *config*; others each time."""
        planned, apex = config.policy.keys, config.apex
        entropy = SeededEntropy(f"{self._seed}/{apex}/{self._count(apex)}")
        keys = (
            SigningKey(apex, one.role, config.algorithm, self._private(config.algorithm, entropy))
            for one in planned
        )
        return KeySet(tuple(keys), tuple(one.duties for one in planned))

    def _count(self, what: object) -> int:
        """Return how often *what* was counted before."""
        self._taken[what] += 1
        return self._taken[what] - 1

    def _private(self, algorithm: SigningAlgorithm, entropy: Entropy) -> GenericPrivateKey:
        derive = _DERIVED.get(algorithm.number)
        if derive is not None:
            return derive(entropy)
        kept, number = _KEPT[algorithm.number], self._count(algorithm.number)
        if number == len(kept):
            kept.append(algorithm.generate())
        return kept[number]

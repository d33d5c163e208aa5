"""Keys of test zones, at once: made of a seed, or kept from an earlier lab of this process.

Where an algorithm can make its keys of an entropy, one seed gives the same ones twice. RSA cannot;
its keys take a tenth of a second each, so labs of one process share them.
"""

from collections import Counter, defaultdict
from dataclasses import replace

from lab.core.entropy import Entropy, SeededEntropy
from lab.dnssec.keys import KeySet, SigningKey, generate
from lab.world.config import ZoneConfig
from lab.world.policy import PlannedKey

_KEPT: dict[int, list[SigningKey]] = defaultdict(list)


class KeyMaker:
    """Make the keys of one lab, no two alike."""

    def __init__(self, seed: str) -> None:
        """Make of *seed* what can be made of one."""
        self._seed = seed
        self._taken: Counter[object] = Counter()

    def key_set(self, config: ZoneConfig) -> KeySet:
        """Return keys for the zone of *config*; others each time."""
        entropy = SeededEntropy(f"{self._seed}/{config.apex}/{self._count(config.apex)}")
        planned = config.policy.keys
        keys = tuple(self._key(config, one, entropy) for one in planned)
        return KeySet(keys, tuple(one.duties for one in planned))

    def _key(self, config: ZoneConfig, planned: PlannedKey, entropy: Entropy) -> SigningKey:
        apex, role, algorithm = config.apex, planned.role, config.algorithm
        if algorithm.derive is not None:
            return generate(apex, role, algorithm, entropy)
        kept, number = _KEPT[algorithm.number], self._count(algorithm.number)
        if number == len(kept):
            kept.append(generate(apex, role, algorithm))
        return replace(kept[number], owner=apex, role=role)

    def _count(self, what: object) -> int:
        """Return how often *what* was counted before."""
        self._taken[what] += 1
        return self._taken[what] - 1

"""The keys of one zone with their secrets: what the state machine calls by name, as key pairs."""

from collections.abc import Mapping
from dataclasses import replace

from lab.core.frozen import dataclass
from lab.dnssec.keylife import KeyLife
from lab.dnssec.keys import KeySet, SigningKey


@dataclass(frozen=True, slots=True)
class ZoneLife:
    """Hold the keys of one zone and what anybody may believe about them.

    Attributes:
        life: states and goals, by the names of the keys.
        secrets: name to key pair.
    """

    life: KeyLife
    secrets: Mapping[str, SigningKey]

    @property
    def keys(self) -> KeySet:
        """Return the keys with their duties of today."""
        members = self.life.members
        return KeySet(
            tuple(self.secrets[one.id] for one in members),
            tuple(self.life.duties(one.id) for one in members),
        )

    def with_life(self, life: KeyLife) -> "ZoneLife":
        """Return it with other states; the secrets of forgotten keys are forgotten, too."""
        if life == self.life:
            return self
        kept = {one.id: self.secrets[one.id] for one in life.members}
        return replace(self, life=life, secrets=kept)

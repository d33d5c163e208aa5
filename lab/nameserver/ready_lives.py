"""How long answers may be kept beside their time: until something that they rest on changes.

An answer with nothing but records of its qname rests on these and on the zone's keys. Every other
one rests on the whole zone: a "no" brings the SOA record, and so the serial. A change finds the
lives that it ends; answers are not looked through, whether they are few or many.
"""

from collections.abc import Mapping
from dataclasses import field
from itertools import islice
from weakref import WeakValueDictionary

from lab.core.frozen import dataclass
from lab.dnssec.canonical import name_octets
from lab.nameserver.difference import changed_owners
from lab.nameserver.tree import ServedZone

# A change of more owners than these ends all lives of its zone.
OWNERS_LIMIT = 1000


class Life:
    """Be what answers hold that rest on the same.

    Attributes:
        ended: that has changed.
    """

    __slots__ = ("__weakref__", "ended")

    def __init__(self) -> None:
        """Begin."""
        self.ended = False


@dataclass(frozen=True, slots=True)
class _ZoneLives:
    """Hold the lives of one version of a zone, and those of owners as long as an answer does."""

    served: ServedZone
    whole: Life = field(default_factory=Life)
    owners: WeakValueDictionary[bytes, Life] = field(default_factory=WeakValueDictionary)

    def of_owner(self, owner: bytes) -> Life:
        life = self.owners.get(owner)
        if life is None:
            life = self.owners[owner] = Life()
        return life

    def end(self) -> None:
        self.whole.ended = True
        for life in self.owners.values():
            life.ended = True

    def followed_by(self, served: ServedZone) -> "_ZoneLives":
        """End what does not outlive this version, and return the lives of the next one."""
        changed = _changed(self.served, served)
        if changed is None:
            self.end()
            return _ZoneLives(served)
        self.whole.ended = True
        for owner in changed:
            life = self.owners.pop(owner, None)
            if life is not None:
                life.ended = True
        return _ZoneLives(served, owners=self.owners)


class Lives:
    """Keep the lives of all answers from zones that are served together."""

    def __init__(self, served: Mapping[bytes, ServedZone]) -> None:
        """Begin with what is *served*, by apex in wire form."""
        self._served = served
        self._outside = Life()
        self._zones: dict[bytes, _ZoneLives] = {}

    def of(self, served: ServedZone | None, owner: bytes | None = None) -> Life:
        """Return the life of what rests on a zone, or on there being none.

        Args:
            served: the zone.
            owner: what stands there is all that it rests on; None: it may rest on more.
        """
        if served is None:
            return self._outside
        lives = self._zones.get(served.apex_octets)
        if lives is None:
            lives = self._zones[served.apex_octets] = _ZoneLives(served)
        return lives.whole if owner is None else lives.of_owner(owner)

    def go_on(self, served: Mapping[bytes, ServedZone]) -> None:
        """End what does not rest on the same from now on."""
        if served.keys() != self._served.keys():
            # A zone that is new may be closer to some names than the one that they were asked of.
            self._outside.ended, self._outside = True, Life()
            for lives in self._zones.values():
                lives.end()
            self._zones = {}
        for apex, lives in self._zones.items():
            if lives.served is not served[apex]:
                self._zones[apex] = lives.followed_by(served[apex])
        self._served = served


def _changed(before: ServedZone, after: ServedZone) -> list[bytes] | None:
    """Return whose records, or place at or below a cut, changed; None if more than that did."""
    if before.signer != after.signer:
        return None
    owners = islice(changed_owners(before.zone, after.zone), OWNERS_LIMIT + 1)
    changed = [name_octets(one) for one in owners]
    return changed if len(changed) <= OWNERS_LIMIT else None

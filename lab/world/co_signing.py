"""A second operator of a zone, and what two operators know of each other's keys (RFC 8901).

Each has a KSK and a ZSK of his own, as in model 2 (section 2.1.2). Once they have exchanged keys,
each publishes what the other signs with, under duties that never let it sign here.
"""

from dataclasses import replace
from enum import Enum

from lab.core.frozen import dataclass
from lab.dnssec.keys import Duty, KeySet
from lab.nameserver.signer import Signer


class Acquaintance(Enum):
    """Tell whether two operators publish each other's keys."""

    STRANGERS = "strangers"
    EXCHANGED = "exchanged"


@dataclass(frozen=True, slots=True)
class CoSigner:
    """Hold the second operator of a zone.

    Attributes:
        signer: with the keys that are his own.
        addresses: of the nameservers of the zone that are his; none: nobody asks him yet.
        knows: whether he and the first operator publish each other's keys.
    """

    signer: Signer
    addresses: frozenset[str] = frozenset()
    knows: Acquaintance = Acquaintance.STRANGERS

    def beside(self, first: Signer) -> tuple[Signer, Signer]:
        """Return the *first* operator and this one, each with all keys that he publishes."""
        if self.knows is Acquaintance.STRANGERS:
            return first, self.signer
        one, other = first.keys, self.signer.keys
        return (
            replace(first, keys=_with_foreign(one, other)),
            replace(self.signer, keys=_with_foreign(other, one)),
        )


def _with_foreign(own: KeySet, foreign: KeySet) -> KeySet:
    """Return *own* keys and the *foreign* ones, which sign nothing here."""
    duties = (*own.duties, *(_abroad(one) for one in foreign.duties))
    return KeySet((*own.keys, *foreign.keys), duties)


def _abroad(duty: Duty) -> Duty:
    """Return what a key is used for by the operator whose key it is not."""
    # RFC 8901 section 2.1.2: besides his own keys an operator publishes the ZSKs of the other one.
    published = Duty.PUBLISHED if Duty.SIGNS_ZONE in duty else Duty.NONE
    # RFC 8901 section 8: the CDS and CDNSKEY RRsets of all operators are the same.
    return published | (duty & Duty.DELEGATED)

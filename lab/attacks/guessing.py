"""What has to be guessed by somebody who does not see the question (RFC 5452 section 9)."""

from enum import Enum

from dns.name import Name

from lab.attacks.deeds import Forge, octets
from lab.attacks.plot import Deed, Delivery, Seen
from lab.core.entropy import SeededEntropy
from lab.core.frozen import dataclass
from lab.core.question import Carrier
from lab.core.rrsets import RRset

_HEADER = 12
_LOW_IDS = 256
_FIRST_PORT, _PORTS = 1024, (1 << 16) - 1024

# Guesses leave in groups, so that the asker's socket does not overflow.
_GROUP, _PAUSE_S = 32, 0.005


class Victim(Enum):
    """Tell how well those can be predicted who ask.

    Attributes:
        OLD: they ask from one port, and count their message IDs up, as many did before 2008: who
            makes them ask him once knows the ID to within 256, and all the rest.
        TODAY: ID, port and the case of each letter are drawn anew for each question.
    """

    OLD = "old"
    TODAY = "today"


def possibilities(qname: Name, victim: Victim) -> dict[str, int]:
    """Return how many values each part of a question may have that has to be guessed.

    Args:
        qname: its name; each letter doubles the work (draft-vixie-dnsext-dns0x20).
        victim: who asks.
    """
    if victim is Victim.OLD:
        return {"IDs": _LOW_IDS}
    letters = sum(chr(octet).isalpha() for label in qname.labels for octet in label)
    return {"IDs": 1 << 16, "ports": _PORTS, "ways to write the name": 1 << letters}


@dataclass(frozen=True, slots=True)
class Flood(Deed):
    """Answer many times with other guesses of what only the asker knows; then let the server speak.

    Attributes:
        rrset: the forged record.
        guesses: how many answers.
        victim: what is to be guessed.
    """

    rrset: RRset
    guesses: int
    victim: Victim

    def deliver(self, seen: Seen) -> tuple[Delivery, ...]:
        """Return the guesses, in small groups, and the honest response behind them."""
        honest = octets(seen.response)
        if seen.carrier is not Carrier.UDP:
            # Into a stream nobody can write who does not see its numbers (RFC 5961).
            return (Delivery(honest),)
        (forged,) = Forge(self.rrset).deliver(seen)
        chance = SeededEntropy(f"guesses about {seen.query.id}")
        guesses = (self._guess(forged.wire, number, chance) for number in range(self.guesses))
        last = (self.guesses // _GROUP + 1) * _PAUSE_S
        return (*guesses, Delivery(honest, last))

    def _guess(self, wire: bytes, number: int, chance: SeededEntropy) -> Delivery:
        after = number // _GROUP * _PAUSE_S
        if self.victim is Victim.OLD:
            return Delivery(bytes((wire[0], number % _LOW_IDS)) + wire[2:], after)
        end = _end(wire)
        # He knows the name, but not which of its letters were written big.
        name = bytes(_turned(octet, chance) for octet in wire[_HEADER:end])
        port = int.from_bytes(chance.bytes(2), "big") % _PORTS + _FIRST_PORT
        return Delivery(chance.bytes(2) + wire[2:_HEADER] + name + wire[end:], after, port)


def _turned(octet: int, chance: SeededEntropy) -> int:
    """Return a letter in a case of its own; lengths of labels are below all letters."""
    return octet ^ (chance.bytes(1)[0] & 0x20) if chr(octet).isalpha() else octet


def _end(wire: bytes) -> int:
    """Return where the name of the question ends."""
    at = _HEADER
    while wire[at]:
        at += wire[at] + 1
    return at + 1

"""What somebody can do who sees nothing: guess, and answer many times before the server does."""

from fractions import Fraction
from math import prod

from lab.attacks.attack import attack
from lab.attacks.guessing import Flood, Victim, possibilities
from lab.attacks.on_path import Forging
from lab.attacks.plot import Rule
from lab.core.errors import InputError
from lab.core.frozen import dataclass

_MOST = 4096


@attack("cache-poisoning")
@dataclass(frozen=True, slots=True, kw_only=True)
class CachePoisoning(Forging):
    """Send forged answers from far away, each with another guess, before the honest one comes.

    The attacker makes somebody ask, sees nothing of it, and has until the server answers: a guess
    is right if message ID, port and letters are those of the question (RFC 5452 section 4). What is
    believed once stays in the cache until its TTL ends. The honest answer is held back until he has
    done.

    Attributes:
        guesses: how many answers he sends for each question, 4096 at most.
        victim: "old": asks from one port and counts its IDs up, so that 256 are left to guess;
            "today": draws ID, port and the case of letters anew for each question.
    """

    guesses: int = 256
    victim: Victim = Victim.TODAY

    def __post_init__(self) -> None:
        """Refuse what is no record, and floods that are a burden for this machine."""
        self.check()
        if not 1 <= self.guesses <= _MOST:
            raise InputError(f"the number of guesses is 1 to {_MOST}, not {self.guesses}")

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the guesses, then the honest answer."""
        return (Rule(self.match, Flood(self.forged, self.guesses, self.victim)),)

    @property
    def figures(self) -> tuple[str, ...]:
        """Return how many possibilities there are, and the chance of these guesses."""
        parts = possibilities(self.name, self.victim)
        total = prod(parts.values())
        words = " x ".join(f"{count:,} {what}" for what, count in parts.items())
        chance = min(Fraction(1), Fraction(self.guesses, total))
        said = "certain" if chance == 1 else f"1 in {round(1 / chance):,}"
        return (words, f"{self.guesses} guesses for one question: {said}")

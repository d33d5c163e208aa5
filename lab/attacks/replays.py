"""What can be done with answers that were once honest: say them again, or about something else."""

from dns.name import Name
from dns.rdatatype import RdataType

from lab.attacks.attack import NamedAttack, OnAnswer, attack
from lab.attacks.deeds import Replay
from lab.attacks.plot import Match, Rule
from lab.core.frozen import dataclass


@attack("eavesdropping")
@dataclass(frozen=True, slots=True, kw_only=True)
class Eavesdropping(NamedAttack):
    """Change nothing, and remember the first answer to each question, for `replay`."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return none."""
        return ()


@attack("replay")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayAnswer(OnAnswer):
    """Give the first answer to the question that the relay has seen, whatever the zone says today.

    Its signature is true. Only its end stops the replay: what was withdrawn can be shown until then
    (RFC 4033 section 12). Begin with `eavesdropping` before the change.
    """

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the earlier answer."""
        return (Rule(Match(self.name, self.type), Replay()),)


@attack("denial-of-another")
@dataclass(frozen=True, slots=True, kw_only=True)
class DenialOfAnother(OnAnswer):
    """Deny a name that exists with the signed NSEC or NSEC3 records that denied another one.

    The records are true, but say nothing about this name: it lies outside the gap that they span
    (RFC 4035 section 5.4). The other name must have been asked for since the relay stands there.

    Attributes:
        of: a name that does not exist, for which somebody has asked.
        of_type: the type that was asked for.
    """

    of: Name
    of_type: RdataType

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the denial of the other name."""
        return (Rule(Match(self.name, self.type), Replay((self.of, self.of_type))),)

"""What can be done to the chain of trust: cut it at a DS, blur it, or make its proof a burden."""

from dns.name import Name
from dns.rdatatype import RdataType

from lab.attacks.attack import NamedAttack, OnAnswer, attack
from lab.attacks.deeds import ChangeDs, ManySignatures, Strip
from lab.attacks.plot import Match, Rule
from lab.core.frozen import dataclass


@attack("ds-stripping")
@dataclass(frozen=True, slots=True, kw_only=True)
class DsStripping(NamedAttack):
    """Take the DS of a zone, with its signature, out of every response, as if it were unsigned.

    That a zone is unsigned has to be proven by the parent: no DS and no proof is bogus (RFC 4035
    section 5.2).

    Attributes:
        zone: apex of the zone that is to look unsigned.
    """

    zone: Name

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return responses without the DS."""
        holds = (self.zone, RdataType.DS)
        return (Rule(Match(holds=holds), Strip(RdataType.DS, self.zone)),)


@attack("algorithm-downgrade")
@dataclass(frozen=True, slots=True, kw_only=True)
class AlgorithmDowngrade(NamedAttack):
    """Let the DS of a zone name an algorithm that no validator knows.

    If that were true, the zone would be insecure and anything could be said about it (RFC 4035
    section 5.2). But the DS is signed by the parent, and so is the number of the algorithm.

    Attributes:
        zone: apex of the zone that is to look unverifiable.
    """

    zone: Name

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return responses with the changed DS."""
        return (Rule(Match(holds=(self.zone, RdataType.DS)), ChangeDs(self.zone)),)


@attack("keytrap")
@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTrap(OnAnswer):
    """Put many signatures before the honest one, each of which looks right until it is computed.

    Key tags are hints, so that a validator has to try (RFC 4035 section 5.3.1). One that tries all
    of them can be kept busy by a single packet (CVE-2023-50387); whoever owns the zone adds keys
    with the same tag, and multiplies the work. The defence is a limit, and the report counts.

    Attributes:
        signatures: how many.
    """

    signatures: int = 60

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the answer with more signatures."""
        return (Rule(Match(self.name, self.type), ManySignatures(self.signatures)),)

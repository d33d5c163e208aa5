"""Count the costly work of one resolution: no zone may make a validator work for ever.

An attacker writes zones in which every rule asks for one more try: keys with one tag
(CVE-2023-50387), hashes of hashes (CVE-2023-50868), digests of keys. The limits are in
`settings.Limits`, each with its source; here is what was spent so far.
"""

from dns.name import Name

from lab.core.checks import Check, broken
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.validator import rules
from lab.validator.settings import Limits


class Effort:
    """Hold what one resolution has spent.

    Attributes:
        limits: of the validator.
        verifications: signatures that were computed with.
        failures: those of them that did not verify: an honest zone has hardly any.
        digests: DNSKEYs that were hashed and did not match the DS that named them.
        rounds: SHA-1 computations for NSEC3.
    """

    def __init__(self, limits: Limits) -> None:
        """Start with nothing spent."""
        self.limits = limits
        self.verifications = 0
        self.failures = 0
        self.digests = 0
        self.rounds = 0
        self._hashed: dict[tuple[Nsec3Parameters, Name], bytes] = {}

    def spend_verifications(self, count: int, failed: int) -> None:
        """Remember *count* verifications, *failed* of them in vain."""
        self.verifications += count
        self.failures += failed

    @property
    def may_verify(self) -> bool:
        """Tell whether one more signature may be tried."""
        return self._spent_on_signatures() is None

    @property
    def may_digest(self) -> bool:
        """Tell whether one more key may be hashed for a DS."""
        return self.digests < self.limits.digest_failures

    def hash(self, hashing: Nsec3Parameters, name: Name) -> bytes | None:
        """Return the NSEC3 hash of *name*, computed once; None if the effort is spent."""
        if (hashing, name) not in self._hashed:
            if self.hashes_spent:
                return None
            self.rounds += 1 + hashing.iterations
            self._hashed[hashing, name] = hashing.hash(name)
        return self._hashed[hashing, name]

    @property
    def hashes_spent(self) -> bool:
        """Tell whether no more names are hashed."""
        return self.rounds >= self.limits.nsec3_rounds

    def complaint(self, subject: str) -> Check | None:
        """Return that the signatures of a resolution are at their limit; None if they are not."""
        spent = self._spent_on_signatures()
        return None if spent is None else limit_hit(self.limits, spent, subject)

    def _spent_on_signatures(self) -> str | None:
        if self.failures >= self.limits.failures_in_all:
            return "failures_in_all"
        if self.verifications >= self.limits.verifications_in_all:
            return "verifications_in_all"
        return None


def limit_hit(limits: Limits, name: str, subject: str) -> Check:
    """Return that the limit *name* ended the work on *subject*."""
    return broken(rules.EFFORT_BOUNDED, subject, limit=name, allowed=getattr(limits, name))

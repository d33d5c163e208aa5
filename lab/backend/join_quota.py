"""Bound how many devices may ask to join by one gateway, and by all strangers' together.

Gateways are not authenticated, and a request costs lookups and a question to a join server, who
alone can tell that it is forged. So each gateway of the operator has a token bucket, and all others
share one: strangers cannot use up what the operator's own gateways may bring.
"""

from collections import Counter
from collections.abc import Set as AbstractSet

from lab.backend.network_rules import JOIN_RATE
from lab.core.checks import Outcome, Report, broken
from lab.core.frozen import dataclass
from lab.lorawan.identifiers import Eui64
from lab.lorawan.mhdr import MType, push_mhdr


@dataclass(frozen=True, slots=True)
class Limit:
    """Say how much a bucket gives.

    Attributes:
        burst: requests at once, after a rest.
        per_s: requests in each second, for ever.
    """

    burst: int
    per_s: int


OWN = Limit(burst=1000, per_s=200)
STRANGERS = Limit(burst=50, per_s=10)

_JOINS = (push_mhdr(MType.JOIN_REQUEST), push_mhdr(MType.REJOIN_REQUEST))


@dataclass(frozen=True, slots=True)
class Bucket:
    """Hold what is left of a limit.

    Attributes:
        left: requests; whole ones can be taken.
        at: seconds, when that was so.
    """

    left: float
    at: float

    def filled(self, limit: Limit, now: float) -> "Bucket":
        """Return the bucket at *now*; time that runs backwards fills nothing."""
        gained = max(0.0, now - self.at) * limit.per_s
        return Bucket(min(limit.burst, self.left + gained), now)


class JoinQuota:
    """Count the requests that gateways bring to one network server.

    Attributes:
        dropped: how many were too many, by gateway; None: of strangers.
    """

    def __init__(self, own: AbstractSet[Eui64]) -> None:
        """Give each of *own* gateways a bucket; others share one."""
        self._own = own
        self._buckets: dict[Eui64 | None, Bucket] = {}
        self.dropped: Counter[Eui64 | None] = Counter()

    def refuses(self, gateway: Eui64, octets: bytes, now: float) -> Report | None:
        """Return why a frame is dropped; None: it is not, and is counted if it asks to join.

        Args:
            gateway: who brings it.
            octets: the PHYPayload.
            now: seconds, on a clock that never stands still.
        """
        if octets[:1] not in _JOINS:
            return None
        known = gateway in self._own
        who, limit = (gateway, OWN) if known else (None, STRANGERS)
        bucket = self._buckets.get(who, Bucket(limit.burst, now)).filled(limit, now)
        if bucket.left >= 1:
            self._buckets[who] = Bucket(bucket.left - 1, now)
            return None
        self._buckets[who] = bucket
        self.dropped[who] += 1
        title = f"request to join by gateway {gateway}"
        failed = broken(JOIN_RATE, title, per_s=limit.per_s, dropped=self.dropped[who])
        whose = "this gateway" if known else "gateways that are not in lorawan.toml"
        return Report(title, Outcome.FAILED, f"dropped: too many by {whose}", (failed,))

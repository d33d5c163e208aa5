"""What a play tells of each step only to whoever wants it, as it is long."""

from enum import Enum


class Evidence(Enum):
    """Name one kind of it; the value is its key in JSON.

    Attributes:
        CHAINS: the chain of trust, for pictures.
        PACKETS: each question to a nameserver, with the answer.
    """

    CHAINS = "chain"
    PACKETS = "exchanges"


EVERYTHING = frozenset(Evidence)

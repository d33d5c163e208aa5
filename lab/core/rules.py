"""What a judge can check: each rule once, with its sentence, its RFC section and its EDE code."""

from enum import IntEnum

from lab.core.frozen import dataclass
from lab.core.registry import Registry

_UPPER = {
    **{word: word for word in ("DNSSEC", "DNSKEY", "DS", "NSEC", "NSEC3")},
    "RRSIGS": "RRSIGs",
}


class Ede(IntEnum):
    """Number the Extended DNS Errors (RFC 8914 section 4) that a rule can lead to."""

    OTHER = 0
    UNSUPPORTED_DNSKEY_ALGORITHM = 1
    UNSUPPORTED_DS_DIGEST_TYPE = 2
    STALE_ANSWER = 3
    DNSSEC_INDETERMINATE = 5
    DNSSEC_BOGUS = 6
    SIGNATURE_EXPIRED = 7
    SIGNATURE_NOT_YET_VALID = 8
    DNSKEY_MISSING = 9
    RRSIGS_MISSING = 10
    NO_ZONE_KEY_BIT_SET = 11
    NSEC_MISSING = 12
    CACHED_ERROR = 13
    NOT_READY = 14
    PROHIBITED = 18
    NOT_AUTHORITATIVE = 20
    NOT_SUPPORTED = 21
    NO_REACHABLE_AUTHORITY = 22
    NETWORK_ERROR = 23
    INVALID_DATA = 24
    SIGNATURE_EXPIRED_BEFORE_VALID = 25
    UNSUPPORTED_NSEC3_ITERATIONS_VALUE = 27
    INVALID_QUERY_TYPE = 30
    NEGATIVE_TRUST_ANCHOR = 33

    @property
    def text(self) -> str:
        """Return its name as the registry writes it, e.g. "Signature Expired"."""
        words = self.name.split("_")
        return " ".join(_UPPER.get(word, word.capitalize()) for word in words)


@dataclass(frozen=True, slots=True)
class Rule:
    """State one thing that must hold.

    Attributes:
        id: `subject.rule`, as cited by checks, tests and pages.
        sentence: what must hold, in words that follow "because".
        section: where it is written, e.g. "RFC 4035 section 5.3.1".
        ede: the Extended DNS Error to give when it does not hold; None if RFC 8914 has none.
        hint: who can mend a breach and how; empty if that is plain.
    """

    id: str
    sentence: str
    section: str
    ede: Ede | None = None
    hint: str = ""


RULES: Registry[str, Rule] = Registry("rule")


def rule(rule_id: str, sentence: str, section: str, ede: Ede | None = None, hint: str = "") -> Rule:
    """Enter a rule into RULES and return it; called at module level in `<subject>/rules.py`."""
    return RULES.add(rule_id, Rule(rule_id, sentence, section, ede, hint))

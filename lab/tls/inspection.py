"""What a diagnostic client found at one place of a service: DNS, handshakes, decisions."""

from dns.name import Name

from lab.core.frozen import dataclass
from lab.dane.decision import Decision
from lab.dane.discovery import Endpoint
from lab.dane.evidence import TlsaEvidence
from lab.tls.authentication import Presented


@dataclass(frozen=True, slots=True)
class Probed:
    """Hold what a server showed.

    Attributes:
        presented: its certificates.
        version: of TLS, e.g. "TLSv1.3".
        cipher: the cipher suite.
    """

    presented: Presented
    version: str
    cipher: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """Hold what came of one address.

    Attributes:
        address: in text.
        probed: None if there was no handshake.
        decision: about what was shown; None if there was no handshake.
        problem: why there was none; empty if there was one.
    """

    address: str
    probed: Probed | None = None
    decision: Decision | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Inspection:
    """Hold what was found at one place.

    Attributes:
        endpoint: where it is, as the DNS says.
        base: the TLSA base domain that decides.
        evidence: what is at its TLSA owner name.
        attempts: one for each address; none if there is none, or none that may be trusted.
        verdict: of the first handshake; without any, what the DNS alone leads to.
    """

    endpoint: Endpoint
    base: Name
    evidence: TlsaEvidence
    attempts: tuple[Attempt, ...]
    verdict: Decision

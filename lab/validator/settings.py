"""What whoever runs a validator decides: where to start, whom to believe, when to give up."""

from dataclasses import dataclass, field

from dns.name import Name

from lab.core.question import Server
from lab.dnssec.algorithms import ALGORITHMS, DIGESTS
from lab.validator.anchor import TrustAnchor


@dataclass(frozen=True, slots=True)
class Limits:
    """Bound the work that one question can cause.

    Attributes:
        questions: sent to servers in all.
        referrals: followed for one question.
        aliases: CNAME and DNAME steps of one answer (Unbound: 11, BIND: 17).
        attempts: servers asked for one RRset when the data of the first ones are bogus.
        address_depth: nameserver names resolved to resolve a nameserver name.
        rrsigs: judged for one RRset (Unbound: 8, since CVE-2023-50387).
        verifications: signatures computed with for one RRset, keys times RRSIGs.
        denial_rrsets: NSEC and NSEC3 RRsets judged of one message.
        nsec3_iterations: above it an answer is insecure (RFC 9276 section 3.2; BIND, Unbound: 150).
        nsec3_hashes: names hashed for one proof (CVE-2023-50868).
    """

    questions: int = 128
    referrals: int = 32
    aliases: int = 16
    attempts: int = 4
    address_depth: int = 3
    rrsigs: int = 8
    verifications: int = 8
    denial_rrsets: int = 16
    nsec3_iterations: int = 150
    nsec3_hashes: int = 32


@dataclass(frozen=True, slots=True)
class Stub:
    """Name the servers of a zone, to be asked without walking there.

    Attributes:
        apex: of the zone.
        servers: its nameservers.
    """

    apex: Name
    servers: tuple[Server, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """Hold what a validator is told before its first question.

    Attributes:
        hints: nameservers of the root.
        anchors: whom to believe; the closest one to a name counts.
        stubs: zones whose servers are known beforehand.
        algorithms: signing algorithms that are accepted; others make a zone insecure.
        digests: DS digest types that are accepted.
        limits: when to give up.
    """

    hints: tuple[Server, ...]
    anchors: tuple[TrustAnchor, ...]
    stubs: tuple[Stub, ...] = ()
    algorithms: frozenset[int] = field(default_factory=lambda: frozenset(ALGORITHMS))
    digests: frozenset[int] = field(default_factory=lambda: frozenset(DIGESTS))
    limits: Limits = field(default_factory=Limits)

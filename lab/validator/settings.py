"""What whoever runs a validator decides: where to start, whom to believe, when to give up."""

from dataclasses import field, replace
from enum import Enum

from dns.name import Name

from lab.core.frozen import dataclass
from lab.core.question import Server
from lab.dnssec.algorithms import ALGORITHMS, DIGESTS
from lab.validator.anchor import NegativeAnchor, TrustAnchor


@dataclass(frozen=True, slots=True)
class Limits:
    """Bound the work that one question can cause; a verdict says which limit was hit.

    Attributes:
        questions: sent to servers in all (BIND max-recursion-queries: 50 to 100; Unbound
            max-global-quota: 200).
        unanswered: questions in vain, in all: servers that are slow or lame cost a second each.
        referrals: followed for one question (Unbound MAX_REFERRAL_COUNT: 130; real ones: under 5).
        aliases: CNAME and DNAME steps of one answer (Unbound: 11, BIND: 17).
        forged_aliases: CNAMEs left aside because they do not follow from their signed DNAME.
        attempts: servers asked for one RRset when the data of the first ones are bogus.
        servers: asked for one question (BIND NS_PROCESSING_LIMIT: 20).
        nameserver_names: without glue, resolved for one delegation (NXNSAttack, CVE-2020-12667;
            Unbound MAX_TARGET_NX: 5).
        address_depth: nameserver names resolved to resolve a nameserver name.
        dnskeys: in one DNSKEY RRset (BIND max-records-per-type: 100, since CVE-2024-1737).
        digest_failures: keys that a DS names by tag and not by digest (Unbound
            MAX_DS_MATCH_FAILURES: 4), in all; a DS costs as much as a hash of the whole key.
        rrsigs: looked at for one RRset, most at no cost: an honest one has four in the midst of a
            rollover, and each is a page of the report.
        verifications: signatures computed with for one RRset, keys times RRSIGs (Unbound
            MAX_VALIDATE_RRSIGS: 8, since CVE-2023-50387).
        failures_in_all: signatures that did not verify, in all (BIND
            max-validations-per-fetch: 16).
        verifications_in_all: signatures computed with, in all: several times those of the longest
            honest walk.
        denial_rrsets: NSEC and NSEC3 RRsets judged of one message.
        nsec3_iterations: above it an answer is insecure (RFC 9276 section 3.2; BIND, Unbound: 150).
        nsec3_hashes: names hashed for one proof (CVE-2023-50868).
        nsec3_rounds: SHA-1 computations for NSEC3, in all: 33 names of 150 iterations.
    """

    questions: int = 128
    unanswered: int = 20
    referrals: int = 32
    aliases: int = 16
    forged_aliases: int = 1
    attempts: int = 4
    servers: int = 20
    nameserver_names: int = 5
    address_depth: int = 3
    dnskeys: int = 100
    digest_failures: int = 4
    rrsigs: int = 32
    verifications: int = 8
    failures_in_all: int = 16
    verifications_in_all: int = 128
    denial_rrsets: int = 16
    nsec3_iterations: int = 150
    nsec3_hashes: int = 32
    nsec3_rounds: int = 5000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Stub:
    """Name the servers of a zone, to be asked without walking there.

    Attributes:
        apex: of the zone.
        servers: its nameservers.
    """

    apex: Name
    servers: tuple[Server, ...]


class Paths(Enum):
    """Say how many signatures convince, where a zone is signed with several algorithms.

    ANY is RFC 6840 section 5.11: any one valid path. EVERY_ALGORITHM, stricter than the RFC and as
    Unbound's `harden-algo-downgrade`, wants one of each algorithm that the DS RRset signals, so
    that a broken algorithm does not weaken a strong one beside it.
    """

    ANY = "any"
    EVERY_ALGORITHM = "every algorithm"


class Minimisation(Enum):
    """Say how much of a name the servers on the way to its zone are told (RFC 9156).

    RELAXED asks them for one label more than their zone has, and for the whole name where the
    answer to that is none of an honest server or denies the name. OFF asks for the whole name.
    """

    RELAXED = "relaxed"
    OFF = "off"


class Caching(Enum):
    """Say how long a resolver for others keeps what it has judged."""

    UNTIL_EXPIRY = "until a TTL or a signature runs out"
    OFF = "not at all"


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
        paths: how many signatures convince.
        negative: zones that are known to be broken, and taken as unsigned (RFC 7646).
        skew_s: seconds by which a clock may be wrong when times of RRSIGs are compared.
        minimisation: how much of a name servers are told; a recursive one is told all of it.
    """

    hints: tuple[Server, ...]
    anchors: tuple[TrustAnchor, ...]
    stubs: tuple[Stub, ...] = ()
    algorithms: frozenset[int] = field(default_factory=lambda: frozenset(ALGORITHMS))
    digests: frozenset[int] = field(default_factory=lambda: frozenset(DIGESTS))
    limits: Limits = DEFAULT_LIMITS
    paths: Paths = Paths.ANY
    negative: tuple[NegativeAnchor, ...] = ()
    skew_s: int = 0
    minimisation: Minimisation = Minimisation.RELAXED

    def through(self, resolver: Server) -> "Settings":
        """Return these settings, but for asking the recursive *resolver* and nobody else.

        RFC 4035 section 4.9: a validating stub leaves the walk to a resolver, never the verdict.
        """
        return replace(self, hints=(resolver,), stubs=())

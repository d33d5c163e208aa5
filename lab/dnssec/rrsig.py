"""Judge one RRSIG over one RRset (RFC 4035 section 5.3).

Decides: does this signature authenticate this RRset now, by one of these keys? Not: are the keys
trusted (validator.chain), nor whether a wildcard answer was due (validator.answer).
"""

from collections.abc import Iterable, Iterator
from dataclasses import field, replace
from hashlib import sha256

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rdtypes.dnskeybase import Flag

from lab.core.checks import Check, Outcome, Report, check, not_reached, outcome_of, shortened
from lab.core.frozen import dataclass
from lab.core.instant import Instant, not_after, serial_to_instant
from lab.core.rrsets import RRset
from lab.dnssec import rules
from lab.dnssec.algorithms import ALGORITHMS, is_well_formed, verify
from lab.dnssec.canonical import labels, signed_octets, signed_owner
from lab.dnssec.keys import key_tag

# RFC 4034 section 2.1.2: the only value that the protocol field may have.
PROTOCOL = 3

# Unbound and BIND stop at four keys with one tag since CVE-2023-50387 (KeyTrap).
MAX_COLLIDING_KEYS = 4

# The longest key of any algorithm is that of ML-DSA-44 (FIPS 204); what is longer is not decoded.
MAX_KEY_OCTETS = 1312


@dataclass(frozen=True, slots=True)
class ZoneKeys:
    """Hold the authenticated keys of one zone.

    Attributes:
        apex: the only signer name that counts for data of the zone.
        dnskeys: the DNSKEY RRset.
        algorithms: numbers that this validator accepts, each with a row in ALGORITHMS.
        required: those of which each must have signed; empty if any one will do.
        skew_s: seconds by which a clock may be wrong (a policy; RFC 4035 has none).
        tags: key tags of *dnskeys*, in their order.
    """

    apex: Name
    dnskeys: tuple[DNSKEY, ...]
    algorithms: frozenset[int] = field(default_factory=lambda: frozenset(ALGORITHMS))
    required: frozenset[int] = frozenset()
    skew_s: int = 0
    tags: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compute the key tags once: a hundred keys times eight RRSIGs are no small work."""
        object.__setattr__(self, "tags", tuple(key_tag(one) for one in self.dnskeys))

    def named_by(self, rrsig: RRSIG) -> tuple[DNSKEY, ...]:
        """Return the keys with tag and algorithm of *rrsig*: a tag is a hint, several may fit."""
        pairs = zip(self.dnskeys, self.tags, strict=True)
        wanted = (rrsig.algorithm, rrsig.key_tag)
        return tuple(one for one, tag in pairs if (one.algorithm, tag) == wanted)


@dataclass(frozen=True, slots=True)
class Signature:
    """Tell what became of one RRSIG.

    Attributes:
        rrsig: what was judged.
        dnskey: the key that verified it; None if it authenticates nothing.
        verifications: how often a signature was computed with: the costly part.
        curtailed: more keys had fitted than were tried.
        report: all checks, in order.
    """

    rrsig: RRSIG
    dnskey: DNSKEY | None
    verifications: int
    report: Report
    curtailed: bool = False

    @property
    def valid(self) -> bool:
        """Tell whether the RRSIG authenticates its RRset."""
        return self.dnskey is not None


def judge_rrsig(rrset: RRset, rrsig: RRSIG, keys: ZoneKeys, now: Instant) -> Signature:
    """Return whether *rrsig* authenticates *rrset* by one of *keys*, and why."""
    subject = f"{rrset}, RRSIG by key tag {rrsig.key_tag}"
    checks = tuple(_field_checks(rrset, rrsig, keys, now))
    if outcome_of(checks) is Outcome.FAILED:
        unreached = not_reached(rules.RRSIG_SIGNATURE, subject)
        return _signature(rrsig, None, 0, (*checks, unreached), subject)
    found, key_checks, spent = None, list[Check](), 0
    fitting = keys.named_by(rrsig)
    for dnskey in fitting[:MAX_COLLIDING_KEYS]:
        tried, verified = _key_checks(rrset, rrsig, dnskey, keys.apex)
        key_checks += tried
        spent += verified
        if outcome_of(tried) is Outcome.PASSED:
            found = dnskey
            break
    made = _signature(rrsig, found, spent, (*checks, *key_checks), subject)
    return replace(made, curtailed=len(fitting) > MAX_COLLIDING_KEYS)


def _signature(
    rrsig: RRSIG, found: DNSKEY | None, spent: int, checks: tuple[Check, ...], subject: str
) -> Signature:
    outcome = Outcome.FAILED if found is None else Outcome.PASSED
    conclusion = "authenticates nothing" if found is None else "verified"
    return Signature(rrsig, found, spent, Report(subject, outcome, conclusion, checks))


def _field_checks(rrset: RRset, rrsig: RRSIG, keys: ZoneKeys, now: Instant) -> Iterator[Check]:
    """Yield the checks of RFC 4035 section 5.3.1, all of them: none depends on another."""
    subject = f"{rrset}, RRSIG by key tag {rrsig.key_tag}"
    # That owner and class are those of the RRset is settled where sections are grouped.
    of_zone = rrsig.signer == keys.apex and rrset.owner.is_subdomain(keys.apex)
    yield check(rules.RRSIG_SIGNER, of_zone, subject, signer=rrsig.signer, apex=keys.apex)
    covered = rrsig.type_covered == rrset.rdtype
    text = RdataType.to_text(rrsig.type_covered)
    yield check(rules.RRSIG_TYPE_COVERED, covered, subject, covered=text)
    count = labels(rrset.owner)
    enough = rrsig.labels <= count
    yield check(rules.RRSIG_LABELS, enough, subject, labels=rrsig.labels, owner_labels=count)
    yield from _time_checks(rrsig, now, keys.skew_s, subject)
    yield from _algorithm_checks(rrsig, keys, subject)


def _algorithm_checks(rrsig: RRSIG, keys: ZoneKeys, subject: str) -> Iterator[Check]:
    text = algorithm_text(rrsig.algorithm)
    supported = rrsig.algorithm in keys.algorithms
    yield check(rules.RRSIG_ALGORITHM, supported, subject, algorithm=text)
    yield check(
        rules.RRSIG_DNSKEY,
        bool(keys.named_by(rrsig)),
        subject,
        key_tag=rrsig.key_tag,
        algorithm=text,
        published=", ".join(str(one) for one in keys.tags) or "none",
    )
    if not keys.named_by(rrsig):
        yield from zone_flag_missing(keys.apex, keys.dnskeys)


def _time_checks(rrsig: RRSIG, now: Instant, skew_s: int, subject: str) -> Iterator[Check]:
    # RFC 4034 section 3.1.5: the times are 32-bit serial numbers; both ends are included.
    inception = serial_to_instant(rrsig.inception, now)
    expiration = serial_to_instant(rrsig.expiration, now)
    yield check(
        rules.RRSIG_ORDER,
        not_after(rrsig.inception, rrsig.expiration),
        subject,
        inception=inception,
        expiration=expiration,
    )
    in_time = not_after(now - skew_s, rrsig.expiration)
    yield check(rules.RRSIG_EXPIRATION, in_time, subject, now=now, expiration=expiration)
    begun = not_after(rrsig.inception, now + skew_s)
    yield check(rules.RRSIG_INCEPTION, begun, subject, now=now, inception=inception)


def _key_checks(
    rrset: RRset, rrsig: RRSIG, dnskey: DNSKEY, apex: Name
) -> tuple[tuple[Check, ...], int]:
    """Return the checks of one key, and 1 if the signature was tried with it, else 0."""
    fitness = tuple(fitness_checks(apex, dnskey))
    subject = f"{rrset}, RRSIG by key tag {rrsig.key_tag}"
    if outcome_of(fitness) is Outcome.FAILED:
        return (*fitness, not_reached(rules.RRSIG_SIGNATURE, subject)), 0
    octets = signed_octets(rrset, rrsig)
    verified = verify(dnskey, rrsig.signature, octets)
    last = check(
        rules.RRSIG_SIGNATURE,
        verified,
        subject,
        key_tag=rrsig.key_tag,
        algorithm=algorithm_text(rrsig.algorithm),
        signed_octets=f"{len(octets)} octets, SHA-256 {shortened(sha256(octets).digest())}",
        signature=shortened(rrsig.signature),
        public_key=shortened(dnskey.key),
    )
    return (*fitness, last), 1


def zone_flag_missing(apex: Name, dnskeys: Iterable[DNSKEY]) -> Iterator[Check]:
    """Yield a failed check for each of *dnskeys* that is no key of a zone.

    The flag is part of what a key tag is computed from, so that nothing names a key without it: it
    may well be the one that is looked for.
    """
    for dnskey in dnskeys:
        if not dnskey.flags & Flag.ZONE:
            yield _zone_flag(apex, dnskey)


def _zone_flag(apex: Name, dnskey: DNSKEY) -> Check:
    subject = f"{apex} DNSKEY {key_tag(dnskey)}"
    has = bool(dnskey.flags & Flag.ZONE)
    return check(rules.DNSKEY_ZONE_FLAG, has, subject, flags=int(dnskey.flags))


def fitness_checks(apex: Name, dnskey: DNSKEY) -> Iterator[Check]:
    """Yield what a DNSKEY must be to sign zone data at all (RFC 4034 section 2.1).

    The algorithm of *dnskey* must have a row in ALGORITHMS. The SEP flag is no condition.
    """
    subject = f"{apex} DNSKEY {key_tag(dnskey)}"
    yield _zone_flag(apex, dnskey)
    right = dnskey.protocol == PROTOCOL
    yield check(rules.DNSKEY_PROTOCOL, right, subject, protocol=dnskey.protocol)
    revoked = bool(dnskey.flags & Flag.REVOKE)
    yield check(rules.DNSKEY_NOT_REVOKED, not revoked, subject, flags=int(dnskey.flags))
    size = len(dnskey.key)
    well_formed = size <= MAX_KEY_OCTETS and is_well_formed(dnskey)
    yield check(rules.DNSKEY_WELL_FORMED, well_formed, subject, octets=size)


def expanded_from(rrset: RRset, rrsig: RRSIG) -> Name | None:
    """Return the wildcard that *rrset* was made of; None if its own owner was signed.

    *rrsig* must have passed `judge_rrsig`.
    """
    signed = signed_owner(rrset.owner, rrsig.labels)
    return None if signed == rrset.owner else signed


def capped_ttl(rrset: RRset, rrsig: RRSIG, rrsig_ttl: int, now: Instant) -> int:
    """Return how long the RRset may be kept, seconds (RFC 4035 section 5.3.3)."""
    left = serial_to_instant(rrsig.expiration, now) - now
    return max(0, min(rrset.ttl, rrsig_ttl, rrsig.original_ttl, int(left)))


def algorithm_text(number: int) -> str:
    """Return `13 ECDSAP256SHA256`, or the bare number if it has no row."""
    row = ALGORITHMS.get(number)
    return str(int(number)) if row is None else f"{int(number)} {row.mnemonic}"

"""Judge the denials of existence in one message: NODATA, NXDOMAIN, no DS, no closer name.

Decides: which NSEC and NSEC3 RRs are authentic records of the zone, and what they prove (RFC 4035
section 5.4, RFC 5155 section 8). The two kinds are never mixed in one proof.
"""

from collections.abc import Callable
from typing import TypeAlias, cast

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3

from lab.core.checks import Check, Outcome, Report, broken, check
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import RRset, SignedRRset
from lab.dnssec import nsec3, rules
from lab.dnssec.nsec import covers
from lab.dnssec.rrsig import ZoneKeys
from lab.validator import nsec3_proof, nsec_proof
from lab.validator.effort import Effort, limit_hit
from lab.validator.nsec3_proof import HashedZone, Nsec3Record
from lab.validator.nsec_proof import NsecRecord
from lab.validator.proof import Finding, Proof
from lab.validator.rrset import judge_rrset

_TYPES = frozenset({RdataType.NSEC, RdataType.NSEC3})


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold the authentic denial records of one message and zone.

    Attributes:
        keys: of the zone.
        nsecs: NSEC RRs; if there are any, the NSEC3 RRs are not looked at.
        nsec3s: NSEC3 RRs, all with the parameters of the first one.
        effort: of the resolution.
        reports: one for each RRset that was judged.
    """

    keys: ZoneKeys
    nsecs: tuple[NsecRecord, ...]
    nsec3s: tuple[Nsec3Record, ...]
    effort: Effort
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class Denial:
    """Tell what a message proves not to exist.

    Attributes:
        finding: what follows from it.
        report: the evidence.
    """

    finding: Finding
    report: Report


def gather(
    authority: tuple[SignedRRset, ...], keys: ZoneKeys, now: Instant, effort: Effort
) -> Evidence:
    """Return the NSEC and NSEC3 RRs of *authority* that the zone of *keys* has signed."""
    candidates = [one for one in authority if one.rrset.rdtype in _TYPES]
    nsecs: list[NsecRecord] = []
    nsec3s: list[Nsec3Record] = []
    reports: list[Report] = []
    for signed in candidates[: effort.limits.denial_rrsets]:
        report = _judge(signed, keys, now, effort)
        reports.append(report)
        if report.outcome is not Outcome.PASSED:
            continue
        if signed.rrset.rdtype == RdataType.NSEC:
            rdatas = (cast("NSEC", rdata) for rdata in signed.rrset.rdatas)
            nsecs += [NsecRecord(signed.rrset.owner, rdata) for rdata in rdatas]
        else:
            nsec3s += _nsec3_records(signed)
    same = tuple(one for one in nsec3s if one.hashing == nsec3s[0].hashing)
    reports += [_other_parameters(one) for one in nsec3s if one not in same]
    return Evidence(keys, tuple(nsecs), same, effort, tuple(reports))


def bad_soa(
    authority: tuple[SignedRRset, ...], keys: ZoneKeys, now: Instant, effort: Effort
) -> Report | None:
    """Return why the SOA RR of a negative answer is not authentic; None if it is, or is not there.

    It says how long the denial may be kept (RFC 2308 section 5), so it has to be signed as all else
    in a signed zone (RFC 4035 section 3.1.1).
    """
    soas = (
        one
        for one in authority
        if one.rrset.rdtype == RdataType.SOA and one.rrset.owner == keys.apex
    )
    judged = (judge_rrset(one, keys, now, effort) for one in soas)
    return next((one.report for one in judged if not one.valid), None)


def speaks_of(rrset: RRset, apex: Name, name: Name) -> bool:
    """Tell whether *rrset* is a denial record of the zone *apex* that may concern *name*."""
    if rrset.rdtype == RdataType.NSEC3:
        return len(rrset.owner) > len(apex) and rrset.owner.parent() == apex
    if rrset.rdtype != RdataType.NSEC or not rrset.owner.is_subdomain(apex):
        return False
    nsec = cast("NSEC", rrset.rdatas[0])
    return rrset.owner == name or covers(rrset.owner, nsec.next, name)


def _other_parameters(record: Nsec3Record) -> Report:
    subject = str(record)
    failed = broken(rules.NSEC3_SAME_PARAMETERS, subject, hashing=record.hashing)
    return Report(subject, Outcome.FAILED, "left out", (failed,))


def _nsec3_records(signed: SignedRRset) -> list[Nsec3Record]:
    digest = nsec3.from_label(signed.rrset.owner.labels[0])
    assert digest is not None
    return [Nsec3Record(digest, cast("NSEC3", rdata)) for rdata in signed.rrset.rdatas]


def _judge(signed: SignedRRset, keys: ZoneKeys, now: Instant, effort: Effort) -> Report:
    """Return whether *signed* may be used in a proof at all."""
    verdict = judge_rrset(signed, keys, now, effort)
    if not verdict.valid:
        return verdict.report
    subject = str(signed.rrset)
    # RFC 4035 section 5.4: an NSEC made from a wildcard speaks of the wildcard, not of its owner.
    checks = [check(rules.NSEC_NOT_EXPANDED, verdict.wildcard is None, subject)]
    if signed.rrset.rdtype == RdataType.NSEC3:
        checks.append(_usable(signed, keys.apex))
    if not any(one.failed for one in checks):
        return verdict.report
    return Report(subject, Outcome.FAILED, "proves nothing", tuple(checks), (verdict.report,))


def _usable(signed: SignedRRset, apex: Name) -> Check:
    records = [cast("NSEC3", rdata) for rdata in signed.rrset.rdatas]
    owner = signed.rrset.owner
    # RFC 5155 sections 8.1 and 8.2: an unknown algorithm or flag makes the record as good as none.
    known = all(one.algorithm == nsec3.SHA1 and one.flags <= nsec3.OPT_OUT for one in records)
    placed = len(owner) > len(apex) and owner.parent() == apex
    # RFC 5155 section 3.1.7: the next hash is as long as the hash function makes it.
    whole = all(len(one.next) == nsec3.HASH_SIZE for one in records)
    hashed = whole and nsec3.from_label(owner.labels[0]) is not None
    return check(
        rules.NSEC3_USABLE,
        known and placed and hashed,
        str(signed.rrset),
        algorithm=records[0].algorithm,
        flags=records[0].flags,
    )


def deny_type(evidence: Evidence, name: Name, rdtype: RdataType) -> Denial:
    """Return whether *name* is proven to have no *rdtype* (NODATA)."""
    return _prove(
        evidence,
        f"no {RdataType.to_text(rdtype)} at {name}",
        lambda records: nsec_proof.no_type(records, name, rdtype),
        lambda zone: nsec3_proof.no_type(zone, name, rdtype),
    )


def deny_name(evidence: Evidence, name: Name) -> Denial:
    """Return whether *name* is proven not to exist, by itself or by a wildcard (NXDOMAIN)."""
    return _prove(
        evidence,
        f"no name {name}",
        lambda records: nsec_proof.no_name(records, name),
        lambda zone: nsec3_proof.no_name(zone, name),
    )


def deny_closer(evidence: Evidence, name: Name, wildcard: Name) -> Denial:
    """Return whether no name between *name* and *wildcard* is proven to exist (RFC 4035 5.3.4)."""
    depth = len(wildcard)
    next_closer = Name(name.labels[-depth:])
    return _prove(
        evidence,
        f"no name closer to {name} than {wildcard}",
        lambda records: nsec_proof.no_closer(records, next_closer),
        lambda zone: nsec3_proof.no_closer(zone, next_closer),
    )


def deny_ds(evidence: Evidence, name: Name) -> Denial:
    """Return whether *name* is an unsigned zone cut, or no zone cut at all (RFC 4035 5.2)."""
    return _prove(
        evidence,
        f"no DS at {name}",
        lambda records: nsec_proof.no_ds(records, name),
        lambda zone: nsec3_proof.no_ds(zone, name),
    )


ByNsec: TypeAlias = Callable[[tuple[NsecRecord, ...]], Proof]
ByNsec3: TypeAlias = Callable[[HashedZone], Proof]


def _prove(evidence: Evidence, title: str, by_nsec: ByNsec, by_nsec3: ByNsec3) -> Denial:
    if evidence.nsecs:
        return _denial(evidence, title, by_nsec(evidence.nsecs))
    if evidence.nsec3s:
        return _denial(evidence, title, _by_nsec3(evidence, by_nsec3))
    proof = Proof(Finding.UNPROVEN, (broken(rules.NSEC_PRESENT, title, zone=evidence.keys.apex),))
    return _denial(evidence, title, proof)


def _by_nsec3(evidence: Evidence, prove: ByNsec3) -> Proof:
    hashing = evidence.nsec3s[0].hashing
    limits = evidence.effort.limits
    limit = limits.nsec3_iterations
    bounded = check(
        rules.NSEC3_ITERATIONS,
        hashing.iterations <= limit,
        str(evidence.keys.apex),
        iterations=hashing.iterations,
        limit=limit,
    )
    # RFC 9276 section 3.2: insecure, once the signature is known to be good; never hash first.
    if bounded.failed:
        return Proof(Finding.TOO_MANY_ITERATIONS, (bounded,))
    zone = HashedZone(evidence.keys.apex, evidence.nsec3s, limits.nsec3_hashes, evidence.effort)
    proof = prove(zone)
    if proof.finding is Finding.UNPROVEN and evidence.effort.hashes_spent:
        hit = limit_hit(limits, "nsec3_rounds", str(evidence.keys.apex))
        return Proof(proof.finding, (bounded, hit, *proof.checks))
    return Proof(proof.finding, (bounded, *proof.checks))


def _denial(evidence: Evidence, title: str, proof: Proof) -> Denial:
    failed = proof.finding is Finding.UNPROVEN
    outcome = Outcome.FAILED if failed else Outcome.PASSED
    own = Report(title, outcome, proof.finding.value, proof.checks)
    # A record that was there and is not authentic tells more than the gap it left.
    parts = (*evidence.reports, own)
    return Denial(proof.finding, Report(title, outcome, proof.finding.value, parts=parts))

"""Ask the DNS for what DANE needs: TLSA RRsets, and where a service is; all of it validated.

Joins the dialogues of `dane` with `validator.resolve`: what comes up here is still a dialogue.
"""

from typing import cast

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.SOA import SOA

from lab.core.checks import Report
from lab.core.dialogue import Dialogue, ResultT
from lab.core.instant import Instant
from lab.core.question import Question, Response
from lab.core.rrsets import SignedRRset
from lab.core.status import Proven, SecurityStatus
from lab.dane.discovery import Endpoint, Look, Seen
from lab.dane.evidence import DnsStatus, Found, TlsaEvidence, dns_status
from lab.dane.tlsa import TlsaRecord, server_owner
from lab.validator import rules as validator_rules
from lab.validator.cache import Cache, resolve_cached
from lab.validator.resolve import ResolutionKind, Settings, Validation

_FOUND = {
    ResolutionKind.POSITIVE: Found.RECORDS,
    ResolutionKind.NODATA: Found.NODATA,
    ResolutionKind.NXDOMAIN: Found.NXDOMAIN,
    ResolutionKind.FAILURE: Found.SERVFAIL,
}
_STATUS = {
    DnsStatus.SECURE: SecurityStatus.SECURE,
    DnsStatus.SECURE_ABSENT: SecurityStatus.SECURE,
    DnsStatus.INSECURE: SecurityStatus.INSECURE,
    DnsStatus.BOGUS: SecurityStatus.BOGUS,
    DnsStatus.INDETERMINATE: SecurityStatus.INDETERMINATE,
    DnsStatus.TIME_OUT: SecurityStatus.INDETERMINATE,
}
_GO_ON = frozenset({DnsStatus.INSECURE, DnsStatus.SECURE_ABSENT})


def evidence_from(
    owner: Name, validation: Validation, until: Instant | None = None
) -> TlsaEvidence:
    """Return what *validation*, which holds *until*, means for DANE: answer, records, status."""
    # Any status may be read here because it travels on with the records.
    resolution = validation.resolution.require(*SecurityStatus)
    found = _found(resolution.kind, validation.report)
    records: tuple[TlsaRecord, ...] = ()
    if found is Found.RECORDS:
        records = tuple(TlsaRecord.from_rdata(rdata) for rdata in resolution.rdatas)
    return TlsaEvidence(
        owner,
        found,
        Proven(validation.status, records),
        validation.report,
        _negative_ttl(resolution.authority),
        until,
    )


def _negative_ttl(authority: tuple[SignedRRset, ...]) -> int:
    """Return the lesser of TTL and MINIMUM of the SOA of a denial (RFC 2308 section 5)."""
    soas = (one.rrset for one in authority if one.rrset.rdtype == RdataType.SOA)
    return min((min(one.ttl, cast("SOA", one.rdatas[0]).minimum) for one in soas), default=0)


def _found(kind: ResolutionKind, report: Report) -> Found:
    failure = report.first_failure()
    if failure is not None and failure.rule is validator_rules.SERVER_ANSWERS:
        return Found.TIMEOUT
    return _FOUND[kind]


def seen_from(validation: Validation) -> Seen:
    """Return what *validation* means for a discovery."""
    resolution = validation.resolution.require(*SecurityStatus)
    found = _found(resolution.kind, validation.report)
    status = dns_status(validation.status, found)
    return Seen(status, resolution.name, resolution.rdatas, validation.report)


def look_up_tlsa(
    owner: Name, settings: Settings, now: Instant, cache: Cache | None = None
) -> Dialogue[Question, Response, TlsaEvidence]:
    """Resolve and validate the TLSA RRset of *owner*."""
    validation = yield from resolve_cached(owner, RdataType.TLSA, settings, now, cache)
    until = None if cache is None else cache.until((owner, RdataType.TLSA), now)
    return evidence_from(owner, validation, until)


def looking(
    discovery: Dialogue[Look, Seen, ResultT],
    settings: Settings,
    now: Instant,
    cache: Cache | None = None,
) -> Dialogue[Question, Response, ResultT]:
    """Run *discovery*, resolving and validating whatever it looks for."""
    try:
        look = next(discovery)
        while True:
            validation = yield from resolve_cached(look.name, look.rdtype, settings, now, cache)
            look = discovery.send(seen_from(validation))
    except StopIteration as stop:
        result: ResultT = stop.value
        return result


def look_up_endpoint(
    endpoint: Endpoint, settings: Settings, now: Instant, cache: Cache | None = None
) -> Dialogue[Question, Response, tuple[Name, TlsaEvidence]]:
    """Return the TLSA base domain that decides about *endpoint*, and what is there.

    RFC 7671 section 7: the first base domain with records decides, and so does one whose answer
    cannot be trusted: to go on then would let an attacker choose.
    """
    base = endpoint.host
    evidence = _nothing_asked(endpoint)
    for base in endpoint.bases:
        owner = server_owner(base, endpoint.port, endpoint.transport)
        evidence = yield from look_up_tlsa(owner, settings, now, cache)
        if evidence.dns_status not in _GO_ON:
            break
    return base, evidence


def _nothing_asked(endpoint: Endpoint) -> TlsaEvidence:
    """Return the evidence about an endpoint for which no TLSA RRset may be asked."""
    found = {DnsStatus.TIME_OUT: Found.TIMEOUT, DnsStatus.INDETERMINATE: Found.SERVFAIL}
    status = DnsStatus.INSECURE if endpoint.status is DnsStatus.SECURE else endpoint.status
    return TlsaEvidence(
        server_owner(endpoint.host, endpoint.port, endpoint.transport),
        found.get(status, Found.NODATA),
        Proven(_STATUS[status], ()),
    )

"""Authenticate the peer of a connection through the DNS: the dialogues behind the gate.

Joins what the handshake showed (engine), what a validating resolution says about the TLSA RRset
(validator), and what follows from the two (dane). Nothing is asked of the DNS before the handshake
has proved that the peer holds its key.
"""

from dataclasses import dataclass

from cryptography import x509
from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.checks import Report
from lab.core.dialogue import Dialogue
from lab.core.errors import PeerError
from lab.core.instant import Instant
from lab.core.question import Question, Response
from lab.core.status import Proven, SecurityStatus
from lab.dane.decision import Decision
from lab.dane.evidence import Found, TlsaEvidence
from lab.dane.matching import Match, match
from lab.dane.policy import (
    TLS_1_3,
    Claim,
    ClientPolicy,
    Credential,
    ServerPolicy,
    decide_client,
    decide_server,
    identify,
)
from lab.dane.tlsa import TlsaRecord, server_owner
from lab.pki.contents import read
from lab.pki.path import Expected
from lab.pki.profiles import Purpose
from lab.tls.context import ServerRole
from lab.tls.engine import Engine
from lab.validator import rules as validator_rules
from lab.validator.resolve import ResolutionKind, Settings, Validation, resolve

_FOUND = {
    ResolutionKind.POSITIVE: Found.RECORDS,
    ResolutionKind.NODATA: Found.NODATA,
    ResolutionKind.NXDOMAIN: Found.NXDOMAIN,
    ResolutionKind.FAILURE: Found.SERVFAIL,
}


@dataclass(frozen=True, slots=True)
class Presented:
    """Hold what a peer showed in a finished handshake.

    Attributes:
        chain: its certificates, leaf first; empty if it showed none.
        client_id: extension data of dane_clientid; None if it sent none.
        server_name: SNI of the connection, empty if there was none.
        tls_version: as negotiated.
        solicited: our CertificateRequest had the extension.
    """

    chain: tuple[x509.Certificate, ...]
    client_id: bytes | None = None
    server_name: str = ""
    tls_version: tuple[int, int] = TLS_1_3
    solicited: bool = True


def presented_by(engine: Engine) -> Presented:
    """Return what the peer of *engine* showed; in state VERIFY or later.

    Raises:
        PeerError: one of its certificates cannot be decoded.
    """
    role = engine.role
    solicited = isinstance(role, ServerRole) and role.client_id is not None
    return Presented(engine.peer_chain, engine.client_id, engine.server_name, solicited=solicited)


def evidence_from(owner: Name, validation: Validation) -> TlsaEvidence:
    """Return what *validation* means for DANE: kind of answer, records, status."""
    # Any status may be read here because it travels on with the records.
    resolution = validation.resolution.require(*SecurityStatus)
    found = _found(resolution.kind, validation.report)
    records: tuple[TlsaRecord, ...] = ()
    if found is Found.RECORDS:
        records = tuple(TlsaRecord.from_rdata(rdata) for rdata in resolution.rdatas)
    return TlsaEvidence(owner, found, Proven(validation.status, records), validation.report)


def _found(kind: ResolutionKind, report: Report) -> Found:
    failure = report.first_failure()
    if failure is not None and failure.rule is validator_rules.SERVER_ANSWERS:
        return Found.TIMEOUT
    return _FOUND[kind]


def look_up_tlsa(
    owner: Name, settings: Settings, now: Instant
) -> Dialogue[Question, Response, TlsaEvidence]:
    """Resolve and validate the TLSA RRset of *owner*."""
    validation = yield from resolve(owner, RdataType.TLSA, settings, now)
    return evidence_from(owner, validation)


def authenticate_client(
    presented: Presented, policy: ClientPolicy, settings: Settings, now: Instant
) -> Dialogue[Question, Response, Decision]:
    """Decide, as a server, about the client that showed *presented*."""
    claim = claim_of(presented)
    identified = identify(claim, policy)
    if isinstance(identified, Decision):
        return identified
    evidence = yield from look_up_tlsa(identified.name, settings, now)
    expected = Expected(identified.name, Purpose.CLIENT, now, policy.roots)
    compared = _compare(presented, evidence, expected)
    return decide_client(identified, claim, policy, evidence, compared)


def authenticate_server(
    host: Name,
    port: int,
    presented: Presented,
    policy: ServerPolicy,
    settings: Settings,
    now: Instant,
) -> Dialogue[Question, Response, Decision]:
    """Decide, as a client, about the server at *host* and *port* that showed *presented*."""
    evidence = yield from look_up_tlsa(server_owner(host, port), settings, now)
    expected = Expected(host, Purpose.SERVER, now, policy.roots)
    return decide_server(host, policy, evidence, _compare(presented, evidence, expected))


def claim_of(presented: Presented) -> Claim:
    """Return what a client claims about itself."""
    return Claim(
        client_id=presented.client_id,
        credential=Credential.X509 if presented.chain else Credential.NONE,
        dns_names=_dns_names(presented),
        tls_version=presented.tls_version,
        solicited=presented.solicited,
    )


def _dns_names(presented: Presented) -> tuple[str, ...]:
    if not presented.chain:
        return ()
    try:
        return read(presented.chain[0]).dns_names
    except PeerError:
        # DANE-EE does not need to read the certificate; without names the others will not match.
        return ()


def _compare(presented: Presented, evidence: TlsaEvidence, expected: Expected) -> Match | None:
    records = evidence.secure_records()
    if not records or not presented.chain:
        return None
    return match(presented.chain, records, expected)

"""Authenticate the peer of a connection through the DNS: the dialogues behind the gate.

Joins what the handshake showed (engine), what a validating resolution says about the TLSA RRset
(validator), and what follows from the two (dane). Nothing is asked of the DNS before the handshake
has proved that the peer holds its key.
"""

from dataclasses import replace

from cryptography import x509
from dns.name import Name

from lab.core.dialogue import Dialogue
from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.question import Question, Response
from lab.dane.decision import Decision
from lab.dane.discovery import Endpoint, Service, discover_host
from lab.dane.evidence import TlsaEvidence
from lab.dane.matching import Match, match, match_key
from lab.dane.policy import (
    TLS_1_3,
    Claim,
    ClientPolicy,
    Credential,
    Identified,
    ServerPolicy,
    decide_client,
    decide_server,
    identify,
)
from lab.dane.records import Supported
from lab.dane.tlsa import Usage
from lab.pki.contents import read
from lab.pki.path import Expected
from lab.pki.profiles import Purpose
from lab.tls.context import ServerRole
from lab.tls.engine import Engine
from lab.tls.lookup import look_up_endpoint, look_up_tlsa, looking
from lab.validator.settings import Settings


@dataclass(frozen=True, slots=True)
class Presented:
    """Hold what a peer showed in a finished handshake.

    Attributes:
        chain: its certificates, leaf first; empty if it showed none.
        client_id: extension data of dane_clientid; None if it sent none.
        server_name: SNI of the connection, empty if there was none.
        tls_version: as negotiated.
        solicited: our CertificateRequest had the extension.
        key: SubjectPublicKeyInfo of a raw public key, DER; empty if it showed none.
    """

    chain: tuple[x509.Certificate, ...]
    client_id: bytes | None = None
    server_name: str = ""
    tls_version: tuple[int, int] = TLS_1_3
    solicited: bool = True
    key: bytes = b""

    @property
    def credential(self) -> Credential:
        """Return what it proved possession of."""
        if self.key:
            return Credential.RAW_PUBLIC_KEY
        return Credential.X509 if self.chain else Credential.NONE


def presented_by(engine: Engine) -> Presented:
    """Return what the peer of *engine* showed; in state VERIFY or later.

    Raises:
        PeerError: one of its certificates cannot be decoded.
    """
    role = engine.role
    solicited = isinstance(role, ServerRole) and role.client_id is not None
    return Presented(
        engine.peer_chain,
        engine.client_id,
        engine.server_name,
        engine.negotiated.pair,
        solicited=solicited,
        key=engine.peer_key,
    )


def authenticate_client(
    presented: Presented, policy: ClientPolicy, settings: Settings, now: Instant
) -> Dialogue[Question, Response, Decision]:
    """Decide, as a server, about the client that showed *presented*."""
    identified = identify(claim_of(presented), policy)
    if isinstance(identified, Decision):
        return identified
    evidence = yield from look_up_tlsa(identified.name, settings, now)
    return judge_client(presented, identified, policy, evidence, now)


def judge_client(
    presented: Presented,
    identified: Identified,
    policy: ClientPolicy,
    evidence: TlsaEvidence,
    now: Instant,
) -> Decision:
    """Decide, as a server, about the client that showed *presented*, once it is looked up.

    Args:
        presented: what the client showed.
        identified: the name that it claims.
        policy: what the server demands.
        evidence: what the DNS says about that name.
        now: the lab's present.
    """
    expected = Expected(identified.name, Purpose.CLIENT, now, policy.roots)
    compared = _compare(presented, evidence, expected, policy.supported)
    decision = decide_client(identified, claim_of(presented), policy, evidence, compared)
    return _until_it_expires(decision, presented)


def authenticate_server(
    host: Name,
    port: int,
    presented: Presented,
    policy: ServerPolicy,
    settings: Settings,
    now: Instant,
) -> Dialogue[Question, Response, Decision]:
    """Decide, as a client, about the server at *host* and *port* that showed *presented*."""
    (endpoint,) = yield from looking(discover_host(Service(host, port)), settings, now)
    found = yield from look_up_endpoint(endpoint, settings, now)
    return judge_server(endpoint, found, presented, policy, now)


def judge_server(
    endpoint: Endpoint,
    found: tuple[Name, TlsaEvidence],
    presented: Presented,
    policy: ServerPolicy,
    now: Instant,
) -> Decision:
    """Decide, as a client, about the server at *endpoint* that showed *presented*.

    Args:
        endpoint: where the service is, as the DNS says.
        found: TLSA base domain and evidence, of `look_up_endpoint`.
        presented: what the server showed.
        policy: what the client demands.
        now: the lab's present.
    """
    base, evidence = found
    aliases = tuple(one for one in (endpoint.host, *endpoint.names) if one != base)
    expected = Expected(base, Purpose.SERVER, now, policy.roots, aliases=aliases)
    match = _compare(presented, evidence, expected, policy.supported)
    return _until_it_expires(decide_server(endpoint, policy, evidence, match), presented)


def _until_it_expires(decision: Decision, presented: Presented) -> Decision:
    """Return *decision* for as long as the certificates hold on which it depends."""
    match = decision.match
    # RFC 7671 section 5.1: for DANE-EE the expiration date of the certificate means nothing.
    if decision.until is None or match is None or match.usage is Usage.DANE_EE:
        return decision
    ends = (int(one.not_valid_after_utc.timestamp()) for one in presented.chain)
    return replace(decision, until=min(decision.until, *map(Instant, ends)))


def claim_of(presented: Presented) -> Claim:
    """Return what a client claims about itself."""
    return Claim(
        client_id=presented.client_id,
        credential=presented.credential,
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


def _compare(
    presented: Presented,
    evidence: TlsaEvidence,
    expected: Expected,
    supported: Supported,
) -> Match | None:
    records = evidence.secure_records()
    if not records:
        return None
    match presented.credential:
        case Credential.NONE:
            return None
        case Credential.X509:
            return match(presented.chain, records, expected, supported)
        case Credential.RAW_PUBLIC_KEY:
            return match_key(presented.key, records, expected, supported)

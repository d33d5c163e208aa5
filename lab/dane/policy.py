"""Decide about a peer: what a server makes of a client, and a client of a server.

Decides: which situation is this? What follows from it stands in the tables of `dane.profiles`.
"""

from enum import Enum

from cryptography import x509
from dns.name import Name

from lab.core.checks import Check, Outcome, Report, broken, check, not_reached, outcome_of
from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.core.names import text_of, text_without_dot
from lab.dane import rules
from lab.dane.client_id import Profile, client_name, pull_client_id
from lab.dane.decision import BY_DNS_STATUS, Decision, Situation, Verdict, report_of
from lab.dane.discovery import Endpoint
from lab.dane.evidence import DnsStatus, TlsaEvidence
from lab.dane.matching import Match
from lab.dane.profiles import CLIENT_RULES, SERVER_RULES, ClientRules, Demand
from lab.dane.records import STANDARD, Supported
from lab.dane.tlsa import Selector, Usage
from lab.pki import rules as path_rules
from lab.pki.names import presented_name

TLS_1_3 = (1, 3)


class Credential(Enum):
    """Tell what a client showed in the handshake."""

    NONE = "nothing"
    X509 = "certificate"
    RAW_PUBLIC_KEY = "raw public key"


@dataclass(frozen=True, slots=True)
class ClientPolicy:
    """Say what a server demands of its clients.

    Attributes:
        require_dane: no client comes in without DANE.
        allow_unauthenticated: a client that tried and failed goes on, under no name.
        allow_list: domains below which clients may be; None for all. Others are not looked up.
        profile: the draft that counts.
        roots: trusted without DANE; only the PKIX usages need them.
        supported: the records that count.
    """

    require_dane: bool = True
    allow_unauthenticated: bool = False
    allow_list: tuple[Name, ...] | None = None
    profile: Profile = Profile.CLIENT_AUTH_13
    roots: tuple[x509.Certificate, ...] = ()
    supported: Supported = STANDARD

    @classmethod
    def demanding(
        cls,
        demand: Demand,
        allow_list: tuple[Name, ...] | None = None,
        profile: Profile = Profile.CLIENT_AUTH_13,
    ) -> "ClientPolicy":
        """Return the policy whose `demand` is *demand*."""
        required, guests = demand is Demand.REQUIRED, demand is Demand.GUESTS
        return cls(required, guests, allow_list, profile)

    @property
    def demand(self) -> Demand:
        """Return the column of the table that counts."""
        if self.require_dane:
            return Demand.REQUIRED
        return Demand.GUESTS if self.allow_unauthenticated else Demand.OPTIONAL

    @property
    def rules(self) -> ClientRules:
        """Return the rules of the profile."""
        return CLIENT_RULES[self.profile]

    def verdict(self, situation: Situation) -> Verdict:
        """Return what follows from *situation*."""
        return self.rules.table[situation].verdict(self.demand)


@dataclass(frozen=True, slots=True)
class ServerPolicy:
    """Say what a client demands of servers.

    Attributes:
        require_dane: do not fall back to trust without DANE where DNSSEC proves nothing.
        roots: trusted without DANE; only the PKIX usages need them.
        supported: the records that count.
    """

    require_dane: bool = True
    roots: tuple[x509.Certificate, ...] = ()
    supported: Supported = STANDARD

    def verdict(self, situation: Situation) -> Verdict:
        """Return what follows from *situation*."""
        demand = Demand.REQUIRED if self.require_dane else Demand.OPTIONAL
        return SERVER_RULES[situation].verdict(demand)


@dataclass(frozen=True, slots=True)
class Claim:
    """Hold what a client said and showed, before anything was asked of the DNS.

    Attributes:
        client_id: extension data of dane_clientid; None if the extension was not sent.
        credential: what it proved possession of.
        dns_names: dNSNames of its certificate.
        tls_version: as negotiated.
        solicited: our CertificateRequest had the extension.
    """

    client_id: bytes | None
    credential: Credential = Credential.X509
    dns_names: tuple[str, ...] = ()
    tls_version: tuple[int, int] = TLS_1_3
    solicited: bool = True


@dataclass(frozen=True, slots=True)
class Identified:
    """Hold the name that a client claims, fit to be looked up.

    Attributes:
        name: owner of the TLSA RRset.
        checks: what was checked on the way.
    """

    name: Name
    checks: tuple[Check, ...]


def identify(claim: Claim, policy: ClientPolicy) -> Identified | Decision:
    """Return the name to look up, or the decision if nothing may be asked of the DNS."""
    entry = _entry_checks(claim, policy.rules)
    checks = tuple(entry.values())
    failed = next((situation for situation, one in entry.items() if one.failed), None)
    if failed is not None:
        return _stopped(checks, failed, policy)
    try:
        name, named = _claimed_name(claim, policy)
    except PeerError as error:
        malformed = broken(rules.EXTENSION_FORM, "client", error=str(error))
        return _stopped((*checks, malformed), Situation.MALFORMED_NAME, policy)
    if name is None:
        return _stopped((*checks, named), Situation.NO_NAME, policy)
    allowed = _allow_list_check(name, policy)
    checks = (*checks, named, allowed)
    if allowed.failed:
        return _stopped(checks, Situation.NOT_LISTED, policy)
    return Identified(name, checks)


def _entry_checks(claim: Claim, wanted: ClientRules) -> dict[Situation, Check]:
    version = ".".join(map(str, claim.tls_version))
    modern = claim.tls_version >= wanted.least_tls
    solicited = claim.solicited or claim.client_id is None
    shown = claim.credential is not Credential.NONE
    return {
        Situation.OLD_TLS: check(rules.TLS_VERSION, modern, "connection", version=version),
        Situation.UNSOLICITED: check(rules.SOLICITED, solicited, "client"),
        Situation.NO_CREDENTIAL: check(
            rules.CERTIFICATE, shown, "client", shown=claim.credential.value
        ),
    }


def _claimed_name(claim: Claim, policy: ClientPolicy) -> tuple[Name | None, Check]:
    if claim.client_id is not None:
        name = pull_client_id(claim.client_id, policy.profile)
        if name is not None:
            return name, check(rules.EXTENSION, holds=True, subject="client", name=text_of(name))
    elif not policy.rules.reads_certificate or claim.credential is Credential.RAW_PUBLIC_KEY:
        return None, broken(rules.EXTENSION, "client")
    names = claim.dns_names
    single = check(
        rules.SINGLE_SAN, len(names) == 1, "client", certified=", ".join(names) or "no dNSName"
    )
    return (client_name(names[0]) if len(names) == 1 else None), single


def _allow_list_check(name: Name, policy: ClientPolicy) -> Check:
    # Whole labels, without case: that is how names are compared (RFC 4343).
    allow_list = policy.allow_list
    allowed = allow_list is None or any(name.is_subdomain(domain) for domain in allow_list)
    domains = "all" if allow_list is None else ", ".join(map(str, allow_list)) or "none"
    return check(rules.ALLOW_LIST, allowed, text_of(name), allowed=domains)


def _stopped(checks: tuple[Check, ...], situation: Situation, policy: ClientPolicy) -> Decision:
    verdict = policy.verdict(situation)
    report = Report("client", outcome_of(checks), checks=checks)
    return Decision(
        verdict, None, report_of("client", verdict, report), None, None, situation, None
    )


def decide_client(
    identified: Identified,
    claim: Claim,
    policy: ClientPolicy,
    evidence: TlsaEvidence,
    match: Match | None,
) -> Decision:
    """Return what a server does with a client after the lookup.

    Args:
        identified: the claimed name.
        claim: what the client showed.
        policy: what the server demands.
        evidence: what the DNS said about that name.
        match: the secure records compared with the chain; None if there were none.
    """
    name = identified.name
    own, situation = _about_client(name, claim, evidence, match)
    verdict = policy.verdict(situation)
    checks = (*identified.checks, *evidence.checks(), *own)
    title = f"client {text_without_dot(name)}"
    identity = name if verdict is Verdict.ACCEPT else None
    report = report_of(title, verdict, _assembled(title, checks, evidence, match))
    status, until = evidence.dns_status, evidence.until
    return Decision(verdict, identity, report, name, match, situation, status, until)


def _about_client(
    name: Name, claim: Claim, evidence: TlsaEvidence, match: Match | None
) -> tuple[tuple[Check, ...], Situation]:
    unproven = BY_DNS_STATUS.get(evidence.dns_status)
    if unproven is not None or match is None:
        return (not_reached(rules.AUTHENTICATED, text_of(name)),), unproven or Situation.MISMATCH
    checks = _match_checks(name, claim, match)
    failed = {one.rule for one in checks if one.failed}
    if rules.NAME_IN_SAN in failed:
        return checks, Situation.NAME_NOT_CERTIFIED
    if rules.RAW_PUBLIC_KEY in failed:
        return checks, Situation.NOT_FOR_RAW_KEYS
    return checks, _of_match(match)


def _of_match(match: Match) -> Situation:
    if match.authenticated:
        return Situation.MATCH
    return Situation.MISMATCH if match.usable else Situation.UNUSABLE


def _match_checks(name: Name, claim: Claim, match: Match) -> tuple[Check, ...]:
    subject = text_of(name)
    if match.record is None:
        unmatched = broken(rules.AUTHENTICATED, subject)
        if _lacks_only_the_name(match.report):
            return _name_check(name, claim), unmatched
        return (unmatched,)
    checks = [check(rules.AUTHENTICATED, holds=True, subject=subject, record=match.record)]
    if claim.credential is Credential.RAW_PUBLIC_KEY:
        is_3_1 = (match.usage, match.record.selector) == (Usage.DANE_EE, Selector.SPKI)
        checks.append(check(rules.RAW_PUBLIC_KEY, is_3_1, subject, record=match.record))
    elif match.usage is not Usage.DANE_EE:
        checks.append(_name_check(name, claim))
    return tuple(checks)


def _name_check(name: Name, claim: Claim) -> Check:
    named = any(presented_name(text.lower()) == name for text in claim.dns_names)
    certified = ", ".join(claim.dns_names) or "no dNSName"
    return check(rules.NAME_IN_SAN, named, text_of(name), certified=certified)


def _lacks_only_the_name(report: Report) -> bool:
    """Tell whether a record would have matched, had the certificate the right name."""
    summaries = {rules.PATH_HOLDS, rules.PKIX_PATH}
    return any(
        {one.rule for one in part.every_check() if one.failed} - summaries == {path_rules.NAME}
        for part in report.parts
        if part.outcome is Outcome.FAILED
    )


def _assembled(
    title: str, checks: tuple[Check, ...], evidence: TlsaEvidence, match: Match | None
) -> Report:
    parts = [evidence.report] if evidence.report is not None else []
    if match is not None:
        parts.append(match.report)
    return Report(title, checks=checks, parts=tuple(parts))


def decide_server(
    endpoint: Endpoint, policy: ServerPolicy, evidence: TlsaEvidence, match: Match | None
) -> Decision:
    """Return what a client does with a server after the lookup (RFC 6698 section 4.1, RFC 7671).

    Args:
        endpoint: what the client wanted to reach, and where that is.
        policy: what the client demands.
        evidence: what the DNS said about the TLSA RRset there.
        match: the secure records compared with the chain; None if there were none.
    """
    host, status = endpoint.host, evidence.dns_status
    situation = BY_DNS_STATUS.get(status, Situation.NO_CREDENTIAL)
    own = not_reached(rules.AUTHENTICATED, text_of(host))
    if status is DnsStatus.SECURE and match is not None:
        situation = _of_match(match)
        record = match.record if match.record is not None else "none"
        own = check(rules.AUTHENTICATED, match.authenticated, text_of(host), record=record)
    verdict = policy.verdict(situation)
    checks = (*endpoint.checks, *evidence.checks(), own)
    title = f"server {text_without_dot(host)}"
    identity = host if verdict is Verdict.ACCEPT else None
    report = report_of(title, verdict, _assembled(title, checks, evidence, match))
    owner, until = evidence.owner, evidence.until
    return Decision(verdict, identity, report, owner, match, situation, status, until)

"""Decide about a peer: what a server makes of a client, and a client of a server.

Rules for clients: draft-ietf-dance-client-auth-13, or the older draft-huque-dane-client-cert-08.
Only "validation fails" is spelt out there; we read all that is not a validated TLSA RRset alike
(insecure, bogus, absent, no answer): it never authenticates. Rules for servers: RFC 6698 and 7671.
"""

from dataclasses import dataclass
from enum import Enum

from cryptography import x509
from dns.name import Name

from lab.core.checks import Check, Outcome, Report, broken, check, not_reached, outcome_of
from lab.core.errors import PeerError
from lab.core.status import SecurityStatus
from lab.dane import rules
from lab.dane.client_id import Profile, client_name, pull_client_id
from lab.dane.decision import Decision, Verdict, report_of
from lab.dane.evidence import NO_ANSWER, TlsaEvidence
from lab.dane.matching import Match
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
    """

    require_dane: bool = True
    allow_unauthenticated: bool = False
    allow_list: tuple[Name, ...] | None = None
    profile: Profile = Profile.IETF_13
    roots: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerPolicy:
    """Say what a client demands of servers.

    Attributes:
        require_dane: do not fall back to trust without DANE where DNSSEC proves nothing.
        roots: trusted without DANE; only the PKIX usages need them.
    """

    require_dane: bool = True
    roots: tuple[x509.Certificate, ...] = ()


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
    entry = _entry_checks(claim, policy)
    failed = next((one for one in entry if one.failed), None)
    if failed is not None:
        return _stopped(entry, _verdict_at_entry(failed, policy))
    try:
        name, named = _claimed_name(claim, policy.profile)
    except PeerError as error:
        malformed = broken(rules.EXTENSION_FORM, "client", error=error)
        return _stopped((*entry, malformed), Verdict.ABORT)
    if name is None:
        return _stopped((*entry, named), _verdict_without_name(policy))
    allowed = _allow_list_check(name, policy)
    checks = (*entry, named, allowed)
    return _stopped(checks, _refusal(policy)) if allowed.failed else Identified(name, checks)


def _entry_checks(claim: Claim, policy: ClientPolicy) -> tuple[Check, ...]:
    version = ".".join(map(str, claim.tls_version))
    # The older draft allows TLS 1.2; the newer one is about TLS 1.3 only.
    modern = claim.tls_version >= TLS_1_3 or policy.profile is Profile.HUQUE_08
    solicited = claim.solicited or claim.client_id is None
    shown = claim.credential is not Credential.NONE
    return (
        check(rules.TLS_VERSION, modern, "connection", version=version),
        check(rules.SOLICITED, solicited, "client"),
        check(rules.CERTIFICATE, shown, "client", shown=claim.credential.value),
    )


def _verdict_at_entry(failed: Check, policy: ClientPolicy) -> Verdict:
    if failed.rule is rules.SOLICITED or policy.require_dane:
        return Verdict.ABORT
    return Verdict.GENERAL_POLICY


def _claimed_name(claim: Claim, profile: Profile) -> tuple[Name | None, Check]:
    if claim.client_id is not None:
        name = pull_client_id(claim.client_id, profile)
        if name is not None:
            return name, check(rules.EXTENSION, holds=True, subject="client", name=name)
    elif profile is Profile.IETF_13 or claim.credential is Credential.RAW_PUBLIC_KEY:
        # -13: without the extension nothing is derived from the certificate.
        return None, broken(rules.EXTENSION, "client")
    names = claim.dns_names
    single = check(
        rules.SINGLE_SAN, len(names) == 1, "client", certified=", ".join(names) or "no dNSName"
    )
    return (client_name(names[0]) if len(names) == 1 else None), single


def _verdict_without_name(policy: ClientPolicy) -> Verdict:
    if policy.require_dane:
        return Verdict.ABORT
    # -13: such a client has not asked for DANE. The older draft calls it unauthenticated.
    is_new = policy.profile is Profile.IETF_13
    return Verdict.GENERAL_POLICY if is_new else _refusal(policy)


def _allow_list_check(name: Name, policy: ClientPolicy) -> Check:
    allow_list = policy.allow_list
    allowed = allow_list is None or any(name.is_subdomain(domain) for domain in allow_list)
    domains = "all" if allow_list is None else ", ".join(map(str, allow_list)) or "none"
    return check(rules.ALLOW_LIST, allowed, str(name), allowed=domains)


def _refusal(policy: ClientPolicy) -> Verdict:
    if policy.require_dane or not policy.allow_unauthenticated:
        return Verdict.ABORT
    return Verdict.UNAUTHENTICATED


def _stopped(checks: tuple[Check, ...], verdict: Verdict) -> Decision:
    report = Report("client", outcome_of(checks), checks=checks)
    return Decision(verdict, None, report_of("client", verdict, report))


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
    own: tuple[Check, ...] = (not_reached(rules.AUTHENTICATED, str(identified.name)),)
    verdict = _refusal(policy)
    if match is not None and evidence.secure_records():
        own = _match_checks(identified.name, claim, match)
        verdict = _verdict_of_match(own, policy)
    checks = (*identified.checks, *evidence.checks(), *own)
    title = f"client {identified.name.to_text(omit_final_dot=True)}"
    identity = identified.name if verdict is Verdict.ACCEPT else None
    report = report_of(title, verdict, _assembled(title, checks, evidence, match))
    return Decision(verdict, identity, report, identified.name, match)


def _match_checks(name: Name, claim: Claim, match: Match) -> tuple[Check, ...]:
    subject = str(name)
    named = any(presented_name(text.lower()) == name for text in claim.dns_names)
    certified = ", ".join(claim.dns_names) or "no dNSName"
    name_check = check(rules.NAME_IN_SAN, named, subject, certified=certified)
    if match.record is None:
        unmatched = broken(rules.AUTHENTICATED, subject)
        return (unmatched, name_check) if _lacks_only_the_name(match.report) else (unmatched,)
    checks = [check(rules.AUTHENTICATED, holds=True, subject=subject, record=match.record)]
    if claim.credential is Credential.RAW_PUBLIC_KEY:
        is_3_1 = (match.usage, match.record.selector) == (Usage.DANE_EE, Selector.SPKI)
        checks.append(check(rules.RAW_PUBLIC_KEY, is_3_1, subject, record=match.record))
    elif match.usage is not Usage.DANE_EE:
        checks.append(name_check)
    return tuple(checks)


def _lacks_only_the_name(report: Report) -> bool:
    """Tell whether a record would have matched, had the certificate the right name."""
    summaries = {rules.PATH_HOLDS, rules.PKIX_PATH}
    return any(
        {one.rule for one in part.every_check() if one.failed} - summaries == {path_rules.NAME}
        for part in report.parts
        if part.outcome is Outcome.FAILED
    )


def _verdict_of_match(checks: tuple[Check, ...], policy: ClientPolicy) -> Verdict:
    failed = [one.rule for one in checks if one.failed]
    if not failed:
        return Verdict.ACCEPT
    # -13, Client Identifiers: a name that is not in the certificate leaves no choice to policy.
    return Verdict.ABORT if rules.NAME_IN_SAN in failed else _refusal(policy)


def _assembled(
    title: str, checks: tuple[Check, ...], evidence: TlsaEvidence, match: Match | None
) -> Report:
    parts = [evidence.report] if evidence.report is not None else []
    if match is not None:
        parts.append(match.report)
    return Report(title, checks=checks, parts=tuple(parts))


def decide_server(
    host: Name, policy: ServerPolicy, evidence: TlsaEvidence, match: Match | None
) -> Decision:
    """Return what a client does with a server after the lookup (RFC 7671 section 2.1, 10.1).

    Args:
        host: the name that the client wanted to reach.
        policy: what the client demands.
        evidence: what the DNS said about `_port._tcp.host`.
        match: the secure records compared with the chain; None if there were none.
    """
    verdict = _verdict_about_server(policy, evidence, match)
    own = not_reached(rules.AUTHENTICATED, str(host))
    if match is not None and evidence.secure_records():
        record = match.record if match.record is not None else "none"
        own = check(rules.AUTHENTICATED, match.authenticated, str(host), record=record)
    checks = (*evidence.checks(), own)
    title = f"server {host.to_text(omit_final_dot=True)}"
    identity = host if verdict is Verdict.ACCEPT else None
    report = report_of(title, verdict, _assembled(title, checks, evidence, match))
    return Decision(verdict, identity, report, evidence.owner, match)


def _verdict_about_server(
    policy: ServerPolicy, evidence: TlsaEvidence, match: Match | None
) -> Verdict:
    # RFC 6698 section 4.1: no connection if the answer is bogus or cannot be had; an attacker
    # could otherwise turn DANE off by suppressing the record.
    unproven = {SecurityStatus.BOGUS, SecurityStatus.INDETERMINATE}
    if evidence.status in unproven or evidence.found in NO_ANSWER:
        return Verdict.ABORT
    if evidence.secure_records() and match is not None and match.usable:
        # RFC 7671 section 4.1: usable records are there, so nothing else can vouch for the server.
        return Verdict.ACCEPT if match.authenticated else Verdict.ABORT
    return Verdict.ABORT if policy.require_dane else Verdict.GENERAL_POLICY

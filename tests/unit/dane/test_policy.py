"""Decisions of servers about clients, and of clients about servers."""

from dataclasses import replace

import dns.name
import pytest

from lab.core.checks import Outcome, Report
from lab.core.status import Proven, SecurityStatus
from lab.dane.client_id import Profile, push_client_id
from lab.dane.decision import Decision, Verdict
from lab.dane.discovery import Endpoint
from lab.dane.evidence import DnsStatus, Found, TlsaEvidence
from lab.dane.matching import Match, match
from lab.dane.policy import (
    Claim,
    ClientPolicy,
    Credential,
    Identified,
    ServerPolicy,
    decide_client,
    decide_server,
    identify,
)
from lab.dane.tlsa import MatchingType, Selector, TlsaRecord, Usage, make_tlsa
from lab.dane.usages import NO_DEPTH
from lab.pki.path import Expected
from lab.pki.profiles import Purpose
from tests.unit.pki.chains import CA, LEAF, NOW

NAME = dns.name.from_text("_ns-client.ns.tsp.example")
SERVER = Endpoint(NAME, 443, "tcp", (NAME,), (), (), DnsStatus.SECURE, ())
CLAIM = Claim(push_client_id(NAME))
REQUIRED = ClientPolicy()
OPTIONAL = ClientPolicy(require_dane=False)
GUESTS = ClientPolicy(require_dane=False, allow_unauthenticated=True)
OLD = replace(REQUIRED, profile=Profile.SEEDS_2022)

RECORD = TlsaRecord(3, 1, 1, bytes(32))
MATCHED = Match(RECORD, 0, 1, Report("as given"))
MISSED = Match(None, NO_DEPTH, 1, Report("as given", Outcome.FAILED))
UNUSABLE = Match(None, NO_DEPTH, 0, Report("as given", Outcome.FAILED))
SECURE = TlsaEvidence(NAME, Found.RECORDS, Proven(SecurityStatus.SECURE, (RECORD,)))

NOT_PROVEN = (
    replace(SECURE, answer=Proven(SecurityStatus.INSECURE, (RECORD,))),
    replace(SECURE, answer=Proven(SecurityStatus.BOGUS, (RECORD,))),
    replace(SECURE, answer=Proven(SecurityStatus.INDETERMINATE, (RECORD,))),
    TlsaEvidence(NAME, Found.NODATA, Proven(SecurityStatus.SECURE, ())),
    TlsaEvidence(NAME, Found.NXDOMAIN, Proven(SecurityStatus.SECURE, ())),
    TlsaEvidence(NAME, Found.SERVFAIL, Proven(SecurityStatus.INDETERMINATE, ())),
    TlsaEvidence(NAME, Found.TIMEOUT, Proven(SecurityStatus.INDETERMINATE, ())),
)


def stopped(claim: Claim, policy: ClientPolicy) -> Verdict:
    """Return the verdict about a client for whom nothing is asked of the DNS."""
    decision = identify(claim, policy)
    assert isinstance(decision, Decision)
    assert decision.dns_lookup is None
    assert decision.identity is None
    return decision.verdict


def decided(
    policy: ClientPolicy,
    evidence: TlsaEvidence = SECURE,
    match: Match | None = MATCHED,
    claim: Claim = CLAIM,
) -> Decision:
    """Return the decision after a lookup."""
    identified = identify(claim, policy)
    assert isinstance(identified, Identified)
    return decide_client(identified, claim, policy, evidence, match)


def test_a_secure_match_is_accepted_under_its_name() -> None:
    decision = decided(REQUIRED)
    assert (decision.verdict, decision.identity, decision.dns_lookup) == (
        Verdict.ACCEPT,
        NAME,
        NAME,
    )
    assert decision.report.outcome is Outcome.PASSED
    assert decision.reason == ""


@pytest.mark.parametrize("evidence", NOT_PROVEN)
def test_what_is_not_proven_never_authenticates(evidence: TlsaEvidence) -> None:
    assert decided(REQUIRED, evidence).verdict is Verdict.ABORT
    assert decided(OPTIONAL, evidence).verdict is Verdict.ABORT
    guest = decided(GUESTS, evidence)
    assert (guest.verdict, guest.identity) == (Verdict.UNAUTHENTICATED, None)


@pytest.mark.parametrize("match", [MISSED, UNUSABLE])
def test_without_a_match_nobody_is_authenticated(match: Match) -> None:
    assert decided(REQUIRED, match=match).verdict is Verdict.ABORT
    assert decided(GUESTS, match=match).verdict is Verdict.UNAUTHENTICATED


def test_the_reason_names_the_rule_that_failed() -> None:
    decision = decided(REQUIRED, NOT_PROVEN[0])
    failure = decision.report.first_failure()
    assert failure is not None
    assert failure.rule.id == "dane.secure"
    assert "secure" in decision.reason


def test_without_the_extension_dane_does_not_apply() -> None:
    assert stopped(Claim(None), REQUIRED) is Verdict.ABORT
    assert stopped(Claim(None, dns_names=("ns.tsp.example",)), OPTIONAL) is Verdict.GENERAL_POLICY


def test_the_old_draft_reads_a_single_name_from_the_certificate() -> None:
    for client_id in (None, b""):
        identified = identify(Claim(client_id, dns_names=("ns.tsp.example",)), OLD)
        assert isinstance(identified, Identified)
        assert identified.name == dns.name.from_text("ns.tsp.example")


@pytest.mark.parametrize("names", [(), ("a.tsp.example", "b.tsp.example")])
def test_the_old_draft_does_not_choose_among_names(names: tuple[str, ...]) -> None:
    assert stopped(Claim(None, dns_names=names), OLD) is Verdict.ABORT
    assert stopped(Claim(None, dns_names=names), replace(GUESTS, profile=Profile.SEEDS_2022)) is (
        Verdict.UNAUTHENTICATED
    )


def test_the_extension_goes_before_the_certificate() -> None:
    identified = identify(replace(CLAIM, dns_names=("ns.tsp.example",)), OLD)
    assert isinstance(identified, Identified)
    assert identified.name == NAME


@pytest.mark.parametrize("policy", [REQUIRED, OPTIONAL, GUESTS])
@pytest.mark.parametrize("client_id", [b"", b"\0", b"\x02a", b"\x01\xff"])
def test_malformed_names_abort_whatever_the_policy(client_id: bytes, policy: ClientPolicy) -> None:
    assert stopped(Claim(client_id), policy) is Verdict.ABORT


def test_names_outside_the_allow_list_are_not_looked_up() -> None:
    afnic = (dns.name.from_text("afnic.example"), dns.name.from_text("evil-tsp.example"))
    assert stopped(CLAIM, replace(REQUIRED, allow_list=afnic)) is Verdict.ABORT
    assert stopped(CLAIM, replace(GUESTS, allow_list=afnic)) is Verdict.UNAUTHENTICATED
    assert stopped(CLAIM, replace(REQUIRED, allow_list=())) is Verdict.ABORT


def test_the_allow_list_knows_no_case() -> None:
    shouted = (dns.name.from_text("TSP.Example"),)
    assert decided(replace(REQUIRED, allow_list=shouted)).verdict is Verdict.ACCEPT


def test_tls_1_2_is_not_enough() -> None:
    old_tls = replace(CLAIM, tls_version=(1, 2))
    assert stopped(old_tls, REQUIRED) is Verdict.ABORT
    assert stopped(old_tls, OPTIONAL) is Verdict.GENERAL_POLICY
    assert decided(OLD, claim=old_tls).verdict is Verdict.ACCEPT


def test_an_identity_that_nobody_asked_for_aborts() -> None:
    assert stopped(replace(CLAIM, solicited=False), GUESTS) is Verdict.ABORT


def test_a_client_without_certificate_is_left_to_general_policy() -> None:
    bare = Claim(None, Credential.NONE)
    assert stopped(bare, REQUIRED) is Verdict.ABORT
    assert stopped(bare, OPTIONAL) is Verdict.GENERAL_POLICY


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [((3, 1), Verdict.ACCEPT), ((3, 0), Verdict.ABORT), ((2, 1), Verdict.ABORT)],
)
def test_a_raw_public_key_is_matched_by_3_1_only(
    numbers: tuple[int, int], verdict: Verdict
) -> None:
    record = TlsaRecord(*numbers, 1, bytes(32))
    match = replace(MATCHED, record=record)
    evidence = replace(SECURE, answer=Proven(SecurityStatus.SECURE, (record,)))
    raw = replace(CLAIM, credential=Credential.RAW_PUBLIC_KEY)
    assert decided(REQUIRED, evidence, match, raw).verdict is verdict


@pytest.mark.parametrize("usage", [Usage.PKIX_TA, Usage.PKIX_EE, Usage.DANE_TA])
def test_the_name_must_be_certified_for_usages_0_to_2(usage: Usage) -> None:
    match = replace(MATCHED, record=replace(RECORD, usage=usage.value))
    named = replace(CLAIM, dns_names=("x.example", "_NS-client.ns.tsp.example"))
    assert decided(GUESTS, match=match, claim=named).verdict is Verdict.ACCEPT
    assert decided(GUESTS, match=match).verdict is Verdict.ABORT


def test_a_path_that_fails_by_its_name_only_aborts() -> None:
    rdata = make_tlsa(CA.root.leaf, Usage.DANE_TA, Selector.SPKI, MatchingType.SHA2_256)
    records = (TlsaRecord.from_rdata(rdata),)
    compared = match(LEAF.chain, records, Expected(NAME, Purpose.SERVER, NOW))
    evidence = replace(SECURE, answer=Proven(SecurityStatus.SECURE, records))
    assert decided(GUESTS, evidence, compared).verdict is Verdict.ABORT


def test_a_client_accepts_a_server_that_matches() -> None:
    decision = decide_server(SERVER, ServerPolicy(), SECURE, MATCHED)
    assert (decision.verdict, decision.identity) == (Verdict.ACCEPT, NAME)


def test_a_mismatch_leaves_no_way_round() -> None:
    lenient = ServerPolicy(require_dane=False)
    assert decide_server(SERVER, lenient, SECURE, MISSED).verdict is Verdict.ABORT


@pytest.mark.parametrize(
    ("evidence", "match", "verdict"),
    [
        (NOT_PROVEN[0], None, Verdict.GENERAL_POLICY),
        (NOT_PROVEN[1], None, Verdict.ABORT),
        (NOT_PROVEN[2], None, Verdict.ABORT),
        (NOT_PROVEN[3], None, Verdict.GENERAL_POLICY),
        (NOT_PROVEN[4], None, Verdict.GENERAL_POLICY),
        (NOT_PROVEN[5], None, Verdict.ABORT),
        (NOT_PROVEN[6], None, Verdict.ABORT),
        (SECURE, UNUSABLE, Verdict.GENERAL_POLICY),
    ],
)
def test_a_client_goes_on_without_dane_only_if_there_provably_is_none(
    evidence: TlsaEvidence, match: Match | None, verdict: Verdict
) -> None:
    lenient = ServerPolicy(require_dane=False)
    assert decide_server(SERVER, lenient, evidence, match).verdict is verdict
    assert decide_server(SERVER, ServerPolicy(), evidence, match).verdict is Verdict.ABORT

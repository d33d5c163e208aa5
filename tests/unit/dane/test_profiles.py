"""The tables of the profiles: complete, and the whole product of what can happen walked."""

from dataclasses import replace
from itertools import product

import dns.name
import pytest

from lab.core.checks import Outcome, Report
from lab.core.status import Proven, SecurityStatus
from lab.dane.client_id import Profile, push_client_id
from lab.dane.decision import Decision, Situation, Verdict
from lab.dane.discovery import Endpoint
from lab.dane.evidence import DnsStatus, Found, TlsaEvidence
from lab.dane.matching import Match
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
from lab.dane.profiles import CLIENT_RULES, SERVER_RULES, Demand
from lab.dane.tlsa import TlsaRecord
from lab.dane.usages import NO_DEPTH

NAME = dns.name.from_text("sensor7._device.tsp.example")
HOST = dns.name.from_text("js.tsp.example")
SERVER = Endpoint(HOST, 443, "tcp", (HOST,), (), (), DnsStatus.SECURE, ())
RECORD = TlsaRecord(3, 1, 1, bytes(32))

DEMANDS = {
    Demand.REQUIRED: ClientPolicy(),
    Demand.OPTIONAL: ClientPolicy(require_dane=False),
    Demand.GUESTS: ClientPolicy(require_dane=False, allow_unauthenticated=True),
}


def evidence(status: SecurityStatus, found: Found) -> TlsaEvidence:
    """Return what a lookup that ended so leaves behind."""
    records = (RECORD,) if found is Found.RECORDS else ()
    return TlsaEvidence(NAME, found, Proven(status, records))


LOOKUPS = [evidence(status, found) for status, found in product(SecurityStatus, Found)]
MATCHES = {
    Situation.MATCH: Match(RECORD, 0, 1, Report("as given")),
    Situation.MISMATCH: Match(None, NO_DEPTH, 1, Report("as given", Outcome.FAILED)),
    Situation.UNUSABLE: Match(None, NO_DEPTH, 0, Report("as given", Outcome.FAILED)),
}


def about_client(policy: ClientPolicy, found: TlsaEvidence, match: Match | None) -> Decision:
    """Return what a server with *policy* decides."""
    claim = Claim(push_client_id(NAME))
    identified = identify(claim, policy)
    assert isinstance(identified, Identified)
    return decide_client(identified, claim, policy, found, match)


@pytest.mark.parametrize("profile", Profile)
def test_a_profile_has_a_row_with_its_source_for_every_situation(profile: Profile) -> None:
    table = CLIENT_RULES[profile].table
    assert set(table) == set(Situation)
    assert all("section" in row.section or ", " in row.section for row in table.values())


@pytest.mark.parametrize(
    "table", [*(one.table for one in CLIENT_RULES.values()), SERVER_RULES], ids=str
)
def test_only_a_match_is_ever_accepted(table: dict[Situation, object]) -> None:
    for situation, row in table.items():
        verdicts = {row.verdict(demand) for demand in Demand}  # type: ignore[attr-defined] # rows
        assert (Verdict.ACCEPT in verdicts) is (situation is Situation.MATCH)
        if situation is not Situation.MATCH:
            assert row.required is Verdict.ABORT  # type: ignore[attr-defined] # rows


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("demand", Demand)
@pytest.mark.parametrize("found", LOOKUPS, ids=lambda one: f"{one.status.value}-{one.found.name}")
def test_the_whole_product_ends_as_the_table_says(
    profile: Profile, demand: Demand, found: TlsaEvidence
) -> None:
    policy = replace(DEMANDS[demand], profile=profile)
    assert policy.demand is demand
    for situation, match in MATCHES.items():
        decision = about_client(policy, found, match)
        is_proven = found.dns_status is DnsStatus.SECURE
        assert decision.dns_status is found.dns_status
        assert decision.situation is not None
        assert (decision.situation is situation) is is_proven
        row = CLIENT_RULES[profile].table[decision.situation]
        assert decision.verdict is row.verdict(demand)
        accepted = is_proven and situation is Situation.MATCH
        assert (decision.verdict is Verdict.ACCEPT) is accepted
        assert (decision.identity == NAME) is accepted


@pytest.mark.parametrize("found", LOOKUPS, ids=lambda one: f"{one.status.value}-{one.found.name}")
@pytest.mark.parametrize("policy", [ServerPolicy(), ServerPolicy(require_dane=False)])
def test_a_client_s_whole_product_ends_as_the_table_says(
    found: TlsaEvidence, policy: ServerPolicy
) -> None:
    for situation, match in MATCHES.items():
        decision = decide_server(SERVER, policy, found, match)
        is_proven = found.dns_status is DnsStatus.SECURE
        assert (decision.situation is situation) is is_proven
        accepted = is_proven and situation is Situation.MATCH
        assert (decision.verdict is Verdict.ACCEPT) is accepted
        unproven = {DnsStatus.BOGUS, DnsStatus.INDETERMINATE, DnsStatus.TIME_OUT}
        if policy.require_dane or found.dns_status in unproven:
            assert accepted or decision.verdict is Verdict.ABORT


def test_the_six_ends_of_a_lookup_are_never_taken_for_one_another() -> None:
    ends = {
        DnsStatus.SECURE: evidence(SecurityStatus.SECURE, Found.RECORDS),
        DnsStatus.INSECURE: evidence(SecurityStatus.INSECURE, Found.RECORDS),
        DnsStatus.SECURE_ABSENT: evidence(SecurityStatus.SECURE, Found.NXDOMAIN),
        DnsStatus.BOGUS: evidence(SecurityStatus.BOGUS, Found.SERVFAIL),
        DnsStatus.INDETERMINATE: evidence(SecurityStatus.INDETERMINATE, Found.SERVFAIL),
        DnsStatus.TIME_OUT: evidence(SecurityStatus.INDETERMINATE, Found.TIMEOUT),
    }
    decided = [about_client(ClientPolicy(), one, None) for one in ends.values()]
    assert [one.dns_status for one in decided] == list(ends)
    assert len({one.reason for one in decided[1:]}) == len(ends) - 1
    broken = [one.report.first_failure() for one in decided[1:]]
    assert len({one.rule.id for one in broken if one is not None}) == len(ends) - 1


def test_a_server_that_shows_nothing_is_refused_where_records_are_secure() -> None:
    secure = evidence(SecurityStatus.SECURE, Found.RECORDS)
    decision = decide_server(SERVER, ServerPolicy(require_dane=False), secure, None)
    assert (decision.verdict, decision.situation) == (Verdict.ABORT, Situation.NO_CREDENTIAL)


@pytest.mark.parametrize(
    ("claim", "situation"),
    [
        (Claim(push_client_id(NAME), tls_version=(1, 1)), Situation.OLD_TLS),
        (Claim(push_client_id(NAME), solicited=False), Situation.UNSOLICITED),
        (Claim(None, Credential.NONE), Situation.NO_CREDENTIAL),
        (Claim(b"\x05evil"), Situation.MALFORMED_NAME),
        (Claim(None), Situation.NO_NAME),
        (Claim(push_client_id(dns.name.from_text("x.evil.test"))), Situation.NOT_LISTED),
    ],
)
@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("demand", Demand)
def test_nothing_is_asked_of_the_dns_when_the_entry_already_decides(
    claim: Claim, situation: Situation, profile: Profile, demand: Demand
) -> None:
    listed = (dns.name.from_text("tsp.example"),)
    decision = identify(claim, replace(DEMANDS[demand], profile=profile, allow_list=listed))
    assert isinstance(decision, Decision)
    assert (decision.situation, decision.dns_lookup) == (situation, None)
    assert decision.verdict is CLIENT_RULES[profile].table[situation].verdict(demand)

"""Who may speak for a NetID, a JoinEUI or an AS-ID: whom the DNS names, and nobody else."""

import dns.name
import pytest

from lab.backend import rules
from lab.backend.header import AsId, PartyId
from lab.backend.senders import host_of, judge_sender
from lab.core.checks import Outcome, Report
from lab.dane.evidence import DnsStatus
from lab.lorawan.identifiers import Eui64, NetId
from tests.unit.backend.dns_of import BOGUS, INSECURE, SECURE, TIME_OUT, Answers, ask

AFNIC, TSP = NetId(b"\0\5\x0a"), NetId(b"\0\5\x0b")
EUI = Eui64.from_text("00005e100000002f")
EUI_NAME = "f.2.0.0.0.0.0.0.0.1.e.5.0.0.0.0.joineuis.lora-alliance.org."
AFNIC_NAME = "00050a.netids.lora-alliance.org."
DNS: Answers = {
    (AFNIC_NAME, "A"): (SECURE, "ns.afnic.fr.", "127.0.0.1"),
    ("00050b.netids.lora-alliance.org.", "A"): (SECURE, "ns.tsp.example.", "127.0.0.2"),
    (EUI_NAME, "NAPTR"): (SECURE, EUI_NAME, '1 1 "S" "LWNS" "" _lwn._j2h.afnic.fr.'),
    ("_lwn._j2h.afnic.fr.", "SRV"): (SECURE, "_lwn._j2h.afnic.fr.", "0 1 443 js.afnic.fr."),
    ("js.afnic.fr.", "A"): (SECURE, "js.afnic.fr.", "127.0.0.3"),
}


def judged(sender: PartyId, client: str, answers: Answers = DNS) -> Report:
    return ask(judge_sender(sender, dns.name.from_text(client)), answers)


@pytest.mark.parametrize(
    ("sender", "client"),
    [
        (AFNIC, "_ns-client.ns.afnic.fr."),
        (AFNIC, "_ns-client.NS.Afnic.fr."),
        (TSP, "_anything.ns.tsp.example."),
        (EUI, "_js-client.js.afnic.fr."),
        (AFNIC, f"_client.{AFNIC_NAME}"),
        (AFNIC, "ns.afnic.fr."),
        (AsId("as.afnic.fr"), "_as-client.as.afnic.fr."),
        (AsId("AS.afnic.fr."), "_as-client.as.afnic.fr."),
    ],
)
def test_a_client_speaks_for_the_identifier_that_leads_to_its_host(
    sender: PartyId, client: str
) -> None:
    assert judged(sender, client).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("sender", "client"),
    [
        (AFNIC, "_ns-client.ns.tsp.example."),
        (TSP, "_ns-client.ns.afnic.fr."),
        (EUI, "_ns-client.ns.afnic.fr."),
        (AFNIC, "_x._ns-client.ns.afnic.fr."),
        (AFNIC, "_ns-client.x.ns.afnic.fr."),
        (AFNIC, "_afnic.fr."),
        (NetId(b"\0\0\7"), "_ns-client.ns.afnic.fr."),
    ],
)
def test_a_client_speaks_for_nobody_else(sender: PartyId, client: str) -> None:
    report = judged(sender, client)
    assert (report.outcome, report.conclusion) == (Outcome.FAILED, "UnknownSender")
    assert report.reasons()[0].rule is rules.SENDER_BOUND


@pytest.mark.parametrize("sender", ["as.tsp.example", "as.afnic.fr.evil.example", "a..b", "."])
def test_an_application_server_is_only_who_it_is(sender: str) -> None:
    report = judged(AsId(sender), "_as-client.as.afnic.fr.")
    assert report.reasons()[0].rule is rules.SENDER_NAMED


@pytest.mark.parametrize("status", [BOGUS, INSECURE, TIME_OUT, DnsStatus.INDETERMINATE])
def test_an_answer_that_is_not_secure_binds_nobody(status: DnsStatus) -> None:
    answers = {**DNS, (AFNIC_NAME, "A"): (status, "ns.afnic.fr.", "127.0.0.1")}
    report = judged(AFNIC, "_ns-client.ns.afnic.fr.", answers)
    assert [one.rule for one in report.reasons()] == [rules.SENDER_BOUND, rules.LOCATION_TRUSTED]


def test_only_one_leading_label_is_that_of_a_service() -> None:
    host = dns.name.from_text("ns.afnic.fr")
    assert host_of(dns.name.from_text("_ns-client.ns.afnic.fr")) == host
    assert host_of(host) == host
    assert host_of(dns.name.root) == dns.name.root

"""Where the server of a JoinEUI is: by NAPTR and SRV, by a plain address, or nowhere."""

import pytest

from lab.backend import rules
from lab.backend.discovery import MAX_NAPTR, Location, Way, locate
from lab.backend.header import AsId, PartyId
from lab.core.checks import Outcome
from lab.core.errors import InputError
from lab.core.rules import Rule
from lab.dane.evidence import DnsStatus
from lab.lorawan.identifiers import Eui64, NetId
from tests.unit.backend.dns_of import ABSENT, BOGUS, INSECURE, SECURE, TIME_OUT, Answers, ask

EUI = Eui64.from_text("00-00-5E-10-00-00-00-2F")
NAME = "f.2.0.0.0.0.0.0.0.1.e.5.0.0.0.0.joineuis.lora-alliance.org."
HTTP = '50 50 "S" "LWN" "" _LWN._X2H.afnic.fr.'
HTTPS = '90 50 "S" "LWNS" "" _LWN._J2H.afnic.fr.'
SRV = "_LWN._J2H.afnic.fr."
JS = "js.afnic.fr."

BY_NAPTR: Answers = {
    (NAME, "NAPTR"): (SECURE, NAME, f"{HTTP};{HTTPS}"),
    (SRV, "SRV"): (SECURE, SRV, f"0 1 8003 {JS}"),
    (JS, "A"): (SECURE, JS, "127.53.12.12"),
}
BY_ALIAS: Answers = {(NAME, "A"): (SECURE, JS, "127.53.12.12")}
BY_ADDRESS: Answers = {(NAME, "A"): (SECURE, NAME, "127.53.12.12")}


def located(answers: Answers, party: PartyId = EUI, port: int = 443) -> Location:
    return ask(locate(party, port), answers)


def owners(location: Location) -> list[str]:
    return [str(one) for one in location.tlsa_owners]


def test_naptr_and_srv_lead_to_a_host_that_has_the_tlsa_records() -> None:
    location = located(BY_NAPTR)
    (endpoint,) = location.endpoints
    assert (location.way, str(endpoint.host), endpoint.port) == (Way.NAPTR, JS, 8003)
    assert endpoint.addresses == ("127.53.12.12",)
    assert owners(location) == ["_8003._tcp.js.afnic.fr."]
    assert location.report.outcome is Outcome.PASSED
    assert location.report.conclusion == "js.afnic.fr. port 8003, by NAPTR, SRV, address"


def test_a_plain_address_has_its_tlsa_records_at_the_name_of_the_join_eui() -> None:
    location = located(BY_ADDRESS)
    assert (location.way, location.endpoints[0].port) == (Way.ADDRESS, 443)
    assert owners(location) == [f"_443._tcp.{NAME}"]


def test_who_asks_for_the_name_alone_is_told_of_no_port() -> None:
    assert located(BY_ALIAS, port=0).report.conclusion == f"{JS}, by address"


def test_an_alias_has_its_tlsa_records_at_its_end_or_at_the_name_itself() -> None:
    assert owners(located(BY_ALIAS)) == [f"_443._tcp.{JS}", f"_443._tcp.{NAME}"]


def test_a_net_id_is_one_label_and_found_in_the_same_ways() -> None:
    name = "00050a.netids.lora-alliance.org."
    location = located({(name, "A"): (SECURE, "ns.afnic.fr.", "127.53.12.11")}, NetId(b"\0\5\n"))
    assert owners(location)[0] == "_443._tcp.ns.afnic.fr."


def test_an_application_server_is_found_at_its_own_name() -> None:
    answers: Answers = {("as.afnic.fr.", "A"): (SECURE, "as.afnic.fr.", "127.53.12.13")}
    location = located(answers, AsId("as.afnic.fr"))
    assert (location.way, owners(location)) == (Way.ADDRESS, ["_443._tcp.as.afnic.fr."])


def test_an_as_id_that_is_no_name_is_our_mistake() -> None:
    with pytest.raises(InputError, match="is no host name"):
        located({}, AsId("a..b"))


@pytest.mark.parametrize("status", [BOGUS, INSECURE, TIME_OUT, DnsStatus.INDETERMINATE])
@pytest.mark.parametrize(
    ("name", "rdtype", "answers"),
    [
        (NAME, "NAPTR", BY_NAPTR),
        (SRV, "SRV", BY_NAPTR),
        (JS, "A", BY_NAPTR),
        (NAME, "A", BY_ALIAS),
        (NAME, "A", BY_ADDRESS),
        (NAME, "NAPTR", BY_ALIAS),
    ],
)
def test_one_answer_that_is_not_secure_leads_nowhere(
    name: str, rdtype: str, answers: Answers, status: DnsStatus
) -> None:
    _, end, text = answers.get((name, rdtype), (ABSENT, name, ""))
    location = located({**answers, (name, rdtype): (status, end, text)})
    assert location.endpoints == ()
    assert location.report.outcome is Outcome.FAILED
    assert broken(location) == [rules.LOCATION_TRUSTED, rules.LOCATED]
    failed = next(one for one in location.report.checks if one.failed)
    assert (failed.subject, failed.facts["status"]) == (f"{name} {rdtype}", status.value)


def test_a_name_that_does_not_exist_leads_nowhere_and_nothing_is_wrong_with_the_dns() -> None:
    location = located({})
    assert location.endpoints == ()
    assert broken(location) == [rules.LOCATED]


def test_http_without_tls_is_a_transport_that_we_cannot_do() -> None:
    location = located({**BY_NAPTR, (NAME, "NAPTR"): (SECURE, NAME, HTTP)})
    assert broken(location) == [rules.TRANSPORT, rules.LOCATED]
    assert "LWN" in next(one.facts["offered"] for one in location.report.checks if one.failed)


def test_the_lower_order_comes_first_then_the_lower_preference() -> None:
    records = (
        '20 9 "A" "LWNS" "" c.afnic.fr.',
        '10 20 "a" "lwns" "" b.afnic.fr.',
        '10 10 "A" "LWNS" "" a.afnic.fr.',
    )
    hosts = [f"{one}.afnic.fr." for one in "abc"]
    answers: Answers = {
        (NAME, "NAPTR"): (SECURE, NAME, ";".join(records)),
        **{(host, "A"): (SECURE, host, "127.0.0.1") for host in hosts},
    }
    assert [str(one.host) for one in located(answers).endpoints] == hosts


def test_a_second_server_counts_although_the_answer_about_the_first_is_bogus() -> None:
    answers: Answers = {
        **BY_NAPTR,
        (SRV, "SRV"): (SECURE, SRV, f"0 1 1 bad.afnic.fr.;1 1 2 {JS}"),
        ("bad.afnic.fr.", "A"): (BOGUS, "bad.afnic.fr.", "127.0.0.1"),
    }
    location = located(answers)
    assert [str(one.host) for one in location.endpoints] == [JS]
    assert location.report.outcome is Outcome.PASSED
    assert broken(location) == [rules.LOCATION_TRUSTED]


def test_a_naptr_record_may_lead_to_another_one() -> None:
    answers = {
        **BY_NAPTR,
        (NAME, "NAPTR"): (SECURE, NAME, '1 1 "P" "LWNS" "" next.afnic.fr.'),
        ("next.afnic.fr.", "NAPTR"): (SECURE, "next.afnic.fr.", HTTPS),
    }
    assert owners(located(answers)) == ["_8003._tcp.js.afnic.fr."]


def test_a_circle_of_naptr_records_has_an_end() -> None:
    answers: Answers = {(NAME, "NAPTR"): (SECURE, NAME, f'1 1 "" "LWNS" "" {NAME}')}
    location = located(answers)
    looks = [one for one in location.report.checks if one.rule is rules.LOCATION_TRUSTED]
    assert (location.endpoints, len(looks)) == ((), MAX_NAPTR)


@pytest.mark.parametrize(
    ("record", "dropped"),
    [
        ('1 1 "U" "LWNS" "!^.*$!https://x!" .', "LWNS with flag U"),
        ('1 1 "Z" "LWNS" "" x.', "LWNS with flag Z"),
        ('1 1 "" "LWN" "" x.', "LWN with flag none"),
    ],
)
def test_records_that_lead_to_no_name_are_dropped_and_named(record: str, dropped: str) -> None:
    location = located({(NAME, "NAPTR"): (SECURE, NAME, record)})
    assert location.endpoints == ()
    (failed,) = (one for one in location.report.checks if one.rule is rules.TRANSPORT)
    assert (failed.outcome, failed.facts["dropped"]) == (Outcome.FAILED, dropped)


def test_the_report_holds_the_validations() -> None:
    titles = [one.title for one in located(BY_NAPTR).report.parts]
    assert titles == [
        f"validation of {NAME} NAPTR",
        f"validation of {SRV} SRV",
        f"validation of {JS} A",
    ]


def broken(location: Location) -> list[Rule]:
    return [one.rule for one in location.report.checks if one.failed]

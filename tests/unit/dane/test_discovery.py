"""Where a service is: aliases, SRV, MX and NAPTR, secure and not."""

from collections.abc import Mapping

import dns.name
import dns.rdata
import pytest
from dns.rdata import Rdata

from lab.core.dialogue import answer_all
from lab.dane.discovery import (
    Discovery,
    Endpoint,
    Look,
    Seen,
    Service,
    discover_host,
    discover_mx,
    discover_naptr,
    discover_srv,
)
from lab.dane.evidence import DnsStatus

SECURE, INSECURE, ABSENT = DnsStatus.SECURE, DnsStatus.INSECURE, DnsStatus.SECURE_ABSENT
TROUBLE = (DnsStatus.BOGUS, DnsStatus.INDETERMINATE, DnsStatus.TIME_OUT)
WWW = Service(dns.name.from_text("www.afnic.example"), 443)
SRV = Service(dns.name.from_text("_join._tcp.afnic.example"), 0)
MAIL = Service(dns.name.from_text("afnic.example"), 25)

Answers = Mapping[tuple[str, str], tuple[DnsStatus, str, str]]
"""Name and type to status, end of the alias chain, and records separated by semicolons."""

ADDRESS = {
    ("js.afnic.example.", "A"): (SECURE, "js.afnic.example.", "192.0.2.1"),
    ("b.other.example.", "A"): (INSECURE, "b.other.example.", "192.0.2.2"),
}


def found(discovery: Discovery, answers: Answers) -> tuple[Endpoint, ...]:
    """Return what *discovery* finds in a DNS of *answers*."""

    def answer(look: Look) -> Seen:
        status, end, text = answers[str(look.name), look.rdtype.name]
        rdatas = tuple(_rdata(look, one) for one in text.split(";") if one)
        return Seen(status, dns.name.from_text(end), rdatas)

    return answer_all(discovery, answer).result


def _rdata(look: Look, text: str) -> Rdata:
    return dns.rdata.from_text("IN", look.rdtype.name, text)


def bases(endpoint: Endpoint) -> list[str]:
    """Return the TLSA base domains as text."""
    return [str(one) for one in endpoint.bases]


def test_a_host_without_alias_is_its_own_base_domain() -> None:
    answers = {("www.afnic.example.", "A"): (SECURE, "www.afnic.example.", "192.0.2.9")}
    (endpoint,) = found(discover_host(WWW), answers)
    assert bases(endpoint) == ["www.afnic.example."]
    assert endpoint.addresses == ("192.0.2.9",)


def test_the_end_of_a_secure_alias_chain_comes_before_the_name_itself() -> None:
    answers = {("www.afnic.example.", "A"): (SECURE, "js.afnic.example.", "192.0.2.1")}
    (endpoint,) = found(discover_host(WWW), answers)
    assert bases(endpoint) == ["js.afnic.example.", "www.afnic.example."]


def test_the_end_of_an_insecure_alias_chain_is_no_base_domain() -> None:
    answers = {("www.afnic.example.", "A"): (INSECURE, "b.other.example.", "192.0.2.2")}
    (endpoint,) = found(discover_host(WWW), answers)
    assert bases(endpoint) == ["www.afnic.example."]


@pytest.mark.parametrize("status", TROUBLE)
def test_nothing_is_connected_to_on_the_strength_of_an_answer_that_may_be_forged(
    status: DnsStatus,
) -> None:
    answers = {("www.afnic.example.", "A"): (status, "www.afnic.example.", "192.0.2.66")}
    (endpoint,) = found(discover_host(WWW), answers)
    assert (endpoint.bases, endpoint.addresses, endpoint.status) == ((), (), status)


SRV_RECORDS = "20 0 8443 b.other.example.;10 5 8003 js.afnic.example."


def test_srv_targets_are_the_base_domains_and_the_service_may_be_certified_too() -> None:
    answers = {**ADDRESS, ("_join._tcp.afnic.example.", "SRV"): (SECURE, "x.", SRV_RECORDS)}
    first, second = found(discover_srv(SRV), answers)
    assert (bases(first), first.port, first.transport) == (["js.afnic.example."], 8003, "tcp")
    assert [str(one) for one in first.names] == ["afnic.example."]
    assert (bases(second), second.port) == ([], 8443), "its address is insecure: no DANE"
    assert not any(one.failed for one in first.checks)


def test_an_insecure_srv_rrset_leads_to_no_dane_though_the_target_is_secure() -> None:
    answers = {**ADDRESS, ("_join._tcp.afnic.example.", "SRV"): (INSECURE, "x.", SRV_RECORDS)}
    first, _ = found(discover_srv(SRV), answers)
    assert (first.bases, first.status) == ((), INSECURE)
    assert first.addresses == ("192.0.2.1",)
    assert [one.rule.id for one in first.checks if one.failed] == ["dane.redirection"]


@pytest.mark.parametrize("status", TROUBLE)
def test_an_srv_rrset_that_may_be_forged_leads_nowhere(status: DnsStatus) -> None:
    answers = {("_join._tcp.afnic.example.", "SRV"): (status, "x.", SRV_RECORDS)}
    (endpoint,) = found(discover_srv(SRV), answers)
    assert (endpoint.addresses, endpoint.bases, endpoint.status) == ((), (), status)


@pytest.mark.parametrize("records", ["", "0 0 0 ."])
def test_a_service_that_is_not_offered_leads_nowhere(records: str) -> None:
    status = SECURE if records else ABSENT
    answers = {("_join._tcp.afnic.example.", "SRV"): (status, "x.", records)}
    (endpoint,) = found(discover_srv(SRV), answers)
    assert (endpoint.addresses, endpoint.status) == ((), ABSENT)


def test_mail_servers_come_by_preference_and_may_bear_the_domain_of_the_mail() -> None:
    records = "20 b.other.example.;10 js.afnic.example."
    answers = {**ADDRESS, ("afnic.example.", "MX"): (SECURE, "x.", records)}
    first, second = found(discover_mx(MAIL), answers)
    assert (bases(first), first.port) == (["js.afnic.example."], 25)
    assert [str(one) for one in first.names] == ["afnic.example."]
    assert second.bases == ()


def test_without_mx_records_the_domain_takes_its_own_mail() -> None:
    answers = {
        ("afnic.example.", "MX"): (ABSENT, "afnic.example.", ""),
        ("afnic.example.", "A"): (SECURE, "afnic.example.", "192.0.2.7"),
    }
    (endpoint,) = found(discover_mx(MAIL), answers)
    assert bases(endpoint) == ["afnic.example."]


@pytest.mark.parametrize(("alias", "kept"), [(SECURE, ["m.afnic.example."]), (INSECURE, [])])
def test_an_alias_that_is_secure_in_itself_keeps_its_own_name(
    alias: DnsStatus, kept: list[str]
) -> None:
    answers = {
        ("afnic.example.", "MX"): (SECURE, "x.", "10 m.afnic.example."),
        ("m.afnic.example.", "A"): (INSECURE, "b.other.example.", "192.0.2.2"),
        ("m.afnic.example.", "CNAME"): (alias, "m.afnic.example.", "b.other.example."),
    }
    (endpoint,) = found(discover_mx(MAIL), answers)
    assert bases(endpoint) == kept


NAPTR = {
    ("afnic.example.", "NAPTR"): (
        SECURE,
        "x.",
        (
            '20 10 "a" "iot:tls" "" b.other.example.;10 10 "" "iot:tls" "" n.afnic.example.;'
            '1 1 "u" "iot:tls" "!.*!x!" .;1 1 "s" "sip:tls" "" x.example.'
        ),
    ),
    ("n.afnic.example.", "NAPTR"): (
        SECURE,
        "x.",
        '10 10 "s" "IoT:TLS" "" _join._tcp.afnic.example.',
    ),
    ("_join._tcp.afnic.example.", "SRV"): (SECURE, "x.", "10 5 8003 js.afnic.example."),
}


def test_naptr_leads_over_srv_to_a_host() -> None:
    service = Service(dns.name.from_text("afnic.example"), 8003)
    (endpoint,) = found(discover_naptr(service, "iot:tls"), {**ADDRESS, **NAPTR})
    assert (bases(endpoint), endpoint.port) == (["js.afnic.example."], 8003)
    assert "afnic.example." in [str(one) for one in endpoint.names]


def test_one_insecure_step_of_naptr_is_enough_to_have_no_dane() -> None:
    _, end, records = NAPTR["n.afnic.example.", "NAPTR"]
    answers = {**ADDRESS, **NAPTR, ("n.afnic.example.", "NAPTR"): (INSECURE, end, records)}
    service = Service(dns.name.from_text("afnic.example"), 8003)
    (endpoint,) = found(discover_naptr(service, "iot:tls"), answers)
    assert (endpoint.bases, endpoint.status) == ((), INSECURE)


def test_naptr_for_another_service_or_in_a_circle_leads_nowhere() -> None:
    service = Service(dns.name.from_text("afnic.example"), 8003)
    (endpoint,) = found(discover_naptr(service, "coap:dtls"), NAPTR)
    assert (endpoint.addresses, endpoint.status) == ((), ABSENT)
    circle = '1 1 "" "iot:tls" "" afnic.example.'
    answers = {("afnic.example.", "NAPTR"): (SECURE, "x.", circle)}
    (endpoint,) = found(discover_naptr(service, "iot:tls"), answers)
    assert (endpoint.addresses, endpoint.status) == ((), DnsStatus.INDETERMINATE)

"""CAA records: the examples printed in RFC 8659 sections 4.1 to 4.4."""

import pytest

from lab.pki.caa import Caa, judge_caa

CA1, CA2 = "ca1.example.net", "ca2.example.org"


def issue(value: str) -> Caa:
    return Caa(0, "issue", value)


def wild(value: str) -> Caa:
    return Caa(0, "issuewild", value)


def permitted(name: str, records: tuple[Caa, ...], issuer: str) -> bool:
    return not any(one.failed for one in judge_caa(name, records, issuer))


# Section, RRset, name, who may issue of the two.
EXAMPLES = [
    ("4.2", (issue("ca1.example.net"),), "certs.example.com", {CA1}),
    ("4.2", (issue("ca1.example.net; account=230123"),), "certs.example.com", {CA1}),
    ("4.2", (issue("ca1.example.net"), issue("ca2.example.org")), "certs.example.com", {CA1, CA2}),
    ("4.2", (issue(";"),), "nocerts.example.com", set()),
    ("4.2", (issue("%%%%%"),), "malformed.example.com", set()),
    ("4.2", (issue("ca1.example.net"), issue(";")), "certs.example.com", {CA1}),
    ("4.3", (issue(CA1), wild(CA2)), "wild.example.com", {CA1}),
    ("4.3", (issue(CA1), wild(CA2)), "*.wild.example.com", {CA2}),
    ("4.3", (issue(CA1), wild(";")), "*.wild2.example.com", set()),
    ("4.3", (issue(CA1), wild(";")), "wild2.example.com", {CA1}),
    ("4.3", (wild(CA2),), "wild3.example.com", {CA1, CA2}),
    ("4.3", (issue(CA1),), "*.wild.example.com", {CA1}),
    ("4.4", (Caa(0, "iodef", "mailto:security@example.com"),), "report.example.com", {CA1, CA2}),
    ("4.1", (Caa(128, "tbs", "Unknown"), issue(CA1)), "new.example.com", set()),
    ("4.1", (Caa(0, "tbs", "Unknown"), issue(CA1)), "new.example.com", {CA1}),
    ("3", (), "example.com", {CA1, CA2}),
]


@pytest.mark.parametrize(("section", "records", "name", "issuers"), EXAMPLES)
def test_an_example_of_the_rfc(
    section: str, records: tuple[Caa, ...], name: str, issuers: set[str]
) -> None:
    assert {one for one in (CA1, CA2) if permitted(name, records, one)} == issuers, section


def test_the_domain_of_a_ca_is_compared_without_case() -> None:
    assert permitted("example.com", (issue("CA1.Example.NET"),), CA1)

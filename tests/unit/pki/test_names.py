"""Names in certificates, compared and constrained."""

import dns.name
import pytest
from cryptography import x509

from lab.pki.contents import read
from lab.pki.names import constraint_breach, matches
from tests.unit.pki.chains import CA, leaf_with_names


@pytest.mark.parametrize(
    ("presented", "expected"),
    [
        ("js.tsp.example", "js.tsp.example."),
        ("JS.tsp.EXAMPLE", "js.TSP.example."),
        ("js.tsp.example.", "js.tsp.example."),
        ("_ns-client.ns.tsp.example", "_ns-client.ns.tsp.example."),
        ("*.tsp.example", "js.tsp.example."),
    ],
)
def test_these_names_match(presented: str, expected: str) -> None:
    assert matches(presented, dns.name.from_text(expected))


@pytest.mark.parametrize(
    ("presented", "expected"),
    [
        ("*.tsp.example", "a.js.tsp.example."),
        ("*.tsp.example", "tsp.example."),
        ("j*.tsp.example", "js.tsp.example."),
        ("tsp.example", "js.tsp.example."),
        ("js.tsp.example.evil", "js.tsp.example."),
        ("evil-js.tsp.example", "js.tsp.example."),
        ("", "js.tsp.example."),
        ("a..b", "js.tsp.example."),
    ],
)
def test_these_names_do_not_match(presented: str, expected: str) -> None:
    assert not matches(presented, dns.name.from_text(expected))


@pytest.mark.parametrize(
    ("permitted", "excluded", "breach"),
    [
        (["tsp.example"], [], ""),
        (["js.tsp.example"], [], ""),
        (["sp.example"], [], "js.tsp.example"),
        (["other.example"], [], "js.tsp.example"),
        ([], ["tsp.example"], "js.tsp.example"),
        ([], ["other.example"], ""),
        (["tsp.example"], ["js.tsp.example"], "js.tsp.example"),
    ],
)
def test_constraints_work_by_whole_labels(
    permitted: list[str], excluded: list[str], breach: str
) -> None:
    constraints = x509.NameConstraints(
        [x509.DNSName(name) for name in permitted] or None,
        [x509.DNSName(name) for name in excluded] or None,
    )
    leaf = read(leaf_with_names(CA, x509.DNSName("js.tsp.example")))
    assert constraint_breach(leaf, constraints) == breach


def test_a_constraint_that_is_not_understood_refuses() -> None:
    constraints = x509.NameConstraints([x509.RFC822Name("tsp.example")], None)
    leaf = read(leaf_with_names(CA, x509.RFC822Name("a@evil.example")))
    assert "not understood" in constraint_breach(leaf, constraints)


def test_a_constraint_on_subjects_refuses() -> None:
    constraints = x509.NameConstraints([x509.DirectoryName(x509.Name([]))], None)
    leaf = read(leaf_with_names(CA, x509.DNSName("js.tsp.example")))
    assert "not understood" in constraint_breach(leaf, constraints)


def test_what_is_no_name_cannot_be_within_a_constraint() -> None:
    leaf = read(leaf_with_names(CA, x509.DNSName("a..b")))
    narrow = x509.NameConstraints([x509.DNSName("tsp.example")], None)
    assert constraint_breach(leaf, narrow) == "a..b"

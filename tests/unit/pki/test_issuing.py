"""What the lab's authorities issue: names, renewal, key rollover."""

from dataclasses import replace

import dns.name
import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from lab.core.checks import Outcome, Report
from lab.core.entropy import SeededEntropy
from lab.core.instant import DAY, HOUR
from lab.pki.ca import CertificateAuthority, Maker, rolled, self_signed, subordinate
from lab.pki.contents import read
from lab.pki.path import Expected, find, judge
from lab.pki.profiles import PEER, SERVER, Purpose, distinguished_name
from tests.unit.pki.chains import CA, LEAF, NOW

NAME = "js.tsp.example"
MAKER = Maker(NOW, SeededEntropy("issuing"))
LATER = Maker(NOW + 60 * DAY, SeededEntropy("later"))
NIBBLES = ".".join("0123456789abcdef" * 2) + ".joineuis.lora-alliance.org"


def trusting(root: x509.Certificate, maker: Maker = MAKER) -> Expected:
    return Expected(dns.name.from_text(NAME), Purpose.SERVER, maker.now, roots=(root,))


def found(chain: tuple[x509.Certificate, ...], expected: Expected) -> Report:
    return find(chain[0], chain[1:], expected)


def test_names_stand_in_the_alternative_name_only() -> None:
    leaf = CA.issue((NIBBLES,), Purpose.SERVER, NOW, SeededEntropy("long")).leaf
    assert len(NIBBLES) > 64
    assert read(leaf).dns_names == (NIBBLES,)
    assert leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME) == []


@pytest.mark.parametrize(("organization", "critical"), [("TSP", False), ("", True)])
def test_an_empty_subject_makes_the_names_critical(organization: str, *, critical: bool) -> None:
    authority = replace(CA, organization=organization)
    leaf = authority.certify(MAKER.key(), (NAME,), SERVER, MAKER).leaf
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.critical is critical
    assert leaf.subject == distinguished_name(organization)


def test_serial_numbers_differ_and_are_short_enough() -> None:
    numbers = {MAKER.serial() for _ in range(100)}
    assert len(numbers) == 100
    assert all(0 < one < 1 << 159 for one in numbers)


def test_a_self_signed_certificate_is_its_own_issuer_and_no_authority() -> None:
    own = self_signed("TSP", (NAME,), MAKER)
    contents = read(own.leaf)
    assert own.chain == (own.leaf,)
    assert contents.self_issued
    assert not contents.is_ca
    assert found(own.chain, trusting(own.leaf)).outcome is Outcome.PASSED
    assert found(own.chain, trusting(CA.root.leaf)).outcome is Outcome.FAILED


def test_a_renewed_certificate_says_the_same_for_later() -> None:
    renewed = CA.renewed(LEAF, LATER)
    before, after = read(LEAF.leaf), read(renewed.leaf)
    assert (after.dns_names, after.purposes) == (before.dns_names, before.purposes)
    assert after.public_key == before.public_key
    assert after.window.inception == LATER.now - HOUR
    assert after.window.expiration == LATER.now + 90 * DAY
    assert renewed.leaf.serial_number != LEAF.leaf.serial_number


def test_a_renewal_may_bring_another_key() -> None:
    key = LATER.key()
    renewed = CA.renewed(LEAF, LATER, key)
    assert renewed.leaf.public_key() == key.public_key() != LEAF.leaf.public_key()


def test_an_operator_gets_an_intermediate_below_the_root_of_another() -> None:
    root = CA.root
    tsp = CertificateAuthority("TSP Labs", root, subordinate(root, "TSP Labs", MAKER))
    leaf = tsp.certify(MAKER.key(), (NAME,), PEER, MAKER)
    assert found(leaf.chain[:2], trusting(root.leaf)).outcome is Outcome.PASSED


def test_an_intermediate_issues_no_further_authority() -> None:
    inner = subordinate(CA.intermediate, "TSP Labs", MAKER)
    outer = CertificateAuthority("TSP Labs", CA.root, inner)
    leaf = outer.certify(MAKER.key(), (NAME,), PEER, MAKER)
    report = found(leaf.chain, trusting(CA.root.leaf))
    assert [one.rule.id for one in report.reasons()] == ["path.length"]


def test_a_new_root_is_trusted_by_those_who_only_know_the_old_one() -> None:
    change = rolled(CA, LATER)
    leaf = change.authority.certify(LATER.key(), (NAME,), SERVER, LATER)
    old = trusting(CA.root.leaf, LATER)
    assert found(leaf.chain, old).outcome is Outcome.FAILED
    assert found((*leaf.chain, change.new_with_old), old).outcome is Outcome.PASSED


def test_old_leaves_hold_for_those_who_only_know_the_new_root() -> None:
    change = rolled(CA, LATER)
    new = trusting(change.authority.root.leaf, LATER)
    assert found(LEAF.chain, new).outcome is Outcome.FAILED
    assert found((*LEAF.chain, change.old_with_new), new).outcome is Outcome.PASSED


def test_a_cross_certificate_lives_no_longer_than_either_root() -> None:
    change = rolled(CA, LATER)
    ends = [read(one).window.expiration for one in (CA.root.leaf, change.authority.root.leaf)]
    crosses = (change.new_with_old, change.old_with_new)
    assert {read(one).window.expiration for one in crosses} == {min(ends)}


def test_every_path_that_was_tried_is_told_with_its_reason() -> None:
    change = rolled(CA, LATER)
    both = (*LEAF.chain, change.authority.root.leaf)
    expected = replace(
        trusting(CA.root.leaf, LATER), roots=(CA.root.leaf, change.authority.root.leaf)
    )
    report = found(both, expected)
    assert report.outcome is Outcome.PASSED
    assert {one.conclusion.partition(":")[0] for one in report.parts} == {"broken", "valid"}
    assert all(one.reasons() for one in report.parts if one.outcome is Outcome.FAILED)


def test_a_missing_issuer_is_named() -> None:
    report = found(LEAF.chain[:1], trusting(CA.root.leaf))
    lost = report.checks[0]
    assert lost.rule.id == "path.complete"
    assert lost.facts["missing"] == "from the peer the certificate of CN=TSP Issuing CA,O=TSP"


def test_a_whole_chain_to_a_stranger_lacks_trust() -> None:
    report = found(LEAF.chain, trusting(self_signed("Stranger", (NAME,), MAKER).leaf))
    assert report.checks[0].facts["missing"] == "trust in CN=TSP Root CA,O=TSP"


def test_judging_one_path_still_tells_all_checks() -> None:
    report = judge(LEAF.chain, trusting(CA.root.leaf))
    assert {one.outcome for one in report.checks} == {Outcome.PASSED}

"""OpenSSL and GnuTLS judge what our authorities issue, and agree with our own verdicts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import time  # noqa: TID251 GnuTLS cannot be told another time

import dns.name
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lab.core.checks import Outcome
from lab.core.entropy import SeededEntropy
from lab.core.instant import DAY, Instant
from lab.pki.ca import CertificateAuthority, Maker, rolled, self_signed, subordinate
from lab.pki.crl import Revocation, make_crl
from lab.pki.identity import certificates_to_pem
from lab.pki.keys import KEY_TYPES
from lab.pki.path import Expected, find
from lab.pki.profiles import CLIENT, PEER, SERVER, Purpose
from lab.pki.revocation import RevocationDemand
from tests.e2e.running import Tool

NOW = Instant(time())
NAME = "js.tsp.example"
NIBBLES = ".".join("0123456789abcdef" * 2) + ".joineuis.lora-alliance.org"
ENTROPY = SeededEntropy("referees")
MAKER = Maker(NOW, ENTROPY)
CA = CertificateAuthority.made("TSP", Maker(NOW - 200 * DAY, ENTROPY))
OTHER = CertificateAuthority.made("Other", MAKER)
OK, NO = Outcome.PASSED, Outcome.FAILED
LEAF = CA.certify(MAKER.key(), (NAME,), SERVER, MAKER)
OPENSSL_PURPOSE = {Purpose.SERVER: "sslserver", Purpose.CLIENT: "sslclient"}
EKU = {Purpose.SERVER: "1.3.6.1.5.5.7.3.1", Purpose.CLIENT: "1.3.6.1.5.5.7.3.2"}

Chain = tuple[x509.Certificate, ...]


@dataclass(frozen=True)
class Case:
    """What a verifier is shown, and whether it must be content."""

    expect: Outcome
    chain: Chain
    root: x509.Certificate = CA.root.leaf
    name: str = NAME
    purpose: Purpose = Purpose.SERVER
    crls: tuple[x509.CertificateRevocationList, ...] = ()

    @property
    def expected(self) -> Expected:
        demand = RevocationDemand.REQUIRED if self.crls else RevocationDemand.IGNORED
        name = dns.name.from_text(self.name)
        return Expected(name, self.purpose, NOW, (self.root,), crls=self.crls, revocation=demand)


def issued_with(key_type: str) -> Case:
    authority = CertificateAuthority.made("Typed", MAKER, KEY_TYPES[key_type])
    leaf = authority.certify(MAKER.key(KEY_TYPES[key_type]), (NAME,), SERVER, MAKER)
    return Case(OK, leaf.chain, authority.root.leaf)


def too_long() -> Case:
    inner = CertificateAuthority("In", CA.root, subordinate(CA.intermediate, "In", MAKER))
    return Case(NO, inner.certify(MAKER.key(), (NAME,), SERVER, MAKER).chain)


def without_subject() -> Case:
    nameless = replace(CA, organization="")
    return Case(OK, nameless.certify(MAKER.key(), (NIBBLES,), SERVER, MAKER).chain, name=NIBBLES)


def crossed(*, old: bool) -> Case:
    change = rolled(CA, MAKER)
    if old:
        leaf = change.authority.certify(MAKER.key(), (NAME,), SERVER, MAKER)
        return Case(OK, (*leaf.chain[:2], change.new_with_old))
    return Case(OK, (*LEAF.chain[:2], change.old_with_new), change.authority.root.leaf)


def listed(expect: Outcome, *serials: int, made: Instant = NOW) -> Case:
    clean = make_crl(CA.root, (), 1, NOW)
    own = make_crl(CA.intermediate, (Revocation(one, NOW) for one in serials), 1, made)
    return Case(expect, LEAF.chain, crls=(own, clean))


def issued_at(moment: Instant) -> Case:
    then = Maker(moment, ENTROPY)
    return Case(NO, CA.certify(then.key(), (NAME,), SERVER, then).chain)


def own_certificate(*, trusted: bool) -> Case:
    own = self_signed("TSP", (NAME,), MAKER)
    return Case(OK if trusted else NO, own.chain, own.leaf if trusted else CA.root.leaf)


CASES: dict[str, Callable[[], Case]] = {
    **{one: lambda one=one: issued_with(one) for one in KEY_TYPES},  # type: ignore[misc] # mypy cannot infer a default
    "client": lambda: Case(
        OK, CA.certify(MAKER.key(), (NAME,), CLIENT, MAKER).chain, purpose=Purpose.CLIENT
    ),
    "both": lambda: Case(OK, CA.certify(MAKER.key(), (NAME,), PEER, MAKER).chain),
    "32 nibbles, empty subject": without_subject,
    "new root under the old one": lambda: crossed(old=True),
    "old leaf under the new root": lambda: crossed(old=False),
    "not on the list": lambda: listed(OK),
    "revoked": lambda: listed(NO, LEAF.leaf.serial_number),
    "list run out": lambda: listed(NO, made=NOW - 8 * DAY),
    "expired": lambda: issued_at(NOW - 91 * DAY),
    "not yet valid": lambda: issued_at(NOW + DAY),
    "path length": too_long,
    "server certificate for a client": lambda: Case(NO, LEAF.chain, purpose=Purpose.CLIENT),
    "another name": lambda: Case(NO, LEAF.chain, name="as.tsp.example"),
    "intermediate missing": lambda: Case(NO, LEAF.chain[:1]),
    "another root": lambda: Case(NO, LEAF.chain, OTHER.root.leaf),
    "self-signed, trusted": lambda: own_certificate(trusted=True),
    "self-signed, not trusted": lambda: own_certificate(trusted=False),
}


# Where certtool is of another opinion than RFC 5280, OpenSSL and we.
GNUTLS_DIFFERS = {
    "self-signed, trusted": "its trust store holds certificates of CAs only",
    "list run out": "certtool does not look at nextUpdate",
}


@pytest.fixture(name="which", params=CASES, scope="module")
def _which(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(name="case", scope="module")
def _case(which: str) -> Case:
    return CASES[which]()


def written(folder: Path, case: Case) -> dict[str, str]:
    """Write what the programs read; return the paths."""
    files = {
        "roots": certificates_to_pem((case.root,)),
        "leaf": certificates_to_pem(case.chain[:1]),
        "chain": certificates_to_pem(case.chain),
        "crls": b"".join(one.public_bytes(Encoding.PEM) for one in case.crls),
    }
    for name, octets in files.items():
        (folder / name).write_bytes(octets)
    return {name: str(folder / name) for name in files}


def test_our_own_verdict(case: Case) -> None:
    report = find(case.chain[0], case.chain[1:], case.expected)
    assert report.outcome is case.expect


def test_openssl_agrees(tool: Tool, tmp_path: Path, case: Case) -> None:
    files = written(tmp_path, case)
    lists = ("-crl_check_all", "-CRLfile", files["crls"]) if case.crls else ()
    done = tool(
        "openssl",
        *("verify", "-no-CApath", "-no-CAstore", "-CAfile", files["roots"]),
        *("-untrusted", files["chain"], "-x509_strict"),
        *("-purpose", OPENSSL_PURPOSE[case.purpose], "-verify_hostname", case.name),
        *lists,
        files["leaf"],
    )
    assert (done.returncode == 0) is (case.expect is OK), done.stdout + done.stderr


def test_gnutls_agrees(tool: Tool, tmp_path: Path, which: str, case: Case) -> None:
    files = written(tmp_path, case)
    lists = ("--load-crl", files["crls"]) if case.crls else ()
    done = tool(
        "certtool",
        *("--verify", "--load-ca-certificate", files["roots"], "--infile", files["chain"]),
        *("--verify-hostname", case.name, "--verify-purpose", EKU[case.purpose]),
        *lists,
    )
    agrees = (done.returncode == 0) is (case.expect is OK)
    assert agrees is (which not in GNUTLS_DIFFERS), done.stdout + done.stderr


def test_an_intermediate_can_be_the_anchor_of_a_partial_chain(tool: Tool, tmp_path: Path) -> None:
    case = Case(OK, LEAF.chain[:1], CA.intermediate.leaf)
    files = written(tmp_path, case)
    options = ("-no-CApath", "-CAfile", files["roots"])
    assert find(LEAF.leaf, (), case.expected).outcome is Outcome.PASSED
    assert tool("openssl", "verify", "-partial_chain", *options, files["leaf"]).returncode == 0
    assert tool("openssl", "verify", *options, files["leaf"]).returncode != 0


def test_openssl_and_gnutls_read_our_list(tool: Tool, tmp_path: Path) -> None:
    files = written(tmp_path, listed(NO, LEAF.leaf.serial_number))
    text = tool("openssl", "crl", "-in", files["crls"], "-noout", "-text", check=True).stdout
    assert f"{LEAF.leaf.serial_number:X}" in text
    assert "X509v3 CRL Number" in text
    assert tool("certtool", "--crl-info", "--infile", files["crls"]).returncode == 0

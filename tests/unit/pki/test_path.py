"""Certification paths: what breaks them, and which rule says so."""

import dns.name
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ObjectIdentifier

from lab.core.checks import Outcome
from lab.core.entropy import SeededEntropy
from lab.core.instant import DAY, Window
from lab.pki.contents import read
from lab.pki.identity import Identity
from lab.pki.keys import make_key
from lab.pki.path import MAX_STEPS, Expected, candidates, judge
from lab.pki.profiles import Purpose, distinguished_name
from lab.pki.signature import is_signed_by
from tests.unit.pki.chains import (
    CA,
    LEAF,
    NOW,
    certificate,
    with_unreadable_issuer,
    with_unreadable_names,
)

EXPECTED = Expected(dns.name.from_text("js.tsp.example"), Purpose.SERVER, NOW)
KEYS = tuple(make_key(SeededEntropy(f"path/{number}")) for number in range(4))
NAMES = ("js.tsp.example",)


def _authority(**changes: object) -> Identity:
    options: dict[str, object] = {"key": KEYS[0], "path_length": 0, **changes}
    made = certificate("authority", None, **options)  # type: ignore[arg-type]  # a table of options
    return Identity(KEYS[0], (made,))


def _failed(path: tuple[x509.Certificate, ...], expected: Expected = EXPECTED) -> set[str]:
    return {one.rule.id for one in judge(path, expected).every_check() if one.failed}


def test_an_honest_chain_holds() -> None:
    report = judge(LEAF.chain, EXPECTED)
    assert report.outcome is Outcome.PASSED
    assert report.conclusion == "valid"


def test_an_expired_leaf_fails_and_the_rest_passes() -> None:
    later = Expected(EXPECTED.name, Purpose.SERVER, NOW + 91 * DAY)
    assert _failed(LEAF.chain, later) == {"path.validity"}


def test_another_name_fails() -> None:
    other = Expected(dns.name.from_text("as.tsp.example"), Purpose.SERVER, NOW)
    assert _failed(LEAF.chain, other) == {"path.name"}
    told = "broken: it does not hold that a dNSName of the leaf is the name that we expect"
    assert judge(LEAF.chain, other).conclusion == told


def test_a_server_certificate_is_none_for_a_client() -> None:
    assert _failed(LEAF.chain, Expected(EXPECTED.name, Purpose.CLIENT, NOW)) == {"path.purpose"}


def test_a_leaf_is_no_authority() -> None:
    leaf = certificate("below a leaf", LEAF, key=KEYS[1], names=NAMES)
    assert _failed((leaf, LEAF.leaf)) == {"path.ca", "path.key-cert-sign"}


def test_a_path_length_of_zero_allows_no_further_authority() -> None:
    outer = _authority()
    inner = Identity(
        KEYS[1], (certificate("inner", outer, key=KEYS[1], path_length=0), *outer.chain)
    )
    leaf = certificate("leaf", inner, key=KEYS[2], names=NAMES)
    assert _failed((leaf, *inner.chain)) == {"path.length"}


def test_a_signature_of_another_key_fails() -> None:
    impostor = Identity(KEYS[3], _authority().chain)
    leaf = certificate("leaf", impostor, key=KEYS[1], names=NAMES)
    assert _failed((leaf, *_authority().chain)) == {"path.signature"}


def test_an_expired_anchor_fails() -> None:
    old = _authority(window=Window(NOW - 2 * DAY, NOW - DAY))
    leaf = certificate("leaf", old, key=KEYS[1], names=NAMES)
    assert _failed((leaf, *old.chain)) == {"path.validity"}


def test_an_unknown_critical_extension_fails() -> None:
    unknown = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    leaf = certificate("leaf", _authority(), key=KEYS[1], names=NAMES, extra=((unknown, True),))
    assert _failed((leaf, *_authority().chain)) == {"path.critical-extensions"}


def test_name_constraints_of_an_issuer_bind_the_leaf() -> None:
    constraints = x509.NameConstraints([x509.DNSName("afnic.example")], None)
    narrow = _authority(extra=((constraints, True),))
    leaf = certificate("leaf", narrow, key=KEYS[1], names=NAMES)
    assert _failed((leaf, *narrow.chain)) == {"path.name-constraints"}


def test_a_bare_key_can_be_the_anchor() -> None:
    root_key = read(CA.root.leaf).public_key
    assert judge(LEAF.chain[:2], EXPECTED, root_key).outcome is Outcome.PASSED
    assert judge(LEAF.chain[:1], EXPECTED, root_key).outcome is Outcome.FAILED


def test_a_short_digest_is_no_signature() -> None:
    weak = certificate("weak", None, key=KEYS[0], digest=hashes.SHA224())
    assert not is_signed_by(weak, KEYS[0].public_key())


def test_a_key_of_another_kind_has_not_signed() -> None:
    keys = (
        ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key(),
        rsa.RSAPublicNumbers(65537, (1 << 2047) + 1).public_key(),
        None,
    )
    assert not any(is_signed_by(LEAF.leaf, key) for key in keys)


def test_surplus_and_order_do_not_matter() -> None:
    pool = (CA.root.leaf, certificate("surplus", None, key=KEYS[3]), CA.intermediate.leaf)
    found = list(candidates(LEAF.leaf, pool, lambda one: one == CA.root.leaf))
    assert found == [LEAF.chain]


def test_the_search_is_bounded() -> None:
    twins = tuple(
        certificate("twin", None, key=KEYS[0], path_length=9, window=Window(NOW - n, NOW + DAY))
        for n in range(12)
    )
    looked_at: list[x509.Certificate] = []

    def is_end(one: x509.Certificate) -> bool:
        looked_at.append(one)
        return False

    assert list(candidates(twins[0], twins, is_end)) == []
    assert len(looked_at) == MAX_STEPS


def test_a_certificate_that_cannot_be_read_is_reported() -> None:
    assert _failed((with_unreadable_names(), *LEAF.chain[1:])) == {"path.readable"}


def test_a_name_that_cannot_be_read_leads_nowhere() -> None:
    unreadable = with_unreadable_issuer()
    assert list(candidates(unreadable, LEAF.chain[1:], lambda one: one != unreadable)) == []
    pool = (unreadable, *LEAF.chain[1:])
    assert list(candidates(LEAF.leaf, pool, lambda one: one == CA.root.leaf)) == [LEAF.chain]
    assert judge((unreadable,), EXPECTED).title == "certification path js.tsp.example, O=TSP"


def test_a_leaf_needs_no_subject() -> None:
    key = KEYS[1]
    issuer = CA.intermediate
    window = LEAF.leaf.not_valid_before_utc, LEAF.leaf.not_valid_after_utc
    bare = (
        x509.CertificateBuilder(issuer.leaf.subject, x509.Name([]), key.public_key(), 3, *window)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAMES[0])]), critical=True)
        .sign(issuer.private_key, hashes.SHA256())
    )
    (path,) = candidates(bare, LEAF.chain[1:], lambda one: one == CA.root.leaf)
    assert judge(path, EXPECTED).outcome is Outcome.PASSED


def _private(kind: str) -> ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey | rsa.RSAPrivateKey:
    match kind:
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case "ed448":
            return ed448.Ed448PrivateKey.generate()
        case _:
            return rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize("kind", ["ed25519", "ed448", "rsa"])
def test_issuers_may_have_other_kinds_of_keys(kind: str) -> None:
    private = _private(kind)
    digest = hashes.SHA256() if kind == "rsa" else None
    window = LEAF.leaf.not_valid_before_utc, LEAF.leaf.not_valid_after_utc
    name = distinguished_name("TSP", "other")
    draft = x509.CertificateBuilder(name, name, private.public_key(), 3, *window)
    made = draft.sign(private, digest)
    assert is_signed_by(made, private.public_key())
    assert not is_signed_by(LEAF.leaf, private.public_key())


def test_a_key_of_an_unknown_kind_has_signed_nothing() -> None:
    der = LEAF.leaf.public_bytes(Encoding.DER)
    ec_public_key = bytes.fromhex("2a8648ce3d0201")
    unknown = x509.load_der_x509_certificate(
        der.replace(ec_public_key, ec_public_key[:-1] + b"\x09")
    )
    assert read(unknown).public_key is None


def test_a_subject_that_cannot_be_read_is_still_reported() -> None:
    der = CA.intermediate.leaf.public_bytes(Encoding.DER)
    unreadable = x509.load_der_x509_certificate(der.replace(b"TSP Issuing CA", b"\xff" * 14))
    report = judge((LEAF.leaf, unreadable), EXPECTED)
    assert report.title.endswith("<- (unreadable)")
    assert report.outcome is Outcome.FAILED

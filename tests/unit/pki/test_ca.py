"""Certification authorities: what they issue, and how it is kept."""

import pytest
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError
from lab.core.instant import DAY, Instant, Window
from lab.core.seams import Hooks, Seam
from lab.pki.ca import CertificateAuthority
from lab.pki.contents import read
from lab.pki.identity import Identity, certificates_to_pem
from lab.pki.profiles import CERTIFICATE_JOB, CertificateJob, Purpose
from lab.pki.signature import is_signed_by

NOW = Instant(1_790_000_000)
NAME = "_ns-client.ns.telecom-sudparis.eu"


@pytest.fixture(name="authority")
def _authority() -> CertificateAuthority:
    return CertificateAuthority.create("Télécom SudParis", NOW, SeededEntropy("ca"))


@pytest.fixture(name="identity")
def _identity(authority: CertificateAuthority) -> Identity:
    return authority.issue((NAME,), Purpose.CLIENT, NOW, SeededEntropy("leaf"))


def test_the_chain_is_sent_up_to_the_root(
    authority: CertificateAuthority, identity: Identity
) -> None:
    assert identity.chain[1:] == (authority.intermediate.leaf, authority.root.leaf)


def test_each_certificate_is_signed_by_the_next(identity: Identity) -> None:
    issuers = (*identity.chain[1:], identity.chain[-1])
    for certificate, issuer in zip(identity.chain, issuers, strict=True):
        assert is_signed_by(certificate, read(issuer).public_key)


def test_only_a_root_may_have_authorities_below(identity: Identity) -> None:
    leaf, intermediate, root = map(read, identity.chain)
    assert (root.path_length, intermediate.path_length) == (2, 0)
    assert not leaf.is_ca


def test_a_name_may_have_an_underscore(identity: Identity) -> None:
    assert read(identity.leaf).dns_names == (NAME,)


@pytest.mark.parametrize("purpose", [Purpose.SERVER, Purpose.CLIENT, Purpose.BOTH])
def test_the_purpose_is_certified(authority: CertificateAuthority, purpose: Purpose) -> None:
    issued = authority.issue(("a.example",), purpose, NOW, SeededEntropy("p"))
    assert read(issued.leaf).purposes is purpose


def test_a_leaf_lives_ninety_days(identity: Identity) -> None:
    window = read(identity.leaf).window
    assert window.contains(NOW)
    assert window.expiration == NOW + 90 * DAY


def test_one_seed_gives_the_same_certificates(identity: Identity) -> None:
    again = CertificateAuthority.create("Télécom SudParis", NOW, SeededEntropy("ca"))
    assert again.issue((NAME,), Purpose.CLIENT, NOW, SeededEntropy("leaf")).chain == identity.chain


def test_an_identity_survives_pem(identity: Identity) -> None:
    copy = Identity.from_pem(identity.to_pem())
    assert copy.chain == identity.chain
    assert copy.key_pem() == identity.key_pem()


def test_an_authority_survives_pem(authority: CertificateAuthority) -> None:
    copy = CertificateAuthority.from_pem(authority.organization, authority.to_pem())
    assert copy.intermediate.chain == authority.intermediate.chain
    assert copy.root.key_pem() == authority.root.key_pem()


@pytest.mark.parametrize("pem", [b"", b"hello", b"-----BEGIN PRIVATE KEY-----\nAA\n"])
def test_other_text_is_no_authority(pem: bytes) -> None:
    with pytest.raises(InputError):
        CertificateAuthority.from_pem("x", pem)


def test_an_identity_needs_certificates_and_a_key_that_signs(identity: Identity) -> None:
    chain = certificates_to_pem(identity.chain)
    other = x25519.X25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    for pem, reason in (
        (identity.key_pem(), "certificate"),
        (chain, "key"),
        (other + chain, "neither ECDSA, Ed25519 nor RSA"),
    ):
        with pytest.raises(InputError, match=reason):
            Identity.from_pem(pem)


def test_a_key_must_belong_to_its_certificate(
    authority: CertificateAuthority, identity: Identity
) -> None:
    mixed = authority.root.key_pem() + certificates_to_pem(identity.chain)
    with pytest.raises(InputError, match="not that of the first certificate"):
        Identity.from_pem(mixed)


def test_a_text_form_shows_no_secret(authority: CertificateAuthority, identity: Identity) -> None:
    assert repr(authority) == "<CertificateAuthority Télécom SudParis>"
    assert repr(identity) == f"<Identity {NAME}, O=Télécom SudParis>"


class _Expired:
    """Change what is certified, as a fault does."""

    seams: tuple[Seam[CertificateJob], ...] = (CERTIFICATE_JOB,)

    def acts_in(self, _apex: object) -> bool:
        return True

    def apply(self, value: CertificateJob, now: Instant) -> CertificateJob:
        return value.for_window(Window(now - 2 * DAY, now - DAY))


def test_a_fault_may_change_the_dates(authority: CertificateAuthority) -> None:
    hooks = Hooks((_Expired(),))
    leaf = authority.issue((NAME,), Purpose.CLIENT, NOW, SeededEntropy("f"), hooks=hooks).leaf
    assert read(leaf).window.expiration == NOW - DAY

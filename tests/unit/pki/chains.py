"""Certificates for tests, also such as our own authority does not issue."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from lab.core.entropy import SeededEntropy
from lab.core.instant import DAY, Instant, Window
from lab.pki.ca import CertificateAuthority
from lab.pki.identity import Identity
from lab.pki.keys import PrivateKey, make_key
from lab.pki.profiles import CertificateJob, Purpose, builder, distinguished_name

NOW = Instant(1_790_000_000)
WINDOW = Window(NOW - DAY, NOW + DAY)
CA = CertificateAuthority.create("TSP", NOW, SeededEntropy("chains"))
LEAF = CA.issue(("js.tsp.example",), Purpose.SERVER, NOW, SeededEntropy("leaf"))


def leaf_with_names(authority: CertificateAuthority, *names: x509.GeneralName) -> x509.Certificate:
    """Return a leaf with any kind of names."""
    key = make_key(SeededEntropy("names"))
    job = CertificateJob("TSP", "leaf", key.public_key(), WINDOW, 5)
    issuer = authority.intermediate
    draft = builder(job, issuer.leaf.subject, issuer.private_key.public_key())
    draft = draft.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return draft.sign(issuer.private_key, hashes.SHA256())


def certificate(  # noqa: PLR0913 each test changes another one
    subject: str,
    issuer: Identity | None,
    *,
    key: PrivateKey,
    path_length: int | None = None,
    names: tuple[str, ...] = (),
    window: Window = WINDOW,
    purpose: Purpose | None = None,
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    digest: hashes.SHA224 | None = None,
) -> x509.Certificate:
    """Return a certificate of *key*; self-signed without *issuer*."""
    job = CertificateJob("TSP", subject, key.public_key(), window, 7, path_length, names, purpose)
    signer = issuer.private_key if issuer else key
    above = issuer.leaf.subject if issuer else distinguished_name("TSP", subject)
    draft = builder(job, above, signer.public_key())
    for extension, critical in extra:
        draft = draft.add_extension(extension, critical=critical)
    return draft.sign(signer, digest or hashes.SHA256())


def with_unreadable_names() -> x509.Certificate:
    """Return the leaf with a subjectAltName that is not the SEQUENCE that it should be."""
    der = bytearray(LEAF.leaf.public_bytes(Encoding.DER))
    extension = der.index(bytes.fromhex("0603551d11"))
    der[extension + 7] ^= 1
    return x509.load_der_x509_certificate(bytes(der))


def with_unreadable_issuer() -> x509.Certificate:
    """Return the leaf with an issuer whose text is not UTF-8."""
    der = LEAF.leaf.public_bytes(Encoding.DER)
    return x509.load_der_x509_certificate(der.replace(b"TSP Issuing CA", b"\xff" * 14))

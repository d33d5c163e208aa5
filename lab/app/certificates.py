"""Certificates and keys in files of PEM, for commands that take some from the user."""

from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.dane.tlsa import Parameters, Selector, TlsaRecord, association_data, matched_octets
from lab.pki.identity import certificates_from_pem

_CERTIFICATE, _PRIVATE, _PUBLIC = b"BEGIN CERTIFICATE", b"PRIVATE KEY", b"BEGIN PUBLIC KEY"


@dataclass(frozen=True, slots=True)
class Subject:
    """Hold what a TLSA record can be made of.

    Attributes:
        chain: certificates, leaf first; none if the file holds a key alone.
        key: DER of the SubjectPublicKeyInfo; empty if there are certificates.
    """

    chain: tuple[x509.Certificate, ...]
    key: bytes = b""

    def record(self, form: Parameters, depth: int | None = None) -> TlsaRecord:
        """Return the record in *form*.

        Args:
            form: usage, selector and matching type.
            depth: which certificate, 0 is the leaf; None: the leaf for usages 1 and 3, the last for
                usages 0 and 2.

        Raises:
            InputError: there is no such certificate, or only a key.
        """
        numbers = (int(form.usage), int(form.selector), int(form.matching))
        if not self.chain:
            if form.selector is not Selector.SPKI:
                raise InputError(f"{form} needs the certificate, and this is a key")
            return TlsaRecord(*numbers, matched_octets(self.key, form.matching))
        wanted = depth if depth is not None else -1 if form.usage.names_authority else 0
        if wanted >= len(self.chain):
            raise InputError(f"there is no depth {wanted}: the chain has {len(self.chain)}")
        certificate = self.chain[wanted]
        return TlsaRecord(*numbers, association_data(certificate, form.selector, form.matching))


def read_subject(file: Path) -> Subject:
    """Return the certificates of *file*, else its public or private key.

    Raises:
        InputError: it holds neither.
    """
    pem = _read(file)
    if _CERTIFICATE in pem:
        return Subject(read_chain(file))
    try:
        if _PRIVATE in pem:
            key = load_pem_private_key(pem, password=None).public_key()
        elif _PUBLIC in pem:
            key = load_pem_public_key(pem)
        else:
            raise InputError("expected a certificate or a key in PEM", str(file))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError("the key cannot be read", str(file)) from error
    return Subject((), key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def read_chain(file: Path) -> tuple[x509.Certificate, ...]:
    """Return every certificate of *file*, in its order.

    Raises:
        InputError: there is none, or one of them is malformed.
    """
    try:
        return certificates_from_pem(_read(file))
    except InputError as error:
        raise InputError(error.what, str(file)) from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror}", str(file)) from error

"""A certification authority of a test, and what it issues as files of PEM."""

import os
import ssl
from pathlib import Path

from cryptography import x509

from lab.app.certificates import Subject, read_subject
from lab.core.entropy import Entropy
from lab.core.frozen import dataclass
from lab.core.instant import Clock
from lab.pki.ca import CertificateAuthority
from lab.pki.identity import Identity, certificates_to_pem
from lab.pki.profiles import Purpose

_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Certified:
    """Hold a private key with its certificates.

    Attributes:
        identity: the values.
        cert: file of the end entity certificate.
        key: file of the private key.
        chain: file of the end entity certificate and all above it, as a server sends them.
    """

    identity: Identity
    cert: Path
    key: Path
    chain: Path

    def server_context(self) -> ssl.SSLContext:
        """Return what a TLS server of Python's own `ssl` needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


class LabAuthority:
    """Issue certificates below a root that nobody knows, as DANE does not need it to be known.

    Attributes:
        root: file of the root's certificate, for clients that shall know it.
    """

    def __init__(self, folder: Path, clock: Clock, entropy: Entropy) -> None:
        """Make root and intermediate, and write into *folder*."""
        self._folder, self._clock, self._entropy = folder, clock, entropy
        self._issued = 0
        self._authority = CertificateAuthority.create("Test", clock.now(), entropy)
        self.root = folder / "ca.pem"
        _write(self.root, certificates_to_pem(self._authority.root.chain))

    def issue(self, *names: str) -> Certified:
        """Return a new key with a certificate for *names*, for servers and clients, for 90 days.

        Validity begins on the lab's clock; other programs judge it by the real time.
        """
        now = self._clock.now()
        identity = self._authority.issue(names, Purpose.BOTH, now, self._entropy)
        self._issued += 1
        cert, key, chain = (
            self._folder / f"{self._issued}-{part}.pem" for part in ("cert", "key", "chain")
        )
        _write(cert, certificates_to_pem(identity.chain[:1]))
        _write(key, identity.key_pem())
        _write(chain, certificates_to_pem(identity.chain))
        return Certified(identity, cert, key, chain)


def subject_of(certificate: Certified | x509.Certificate | Path) -> Subject:
    """Return what a TLSA record can be made of.

    Raises:
        InputError: a file holds neither certificate nor key.
    """
    match certificate:
        case Certified():
            return Subject(certificate.identity.chain)
        case x509.Certificate():
            return Subject((certificate,))
        case _:
            return read_subject(Path(certificate))


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)

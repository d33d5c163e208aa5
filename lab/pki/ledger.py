"""What an authority remembers: which certificates it issued, and which of them it revoked."""

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum

from cryptography import x509

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.pki.contents import read
from lab.pki.crl import Revocation

# Of 40 hexadecimal digits people read and type as many; chance gives two certificates the same
# eight once in 2^32 pairs.
SERIAL_DIGITS = 8


class Status(Enum):
    """Tell whether a certificate is good for anything now."""

    VALID = "valid"
    NOT_YET_VALID = "not yet valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Ledger:
    """Hold the memory of one authority.

    Attributes:
        issued: certificates, oldest first: leaves, and what the root signed.
        revocations: in the order in which they were made.
        crl_number: that of the last CRL; root and intermediate count together.
    """

    issued: tuple[x509.Certificate, ...] = ()
    revocations: tuple[Revocation, ...] = ()
    crl_number: int = 0

    def with_issued(self, certificates: Iterable[x509.Certificate]) -> "Ledger":
        """Return the ledger in which *certificates* stand, too; each stands there once."""
        fresh = (one for one in dict.fromkeys(certificates) if one not in self.issued)
        return replace(self, issued=(*self.issued, *fresh))

    def with_revocation(self, revocation: Revocation) -> "Ledger":
        """Return the ledger after *revocation*.

        Raises:
            InputError: the certificate is revoked already, which nothing undoes.
        """
        known = self.revocation(revocation.serial)
        if known is not None:
            raise InputError(f"{known.serial:x} was revoked at {known.at} ({known.reason.value})")
        return replace(self, revocations=(*self.revocations, revocation))

    def with_next_crl(self) -> "Ledger":
        """Return the ledger after one CRL more (RFC 5280 section 5.2.3)."""
        return replace(self, crl_number=self.crl_number + 1)

    def revocation(self, serial: int) -> Revocation | None:
        """Return the revocation of the certificate with number *serial*, if there is one."""
        return next((one for one in self.revocations if one.serial == serial), None)

    def revoked_by(self, issuer: x509.Certificate) -> tuple[Revocation, ...]:
        """Return the revocations of certificates that *issuer* signed: for its CRL."""
        own = {one.serial_number for one in self.issued if one.issuer == issuer.subject}
        return tuple(one for one in self.revocations if one.serial in own)

    def status(self, certificate: x509.Certificate, now: Instant) -> Status:
        """Return whether *certificate* is good for anything at *now*."""
        window = read(certificate).window
        if self.revocation(certificate.serial_number) is not None:
            return Status.REVOKED
        if now < window.inception:
            return Status.NOT_YET_VALID
        return Status.VALID if now <= window.expiration else Status.EXPIRED

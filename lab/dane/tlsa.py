"""TLSA records: their three numbers, the data they hold, and the names they stand at (RFC 6698).

Acronyms are those of RFC 7218.
"""

from collections.abc import Callable
from enum import IntEnum
from hashlib import sha256, sha512
from typing import ClassVar

import dns.exception
import dns.name
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.TLSA import TLSA

from lab.core.errors import InputError, PeerError, UnsupportedError
from lab.core.frozen import dataclass
from lab.core.registry import Registry
from lab.pki.c509 import push_c509
from lab.pki.der import subject_public_key_info


class Usage(IntEnum):
    """Tell what a record says about the certificate it names (RFC 6698 section 2.1.1)."""

    PKIX_TA = 0
    PKIX_EE = 1
    DANE_TA = 2
    DANE_EE = 3

    @property
    def names_authority(self) -> bool:
        """Tell whether it is about a CA, not about the end entity."""
        return self in {Usage.PKIX_TA, Usage.DANE_TA}


class Selector(IntEnum):
    """Tell which part of the certificate is compared (RFC 6698 section 2.1.2)."""

    CERT = 0
    SPKI = 1
    # The draft of C509 asks for a number and has none yet: 255 is for private use (RFC 7218).
    C509 = 255


STANDARD_SELECTORS = frozenset({Selector.CERT, Selector.SPKI})


class MatchingType(IntEnum):
    """Tell how it is compared (RFC 6698 section 2.1.3); the stronger digest is the bigger."""

    FULL = 0
    SHA2_256 = 1
    SHA2_512 = 2


DIGESTS: Registry[int, Callable[[bytes], bytes]] = Registry("matching type")

DIGESTS.add(MatchingType.SHA2_256, lambda data: sha256(data).digest())
DIGESTS.add(MatchingType.SHA2_512, lambda data: sha512(data).digest())

DIGEST_SIZES = {number: len(digest(b"")) for number, digest in DIGESTS.items()}


@dataclass(frozen=True, slots=True)
class Parameters:
    """Hold the three numbers of a record.

    Attributes:
        usage: certificate usage.
        selector: part of the certificate.
        matching: matching type.
    """

    usage: Usage
    selector: Selector
    matching: MatchingType

    def __str__(self) -> str:
        """Return the shorthand of operators: `3 1 1`."""
        return f"{self.usage:d} {self.selector:d} {self.matching:d}"


@dataclass(frozen=True, slots=True)
class TlsaRecord:
    """Hold a record as it was published, whatever its numbers and data are.

    dnspython's class refuses digests of a wrong length; here they are read and judged.

    Attributes:
        usage: 0 to 255.
        selector: 0 to 255.
        matching: matching type, 0 to 255.
        data: certificate association data.
    """

    usage: int
    selector: int
    matching: int
    data: bytes

    SHOWN: ClassVar[int] = 8

    def __str__(self) -> str:
        """Return the numbers and the start of the data, as reports call it."""
        tail = "…" if len(self.data) > self.SHOWN else ""
        start = self.data[: self.SHOWN].hex()
        return f"TLSA {self.usage} {self.selector} {self.matching} {start}{tail}"

    @classmethod
    def from_rdata(cls, rdata: Rdata) -> "TlsaRecord":
        """Return the record of an rdata of type TLSA (RFC 6698 section 2.1).

        Raises:
            PeerError: it has fewer than three octets.
        """
        octets = rdata.to_wire() or b""
        if len(octets) < len(("usage", "selector", "matching")):
            raise PeerError("a TLSA record is cut short", octets)
        return cls(octets[0], octets[1], octets[2], octets[3:])


def parse_parameters(text: str, selectors: frozenset[Selector] = STANDARD_SELECTORS) -> Parameters:
    """Return what the shorthand *text*, e.g. "3 1 1", means, if its selector is one of *selectors*.

    Raises:
        InputError: there are not three numbers, or one of them has no meaning.
    """
    words = text.split()
    try:
        usage, selector, matching = (int(word) for word in words)
        known = {int(one): one for one in selectors}
        return Parameters(Usage(usage), known[selector], MatchingType(matching))
    except (ValueError, KeyError) as error:
        selected = " or ".join(str(int(one)) for one in sorted(selectors))
        wanted = f"three numbers: usage 0 to 3, selector {selected}, matching type 0 to 2"
        raise InputError(f"{text!r} is no TLSA shorthand; wanted are {wanted}") from error


def selected_octets(certificate: x509.Certificate, selector: Selector) -> bytes:
    """Return the DER of the certificate or of its SubjectPublicKeyInfo, as it was sent, or C509.

    Raises:
        PeerError: the certificate is malformed.
        UnsupportedError: it has no C509 form.
    """
    match selector:
        case Selector.CERT:
            return certificate.public_bytes(Encoding.DER)
        case Selector.SPKI:
            return subject_public_key_info(certificate)
        case Selector.C509:
            return push_c509(certificate)


def matched_octets(selected: bytes, matching: int) -> bytes:
    """Return *selected* itself (FULL), or its digest.

    Raises:
        UnsupportedError: the matching type has no digest in DIGESTS.
    """
    if matching == MatchingType.FULL:
        return selected
    digest = DIGESTS.get(matching)
    if digest is None:
        raise UnsupportedError(f"TLSA matching type {matching} is not implemented")
    return digest(selected)


def association_data(
    certificate: x509.Certificate, selector: Selector, matching: MatchingType
) -> bytes:
    """Return the octets that a TLSA record holds for *certificate* (RFC 6698 section 2.1.4).

    Returns:
        The selected part (FULL), or its digest: 32 octets (SHA2_256), 64 (SHA2_512).

    Raises:
        UnsupportedError: the certificate has no C509 form, and that is selected.
    """
    return matched_octets(selected_octets(certificate, selector), matching)


def make_tlsa(
    certificate: x509.Certificate, usage: Usage, selector: Selector, matching: MatchingType
) -> TLSA:
    """Return the TLSA record that names *certificate*."""
    data = association_data(certificate, selector, matching)
    return TLSA(RdataClass.IN, RdataType.TLSA, usage.value, selector.value, matching.value, data)


def server_owner(host: Name, port: int, transport: str = "tcp") -> Name:
    """Return where a server's TLSA RRset stands: `_443._tcp.host` (RFC 6698 section 3)."""
    return _below(host, f"_{port}", f"_{transport}")


def client_owner(service: str, host: Name) -> Name:
    """Return where a client's stands: `_service.host` (draft-ietf-dance-client-auth-13)."""
    return _below(host, service if service.startswith("_") else f"_{service}")


def device_owner(device: str, organization: Name) -> Name:
    """Return where a device's stands: `device._device.organization` (the same draft)."""
    return _below(organization, device, "_device")


def _below(base: Name, *labels: str) -> Name:
    try:
        return Name((*(label.encode("ascii") for label in labels), *base.labels))
    except (dns.exception.DNSException, UnicodeError) as error:
        raise InputError(f"{'.'.join(labels)} below {base} is no domain name") from error

"""A certificate as text, in the form of `openssl x509 -text` that its readers know."""

from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtensionOID

_OCTETS_PER_LINE = {"key": 15, "signature": 18}
_PURPOSES = {
    "serverAuth": "TLS Web Server Authentication",
    "clientAuth": "TLS Web Client Authentication",
}
_USAGES = {
    "digital_signature": "Digital Signature",
    "content_commitment": "Non Repudiation",
    "key_encipherment": "Key Encipherment",
    "data_encipherment": "Data Encipherment",
    "key_agreement": "Key Agreement",
    "key_cert_sign": "Certificate Sign",
    "crl_sign": "CRL Sign",
}
_EXTENSIONS = {
    ExtensionOID.BASIC_CONSTRAINTS: "X509v3 Basic Constraints",
    ExtensionOID.KEY_USAGE: "X509v3 Key Usage",
    ExtensionOID.EXTENDED_KEY_USAGE: "X509v3 Extended Key Usage",
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME: "X509v3 Subject Alternative Name",
    ExtensionOID.SUBJECT_KEY_IDENTIFIER: "X509v3 Subject Key Identifier",
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER: "X509v3 Authority Key Identifier",
    ExtensionOID.NAME_CONSTRAINTS: "X509v3 Name Constraints",
}
_ALGORITHMS = {
    "ecdsa-with-SHA256": "ecdsa-with-SHA256",
    "sha256WithRSAEncryption": "sha256WithRSAEncryption",
    "ed25519": "ED25519",
}
_SHORT = {"organizationName": "O", "commonName": "CN", "countryName": "C"}


def certificate_text(certificate: x509.Certificate) -> str:
    """Return what *certificate* says, for readers of `openssl x509 -text`."""
    return "\n".join(_lines(certificate)) + "\n"


def _lines(certificate: x509.Certificate) -> Iterator[str]:
    oid = certificate.signature_algorithm_oid
    algorithm = _ALGORITHMS.get(oid._name, oid._name)  # noqa: SLF001 the library's only table of names
    version = certificate.version
    yield "Certificate:"
    yield "    Data:"
    yield f"        Version: {version.value + 1} (0x{version.value:x})"
    yield "        Serial Number:"
    yield f"            {colons(_integer(certificate.serial_number))}"
    yield f"        Signature Algorithm: {algorithm}"
    yield f"        Issuer: {name_text(certificate.issuer)}"
    yield "        Validity"
    yield f"            Not Before: {_date(certificate, 'before')}"
    yield f"            Not After : {_date(certificate, 'after')}"
    yield f"        Subject: {name_text(certificate.subject)}"
    yield "        Subject Public Key Info:"
    yield from _key(certificate)
    yield "        X509v3 extensions:"
    for one in certificate.extensions:
        title = _EXTENSIONS.get(one.oid, one.oid.dotted_string)
        yield f"            {title}: {'critical' if one.critical else ''}"
        yield f"                {_extension(one.value)}"
    yield f"    Signature Algorithm: {algorithm}"
    yield "    Signature Value:"
    yield from _block(certificate.signature, 8, _OCTETS_PER_LINE["signature"])


def _date(certificate: x509.Certificate, end: str) -> str:
    moment = (
        certificate.not_valid_before_utc if end == "before" else certificate.not_valid_after_utc
    )
    return f"{moment:%b} {moment.day:2d} {moment:%H:%M:%S %Y} GMT"


def name_text(name: x509.Name) -> str:
    """Return a distinguished name as in `O = Afnic, CN = Afnic Root CA`."""
    short = ((_SHORT.get(one.oid._name, one.oid._name), one.value) for one in name)  # noqa: SLF001 as above
    return ", ".join(f"{key} = {value!s}" for key, value in short)


def colons(octets: bytes) -> str:
    """Return *octets* as in `0a:bc`."""
    return octets.hex(":")


def _integer(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8 or 1, "big")


def _block(octets: bytes, indent: int, width: int) -> Iterator[str]:
    for start in range(0, len(octets), width):
        last = start + width >= len(octets)
        yield " " * indent + colons(octets[start : start + width]) + ("" if last else ":")


def _key(certificate: x509.Certificate) -> Iterator[str]:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        unknown = certificate.public_key_algorithm_oid.dotted_string
        yield f"            Public Key Algorithm: {unknown}"
        return
    width = _OCTETS_PER_LINE["key"]
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        yield "            Public Key Algorithm: id-ecPublicKey"
        yield f"                Public-Key: ({key.curve.key_size} bit)"
        yield "                pub:"
        yield from _block(point, 20, width)
        if isinstance(key.curve, ec.SECP256R1):
            yield "                ASN1 OID: prime256v1"
            yield "                NIST CURVE: P-256"
    elif isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        yield "            Public Key Algorithm: rsaEncryption"
        yield f"                Public-Key: ({key.key_size} bit)"
        yield "                Modulus:"
        yield from _block(b"\0" + _integer(numbers.n), 20, width)
        yield f"                Exponent: {numbers.e} (0x{numbers.e:x})"
    elif isinstance(key, ed25519.Ed25519PublicKey):
        yield "            Public Key Algorithm: ED25519"
        yield "                ED25519 Public-Key:"
        yield "                pub:"
        yield from _block(key.public_bytes_raw(), 20, width)


def _extension(value: x509.ExtensionType) -> str:
    match value:
        case x509.BasicConstraints():
            limit = "" if value.path_length is None else f", pathlen:{value.path_length}"
            return f"CA:{str(value.ca).upper()}{limit}"
        case x509.KeyUsage() | x509.ExtendedKeyUsage() | x509.SubjectAlternativeName():
            return ", ".join(_listed(value))
        case x509.SubjectKeyIdentifier():
            return colons(value.digest).upper()
        case x509.AuthorityKeyIdentifier():
            return colons(value.key_identifier or b"").upper()
        case _:
            return colons(value.public_bytes()).upper()


def _listed(
    value: x509.KeyUsage | x509.ExtendedKeyUsage | x509.SubjectAlternativeName,
) -> list[str]:
    if isinstance(value, x509.KeyUsage):
        return [text for key, text in _USAGES.items() if getattr(value, key)]
    if isinstance(value, x509.ExtendedKeyUsage):
        return [_PURPOSES.get(one._name, one.dotted_string) for one in value]  # noqa: SLF001 as above
    return [_general(one) for one in value]


def _general(name: x509.GeneralName) -> str:
    return f"DNS:{name.value}" if isinstance(name, x509.DNSName) else str(name.value)

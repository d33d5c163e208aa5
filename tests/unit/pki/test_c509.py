"""C509: what is re-encoded comes back signed, and what cannot be is refused."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.core.errors import PeerError, UnsupportedError
from lab.pki.c509 import pull_c509, push_c509
from lab.pki.cbor import Item, MacAddress, pull_sequence, push_sequence
from lab.pki.der import BIT_STRING, SEQUENCE, elements, push_element
from lab.pki.signature import is_signed_by
from tests.unit.pki.chains import CA, LEAF, with_unreadable_issuer, with_unreadable_names

KEY = ec.derive_private_key(7, ec.SECP256R1())
EUI = "01-23-45-FF-FE-67-89-AB"


def name(*attributes: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in attributes])


def certificate(
    subject: x509.Name,
    *extensions: tuple[x509.ExtensionType, bool],
    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey = KEY,
    end: datetime = datetime(2030, 1, 1, tzinfo=UTC),
    signer: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey = KEY,
) -> x509.Certificate:
    draft = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(name((NameOID.COMMON_NAME, "TSP")))
        .public_key(key.public_key())
        .serial_number(0x80)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(end)
    )
    for extension, critical in extensions:
        draft = draft.add_extension(extension, critical=critical)
    digest = hashes.SHA256() if isinstance(signer, ec.EllipticCurvePrivateKey) else None
    return draft.sign(signer, digest)


def fields(one: x509.Certificate) -> tuple[Item, ...]:
    assert pull_c509(push_c509(one)).public_bytes(Encoding.DER) == one.public_bytes(Encoding.DER)
    return pull_sequence(push_c509(one))


COMMON = NameOID.COMMON_NAME
SIGNING = x509.KeyUsage(
    digital_signature=True, content_commitment=False, key_encipherment=False,
    data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
    encipher_only=False, decipher_only=False,
)  # fmt: skip
SUBJECTS = [
    (name((COMMON, "js.tsp")), "js.tsp"),
    (name((COMMON, EUI)), MacAddress(bytes.fromhex("0123456789ab"))),
    (name((COMMON, "01-23-45-67-89-AB-CD-EF")), MacAddress(bytes.fromhex("0123456789abcdef"))),
    (name((COMMON, "00ff")), b"\x00\xff"),
    (name((COMMON, "0ff")), "0ff"),
    (name((NameOID.ORGANIZATION_NAME, "TSP"), (COMMON, "js")), (8, "TSP", 1, "js")),
    (name((NameOID.COUNTRY_NAME, "FR")), (-4, "FR")),
    (name(), ()),
]


@pytest.mark.parametrize(("subject", "item"), SUBJECTS, ids=str)
def test_a_name_is_written_as_briefly_as_it_can_be(subject: x509.Name, item: Item) -> None:
    assert fields(certificate(subject))[6] == item


EXTENSIONS = [
    ([], ()),
    ([(SIGNING, False)], 1),
    ([(SIGNING, True)], -1),
    ([(x509.BasicConstraints(ca=True, path_length=None), True)], (-4, -1)),
    ([(x509.BasicConstraints(ca=True, path_length=3), True)], (-4, 3)),
    ([(x509.BasicConstraints(ca=False, path_length=None), False)], (4, -2)),
    ([(x509.SubjectKeyIdentifier(b"abc"), False)], (1, b"abc")),
    ([(x509.AuthorityKeyIdentifier(b"abc", None, None), False)], (7, b"abc")),
    (
        [(x509.AuthorityKeyIdentifier(None, [x509.DNSName("a")], 5), False)],
        (b"\x55\x1d\x23", bytes.fromhex("3008a103820161820105")),
    ),
    ([(x509.SubjectAlternativeName([x509.DNSName("a.example")]), True)], (-3, "a.example")),
    (
        [(x509.SubjectAlternativeName([x509.DNSName("a"), x509.DNSName("b")]), False)],
        (3, (2, "a", 2, "b")),
    ),
    (
        [(x509.SubjectAlternativeName([x509.UniformResourceIdentifier("a:b")]), False)],
        (3, (6, "a:b")),
    ),
    (
        [(x509.SubjectAlternativeName([x509.RFC822Name("a@b")]), False)],
        (b"\x55\x1d\x11", bytes.fromhex("30058103614062")),
    ),
    ([(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)], (8, 2)),
    (
        [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH,
                                 ExtendedKeyUsageOID.CLIENT_AUTH]), False)],
        (8, (1, 2)),
    ),
    (
        [(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.311.1"), b"\5\0"), True)],
        (bytes.fromhex("2b06010401823701"), (b"\5\0",)),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("extensions", "item"), EXTENSIONS)
def test_an_extension_is_written_as_briefly_as_it_can_be(
    extensions: list[tuple[x509.ExtensionType, bool]], item: Item
) -> None:
    assert fields(certificate(name(), *extensions))[9] == item


def test_certificates_of_our_authorities_shrink_to_half_and_stay_signed() -> None:
    expanded = pull_c509(push_c509(LEAF.leaf))
    assert is_signed_by(expanded, CA.intermediate.leaf.public_key())
    assert len(push_c509(LEAF.leaf)) < len(LEAF.leaf.public_bytes(Encoding.DER)) / 2
    assert fields(CA.root.leaf)[3] is None


def test_a_date_may_be_late_or_never() -> None:
    for year, expected in ((2050, 2_524_608_000), (2049, 2_493_072_000)):
        end = datetime(year, 1, 1, tzinfo=UTC)
        assert fields(certificate(name(), end=end))[5] == expected
    never = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert fields(certificate(name(), end=never))[5] is None


def test_an_odd_point_and_the_bigger_curve_come_back_too() -> None:
    odd = next(
        key
        for key in (ec.derive_private_key(one, ec.SECP256R1()) for one in range(1, 99))
        if key.public_key().public_numbers().y % 2
    )
    point = fields(certificate(name(), key=odd))[8]
    assert isinstance(point, bytes)
    assert point[0] == 0xFD
    assert fields(certificate(name(), key=ec.derive_private_key(7, ec.SECP384R1())))[7] == 2


def test_what_would_not_come_back_is_refused() -> None:
    ed = certificate(name(), key=ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with pytest.raises(UnsupportedError, match="keys on P-256 and P-384 only"):
        push_c509(ed)
    multi = x509.Name(
        [
            x509.RelativeDistinguishedName(
                [x509.NameAttribute(COMMON, "a"), x509.NameAttribute(NameOID.LOCALITY_NAME, "b")]
            )
        ]
    )
    with pytest.raises(UnsupportedError, match="one value in each of its parts"):
        push_c509(certificate(multi))
    with pytest.raises(UnsupportedError, match="an attribute for which C509 is not done here"):
        push_c509(certificate(name((NameOID.EMAIL_ADDRESS, "a@b"))))
    for broken in (with_unreadable_names(), with_unreadable_issuer()):
        with pytest.raises(UnsupportedError, match="this certificate has no C509 form here"):
            push_c509(broken)


def test_other_signatures_are_refused() -> None:
    ed = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(UnsupportedError, match="signatures by ECDSA with SHA-256 and SHA-384"):
        push_c509(certificate(name(), signer=ed))
    bigger = ec.derive_private_key(7, ec.SECP384R1())
    with pytest.raises(UnsupportedError, match="the signature is by a key on another curve"):
        push_c509(certificate(name(), signer=bigger))


def test_a_point_that_der_compressed_already_is_refused() -> None:
    [(_, whole)] = elements(certificate(name()).public_bytes(Encoding.DER))
    (_, tbs), *signed = elements(whole)
    parts = [push_element(*part) for part in elements(tbs)]
    point = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    at = next(at for at, part in enumerate(parts) if b"\x00\x04" + point[1:] in part)
    [(_, key)] = elements(parts[at])
    algorithm, _ = (push_element(*part) for part in elements(key))
    parts[at] = push_element(SEQUENCE, algorithm + push_element(BIT_STRING, b"\0" + point))
    der = push_element(SEQUENCE, b"".join(parts)) + b"".join(push_element(*one) for one in signed)
    compressed = x509.load_der_x509_certificate(push_element(SEQUENCE, der))
    with pytest.raises(UnsupportedError, match="would not come back from C509 as it was"):
        push_c509(compressed)


def changed(place: int, item: Item) -> bytes:
    items = list(pull_sequence(push_c509(LEAF.leaf)))
    items[place] = item
    return push_sequence(tuple(items))


MALFORMED = [
    (0, 2, UnsupportedError, "of type 2 are not implemented"),
    (1, b"\0\1", PeerError, "a serial number is a byte string without zeros before it"),
    (1, 5, PeerError, "a serial number is a byte string"),
    (2, 12, UnsupportedError, "C509 algorithm 12 or key type 1 is not implemented"),
    (3, (99, "x"), UnsupportedError, "the attribute 99, which is not implemented"),
    (3, (1,), PeerError, "makes no X.509 one"),
    (3, 5, PeerError, "the value of a name's attribute is a text"),
    (4, "x", PeerError, "a date is a number or null"),
    (4, 2**62, PeerError, "makes no X.509 one"),
    (7, "x", UnsupportedError, "key type 'x' is not implemented"),
    (8, b"\2" + bytes(32), UnsupportedError, "is not written as a point to be expanded"),
    (8, b"\xfe" + b"\xff" * 32, PeerError, "makes no X.509 one"),
    (8, 5, PeerError, "key and signature are byte strings"),
    (9, "x", PeerError, "extensions are an array or a number"),
    (9, (99, 1), UnsupportedError, "C509 extension 99 is not implemented"),
    (9, (3, (5, "x")), PeerError, "makes no X.509 one"),
    (9, (3, (-1, (5, 5))), PeerError, "makes no X.509 one"),
    (9, ("x", 1), PeerError, "an extension begins with its number or its OID"),
    (9, (b"\x55", 1), PeerError, "an extension by its OID has a byte string"),
    (9, (3, 5), PeerError, "makes no X.509 one"),
    (10, bytes(63), PeerError, "this signature has 64 octets, not 63"),
]


@pytest.mark.parametrize(("place", "item", "error", "words"), MALFORMED)
def test_what_makes_no_certificate_is_told(
    place: int, item: Item, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        pull_c509(changed(place, item))


def test_a_certificate_has_eleven_fields() -> None:
    with pytest.raises(PeerError, match="a C509 certificate has 11 fields, this has 1"):
        pull_c509(b"\x03")


NO_ITEMS = {
    "18": "a CBOR item is cut short",
    "1817": "a number in CBOR is not in its shortest form",
    "1a0000ffff": "a number in CBOR is not in its shortest form",
    "43abcd": "a CBOR string is cut short",
    "82": "a CBOR item is cut short",
    "61ff": "a text in CBOR is not UTF-8",
    "a0": "C509 has no CBOR items such as 0xa0",
    "f5": "C509 has no CBOR items such as 0xf5",
    "c100": "C509 has no CBOR items such as 0xc1",
    "d83005": "a MAC address in CBOR is a byte string",
    "9f": "a CBOR item has no length",
    "81" * 9 + "00": "C509 has no CBOR items such as 0x81",
}


@pytest.mark.parametrize("octets", NO_ITEMS)
def test_what_is_no_cbor_of_ours_is_told(octets: str) -> None:
    with pytest.raises(PeerError, match=NO_ITEMS[octets]):
        pull_sequence(bytes.fromhex(octets))


# RFC 8949 appendix A.
ITEMS = [
    (0, "00"), (23, "17"), (24, "1818"), (1000, "1903e8"), (1_000_000, "1a000f4240"),
    (18446744073709551615, "1bffffffffffffffff"), (-1, "20"), (-1000, "3903e7"), (None, "f6"),
    (b"\1\2\3\4", "4401020304"), ("IETF", "6449455446"), ("\u00fc", "62c3bc"),
    ((1, (2, 3), (4, 5)), "8301820203820405"), ((), "80"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "octets"), ITEMS)
def test_items_are_those_of_rfc_8949(item: Item, octets: str) -> None:
    assert push_sequence((item,)).hex() == octets
    assert pull_sequence(bytes.fromhex(octets)) == (item,)

"""Keys and signatures that strangers write: any octets at all, and only those of the right size."""

from functools import lru_cache

import pytest
from dns.dnssecalgs.ecdsa import PrivateECDSA, PrivateECDSAP256SHA256, PrivateECDSAP384SHA384
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from lab.core.entropy import SeededEntropy
from lab.dnssec.algorithms import ALGORITHMS, algorithm, is_well_formed, verify

EXPONENT = b"\x03\x01\x00\x01"
DATA = b"what is signed"


def dnskey(number: int, key: bytes) -> DNSKEY:
    return DNSKEY(RdataClass.IN, RdataType.DNSKEY, 257, 3, number, key)


def modulus(bits: int) -> bytes:
    """Return an odd number of *bits* bits."""
    return (1 << (bits - 1) | 1).to_bytes((bits + 7) // 8, "big")


@pytest.mark.parametrize(
    ("number", "bits", "well_formed"),
    [
        (8, 511, False),
        (8, 512, True),
        (8, 4096, True),
        (8, 4097, False),
        (10, 1023, False),
        (10, 1024, True),
        (10, 4096, True),
        (10, 4097, False),
    ],
)
def test_an_rsa_modulus_has_the_size_of_its_algorithm(
    number: int, bits: int, *, well_formed: bool
) -> None:
    """RFC 5702 sections 2.1 and 2.2."""
    assert is_well_formed(dnskey(number, EXPONENT + modulus(bits))) is well_formed


@pytest.mark.parametrize(("bits", "well_formed"), [(17, True), (64, True), (65, False)])
def test_an_rsa_exponent_is_short(bits: int, *, well_formed: bool) -> None:
    exponent = modulus(bits)
    key = bytes([len(exponent)]) + exponent + modulus(2048)
    assert is_well_formed(dnskey(8, key)) is well_formed


@pytest.mark.parametrize("key", [b"", b"\x00", b"\x00\x01", b"\x00\x00\x00", b"\x05\x01", EXPONENT])
def test_a_truncated_rsa_key_is_none(key: bytes) -> None:
    """RFC 3110 section 2: a length of one or three octets, the exponent, the modulus."""
    assert not is_well_formed(dnskey(8, key))


@pytest.mark.parametrize("number", [13, 14])
def test_a_point_off_the_curve_is_no_key(number: int) -> None:
    """RFC 6605 section 4."""
    real = public_of(number)
    assert is_well_formed(real)
    assert not is_well_formed(dnskey(number, b"\x01" * len(real.key)))
    assert not is_well_formed(dnskey(number, b"\x00" * len(real.key)))
    assert not is_well_formed(dnskey(number, b"\xff" * len(real.key)))


@pytest.mark.parametrize("number", [one for one in ALGORITHMS if one not in {8, 10}])
def test_a_key_has_the_length_of_its_algorithm(number: int) -> None:
    """RFC 6605 section 4, RFC 8080 section 3."""
    key = public_of(number).key
    for other in (b"", key[:-1], key + b"\x00"):
        assert not is_well_formed(dnskey(number, other))


@lru_cache
def _signed(number: int) -> tuple[DNSKEY, bytes]:
    private = algorithm(number).generate()
    return private.public_key().to_dnskey(), private.sign(DATA)


def public_of(number: int) -> DNSKEY:
    return _signed(number)[0]


@pytest.mark.parametrize("known", [PrivateECDSAP256SHA256, PrivateECDSAP384SHA384])
def test_our_ecdsa_signs_as_dnspython_does(known: type[PrivateECDSA]) -> None:
    """RFC 6979 leaves no choice."""
    private = algorithm(known.public_cls.algorithm).generate()
    assert private.sign(DATA) == known.from_pem(private.to_pem()).sign(DATA)


@pytest.mark.parametrize("number", [one for one in ALGORITHMS if one != 10])
def test_a_signature_has_the_length_of_its_algorithm(number: int) -> None:
    """RFC 5702 section 3, RFC 6605 section 4, RFC 8080 section 4."""
    key, signature = _signed(number)
    assert verify(key, signature, DATA)
    half = len(signature) // 2
    longer = (
        b"\x00" + signature,
        signature + b"\x00",
        signature[:half] + b"\x00" + signature[half:],
    )
    for other in (b"", b"\x00", signature[:-1], signature[1:], *longer):
        assert not verify(key, other, DATA)


@pytest.mark.parametrize("number", ALGORITHMS)
def test_no_octets_raise(number: int) -> None:
    """RFC 4035 section 5.3.3: what cannot be verified does not verify."""
    for size in (0, 1, 2, 31, 32, 57, 64, 96, 128, 260, 1312):
        for octet in (0x00, 0x01, 0x7F, 0xFF):
            key = dnskey(number, bytes([octet]) * size)
            is_well_formed(key)
            for length in (0, 63, 64, 96, 114, 256, 2420):
                assert not verify(key, b"\xff" * length, DATA)


@pytest.mark.parametrize("number", [one for one in ALGORITHMS if one not in {8, 10}])
def test_one_seed_makes_one_key(number: int) -> None:
    derive = algorithm(number).derive
    assert derive is not None
    first, again, other = (derive(SeededEntropy(one)) for one in ("a", "a", "b"))
    assert first.to_pem() == again.to_pem() != other.to_pem()
    key = first.public_key().to_dnskey()
    assert is_well_formed(key)
    assert verify(key, first.sign(DATA), DATA)
    # FIPS 204 section 3.4: ML-DSA takes chance for each signature, the others take none.
    assert (first.sign(DATA) == again.sign(DATA)) is (number != 18)

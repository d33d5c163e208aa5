"""Properties of C509: items come back, and octets make a certificate or are told not to."""

import contextlib
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from lab.core.errors import PeerError, UnsupportedError
from lab.pki.c509 import pull_c509, push_c509
from lab.pki.cbor import Item, MacAddress, pull_sequence, push_sequence
from tests.unit.pki.chains import LEAF

OCTETS = push_c509(LEAF.leaf)

leaves = st.one_of(
    st.integers(-(2**64), 2**64 - 1),
    st.binary(max_size=300),
    st.text(max_size=300),
    st.none(),
    st.builds(MacAddress, st.binary(max_size=9)),
)
items: st.SearchStrategy[Item] = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4).map(tuple), max_leaves=8
)


texts = st.one_of(
    st.text(min_size=1, max_size=30),
    st.binary(min_size=1, max_size=9).map(bytes.hex),
    st.binary(min_size=8, max_size=8).map(lambda octets: octets.hex("-").upper()),
    st.binary(min_size=6, max_size=6).map(
        lambda octets: (octets[:3] + b"\xff\xfe" + octets[3:]).hex("-").upper()
    ),
)
attributes = st.builds(
    x509.NameAttribute,
    st.sampled_from([NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.LOCALITY_NAME]),
    texts,
)
subjects = st.lists(attributes, max_size=3).map(x509.Name)
hosts = st.from_regex(r"[a-z0-9_-]{1,9}(\.[a-z0-9_-]{1,9}){0,3}", fullmatch=True)
extensions = st.tuples(
    st.lists(hosts, min_size=1, max_size=3).map(
        lambda names: x509.SubjectAlternativeName([x509.DNSName(one) for one in names])
    ),
    st.builds(x509.SubjectKeyIdentifier, st.binary(min_size=1, max_size=20)),
    st.one_of(
        st.just(x509.BasicConstraints(ca=False, path_length=None)),
        st.one_of(st.none(), st.integers(0, 99)).map(
            lambda most: x509.BasicConstraints(ca=True, path_length=most)
        ),
    ),
).flatmap(lambda three: st.lists(st.tuples(st.sampled_from(three), st.booleans()), max_size=3))
moments = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001
    lambda when: when.replace(microsecond=0, tzinfo=UTC)
)


def certificate(
    subject: x509.Name,
    issuer: x509.Name,
    moment: datetime,
    serial: int,
    chosen: list[tuple[x509.ExtensionType, bool]],
) -> x509.Certificate:
    key = LEAF.private_key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    draft = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(datetime(1970, 1, 1, tzinfo=UTC))
        .not_valid_after(moment)
    )
    for extension, critical in {type(one): (one, critical) for one, critical in chosen}.values():
        draft = draft.add_extension(extension, critical=critical)
    return draft.sign(key, hashes.SHA256())


@given(subjects, subjects, moments, st.integers(1, 2**159 - 1), extensions)
def test_a_certificate_comes_back_signed(
    subject: x509.Name,
    issuer: x509.Name,
    moment: datetime,
    serial: int,
    chosen: list[tuple[x509.ExtensionType, bool]],
) -> None:
    one = certificate(subject, issuer, moment, serial, chosen)
    octets, der = push_c509(one), one.public_bytes(Encoding.DER)
    assert pull_c509(octets).public_bytes(Encoding.DER) == der
    assert len(octets) < len(der)


@given(st.lists(items, max_size=4))
def test_cbor_items_come_back(sequence: list[Item]) -> None:
    with contextlib.suppress(PeerError):  # nested more deeply than any certificate
        assert pull_sequence(push_sequence(tuple(sequence))) == tuple(sequence)


@given(st.binary(max_size=100))
def test_noise_is_cbor_in_one_form_only_or_none(noise: bytes) -> None:
    with contextlib.suppress(PeerError):
        assert push_sequence(pull_sequence(noise)) == noise


@given(st.integers(0, len(OCTETS) - 1), st.integers(1, 255))
def test_one_changed_octet_makes_another_certificate_or_none(place: int, change: int) -> None:
    changed = bytearray(OCTETS)
    changed[place] ^= change
    with contextlib.suppress(PeerError, UnsupportedError):
        assert pull_c509(bytes(changed)) != LEAF.leaf


@given(st.integers(0, 10), items)
def test_any_item_in_any_place_is_a_certificate_or_told(place: int, item: Item) -> None:
    sequence = [*pull_sequence(OCTETS)]
    sequence[place] = item
    with contextlib.suppress(PeerError, UnsupportedError):
        pull_c509(push_sequence(tuple(sequence)))

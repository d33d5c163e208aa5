"""Properties of C509: items come back, and octets make a certificate or are told not to."""

import contextlib

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

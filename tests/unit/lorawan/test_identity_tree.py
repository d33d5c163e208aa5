"""Names of devices stand in a tree that is cut into zones."""

import pytest
from dns.name import from_text

from lab.core.errors import InputError
from lab.lorawan.identifiers import Eui64
from lab.lorawan.identity_tree import IdentityTree

BELOW = from_text("_device.example.")
LAMP = Eui64.from_text("00005e1000001002")
OTHER = Eui64.from_text("00005e1100001002")


def test_a_device_stands_in_the_zone_of_its_first_digits() -> None:
    tree = IdentityTree(BELOW, (6, 8))
    assert tree.owner(LAMP) == from_text("2.0.0.1.0.0.0.0.0.1.e.5.0.0.0.0._device.example.")
    assert tree.zones_above(LAMP) == (
        BELOW,
        from_text("e.5.0.0.0.0._device.example."),
        from_text("0.1.e.5.0.0.0.0._device.example."),
    )
    for apex in tree.zones_above(LAMP):
        assert tree.owner(LAMP).is_subdomain(apex)


def test_devices_share_the_zones_of_the_digits_that_they_share() -> None:
    tree = IdentityTree(BELOW, (7, 8))
    shared, own, other = (
        from_text(f"{one}1.e.5.0.0.0.0._device.example.") for one in ("", "0.", "1.")
    )
    assert tree.apexes([LAMP, OTHER]) == (BELOW, shared, own, other)


def test_without_cuts_or_devices_there_is_one_zone() -> None:
    assert IdentityTree(BELOW).apexes([LAMP, OTHER]) == (BELOW,)
    assert IdentityTree(BELOW, (8,)).apexes([]) == (BELOW,)


@pytest.mark.parametrize("cut", [(0,), (16,), (8, 8), (9, 8), (-1,)])
def test_cuts_are_digits_in_order(cut: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="ascending numbers of digits from 1 to 15"):
        IdentityTree(BELOW, cut)

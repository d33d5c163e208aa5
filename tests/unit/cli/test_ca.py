"""`lab ca` offers what there is, although it answers `--help` without loading it."""

from lab.cli import ca
from lab.pki.crl import REASONS
from lab.pki.keys import KEY_TYPES
from lab.pki.profiles import LEAF_PROFILES


def test_the_choices_are_those_of_the_tables() -> None:
    assert tuple(KEY_TYPES) == ca._KEYS
    assert tuple(LEAF_PROFILES) == ca._PROFILES
    assert tuple(REASONS) == ca._REASONS

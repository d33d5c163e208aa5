"""What a test may say of a zone is what `zones/hierarchy.toml` may say of its signing."""

from lab.testing.zones import ZoneSettings
from lab.world.policy import POLICY_KEYS


def test_a_zone_is_signed_in_the_words_of_a_hierarchy() -> None:
    assert set(ZoneSettings.__annotations__) == {"signed", *POLICY_KEYS}

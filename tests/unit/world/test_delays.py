"""What `key_life` of a zone may say."""

import pytest

from lab.core.errors import ZoneError
from lab.world.delays import Delays, FirstDs, read_delays


def test_without_a_word_the_first_ds_is_given_by_hand() -> None:
    assert read_delays({}, "h:1") == Delays(first_ds=FirstDs.BY_HAND)


def test_a_parent_may_look_by_itself() -> None:
    assert read_delays({"first_ds": "by-signal"}, "h:1").first_ds is FirstDs.BY_SIGNAL


@pytest.mark.parametrize("value", ["by-fax", 1, ["by-hand"]])
def test_another_way_is_refused_by_file_and_line(value: object) -> None:
    with pytest.raises(ZoneError, match="expected first_ds = one of by-hand, by-signal") as caught:
        read_delays({"first_ds": value}, "h:1")
    assert caught.value.where == "h:1"

"""verdicts.toml: what others say of the specimens."""

import pytest

from lab.core.errors import ZoneError
from lab.world.verdicts import Verdicts, Who, read_verdicts
from tests.unit.world.test_specimens import tree

KNOT = """
[[differs]]
who = "kresd"
says = "bogus, 6, 9"
of = ["one"]
why = "it is so"
"""


def verdicts(text: str = KNOT) -> Verdicts:
    return read_verdicts(text, "verdicts.toml", tree())


def test_others_say_what_we_say_unless_it_is_listed() -> None:
    one, two = tree().specimens
    assert str(verdicts().of(Who.KRESD, one)) == "bogus, 6, 9"
    assert verdicts().of(Who.PDNS, one) == one.expected
    assert verdicts().of(Who.KRESD, two) == two.expected


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (KNOT.replace("kresd", "kreds"), "'kreds' is not a valid Who"),
        (KNOT.replace("bogus", "bad"), "'bad' is not a valid SecurityStatus"),
        (KNOT.replace('"one"', '"three"'), "there is no specimen 'three'"),
        (KNOT.replace("bogus, 6, 9", "bogus, 10"), "of one ours says the same"),
        (KNOT.replace("why =", "because ="), r"expected the keys who, says, of, why"),
        (KNOT + KNOT, "one is listed twice for kresd"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(text: str, what: str) -> None:
    with pytest.raises(ZoneError, match=what) as caught:
        verdicts(text)
    assert caught.value.where.startswith("verdicts.toml:")

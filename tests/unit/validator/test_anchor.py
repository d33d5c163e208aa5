import pytest
from dns.name import from_text

from lab.core.errors import InputError
from lab.validator.anchor import TrustAnchor, closest_anchor, parse_anchors

DS = "20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
DNSKEY = "257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4="
TEXT = f"""; the root
. IN DS {DS}
example. 3600 IN DNSKEY {DNSKEY} ; an island

example. DS {DS}
"""


def test_anchors_are_collected_by_their_apex() -> None:
    top, island = parse_anchors(TEXT, "anchors.txt")
    assert (top.apex, len(top.ds), top.dnskeys) == (from_text("."), 1, ())
    assert (island.apex, len(island.ds), len(island.dnskeys)) == (from_text("example."), 1, 1)
    assert top.ds[0].key_tag == 20326


def test_no_text_holds_no_anchor() -> None:
    assert parse_anchors("\n; nothing\n", "anchors.txt") == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("www.example. A 192.0.2.1", "a DS or a DNSKEY, not A"),
        (". DS 1 8 2 00", "this is no trust anchor"),
        (". DS", "this is no trust anchor"),
        ("nonsense", "this is no trust anchor"),
    ],
)
def test_a_mistake_is_named_with_its_line(line: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse_anchors(f". DS {DS}\n\n{line}\n", "anchors.txt")
    assert caught.value.where == "anchors.txt:3"


@pytest.mark.parametrize(
    ("name", "apex"),
    [("example.", "example."), ("a.b.example.", "example."), ("exam.", "."), (".", ".")],
)
def test_the_deepest_anchor_above_a_name_counts(name: str, apex: str) -> None:
    anchors = parse_anchors(TEXT, "anchors.txt")
    found = closest_anchor(anchors, from_text(name))
    assert found is not None
    assert found.apex == from_text(apex)


def test_there_may_be_no_anchor_above_a_name() -> None:
    assert closest_anchor((TrustAnchor(from_text("fr.")),), from_text("lab.")) is None


def test_several_anchors_of_one_apex_are_one() -> None:
    """RFC 4035 section 5: any of the keys may start a chain, in whichever list it stands."""
    top, island = parse_anchors(TEXT, "anchors.txt")
    key = TrustAnchor(top.apex, (), island.dnskeys)
    for anchors in ((top, key, island), (key, island, top)):
        assert closest_anchor(anchors, from_text("fr.")) == TrustAnchor(
            top.apex, top.ds, island.dnskeys
        )

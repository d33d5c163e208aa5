import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from lab.core.sequence import Message, Sequence
from lab.present import sequence_svg
from lab.present.sequence import to_text

JOIN = Sequence(
    "a join",
    (
        Message(0, "device", "gateway", "Join-Request", "DevNonce 1"),
        Message(1, "gateway", "tsp.ns", "PUSH_DATA"),
        Message(9, "tsp.ns", "afnic.js", "JoinReq"),
        Message(12, "afnic.js", "afnic.js", "is the DevNonce new?"),
        Message(15, "afnic.js", "tsp.ns", "JoinAns", "Result", "UnknownSender"),
        Message(5001, "tsp.ns", "device", "Join-Accept"),
    ),
    first=("device", "gateway", "nobody"),
)
PARTIES = st.sampled_from(["device", "gateway", "tsp.ns", "DNS", "afnic.js", "é"])
WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30)
MESSAGES = st.builds(
    Message, st.integers(0, 10**6), PARTIES, PARTIES, WORDS, WORDS, WORDS | st.just("")
)


def test_everybody_has_a_column_in_the_order_of_their_appearance() -> None:
    assert JOIN.parties == ("device", "gateway", "tsp.ns", "afnic.js")


def test_the_text_has_a_line_for_each_message_with_its_direction() -> None:
    lines = to_text(JOIN).splitlines()[3:]
    assert len(lines) == len(JOIN.messages)
    assert "─ Join-Request ▶│" in lines[0]
    assert lines[0].endswith("DevNonce 1")
    assert "* is the DevNonce new?" in lines[3]
    assert "│✗ JoinAns ─│" in lines[4]
    assert lines[4].endswith("Result: UnknownSender")
    assert "│◀──" in lines[5]
    assert lines[5].startswith("+5 001 ms")


def test_a_terminal_without_line_characters_gets_plain_ones() -> None:
    drawn = to_text(JOIN, ascii_only=True)
    assert drawn.isascii()
    assert "- Join-Request >|" in drawn


def test_the_picture_says_in_words_what_colour_says() -> None:
    drawn = sequence_svg.render(JOIN)
    assert "JoinAns: refused" in drawn
    assert "stroke-dasharray" in drawn


def _right(drawn: str, tag: str) -> float:
    boxes = [one for one in ET.fromstring(drawn).iter() if one.tag.endswith(tag)]  # noqa: S314 ours
    return max(float(one.get("x", 0)) + float(one.get("width", 0)) for one in boxes if one.get("x"))


def test_the_box_of_the_last_party_is_not_cut_off() -> None:
    last = Message(0, "tsp.ns", "gateway polytechnique", "PULL_RESP")
    drawn = sequence_svg.render(Sequence("short", (last,)))
    assert _right(drawn, "rect") < float(ET.fromstring(drawn).get("width", 0))  # noqa: S314 ours


def test_a_long_reason_takes_two_lines_and_does_not_make_the_picture_wide() -> None:
    reason = "by us: usable TLSA records, none of which matches; js.afnic.fr.: it does not hold"
    one = sequence_svg.render(Sequence("refused", (Message(0, "a", "b", "JoinReq", reason),)))
    root = ET.fromstring(one)  # noqa: S314 our own text
    said = [text.text or "" for text in root.iter() if text.get("fill") == "#444444"]
    assert " ".join(said) == reason
    assert len(said) == 2
    assert float(root.get("width", 0)) < 700


def test_an_arrow_is_drawn_over_the_halo_of_its_words() -> None:
    drawn = sequence_svg.render(JOIN)
    assert drawn.index(">Result: UnknownSender<") < drawn.rindex('stroke="#b00020"')


@given(st.lists(MESSAGES, max_size=8))
def test_no_label_is_cut_and_the_picture_is_xml(messages: list[Message]) -> None:
    drawn = Sequence("any", tuple(messages))
    lines = to_text(drawn).splitlines()[3:]
    assert all(one.label in line for one, line in zip(messages, lines, strict=True))
    ET.fromstring(sequence_svg.render(drawn))  # noqa: S314 our own text

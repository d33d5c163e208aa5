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


@given(st.lists(MESSAGES, max_size=8))
def test_no_label_is_cut_and_the_picture_is_xml(messages: list[Message]) -> None:
    drawn = Sequence("any", tuple(messages))
    lines = to_text(drawn).splitlines()[3:]
    assert all(one.label in line for one, line in zip(messages, lines, strict=True))
    ET.fromstring(sequence_svg.render(drawn))  # noqa: S314 our own text

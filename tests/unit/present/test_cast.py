import json

from lab.present.cast import Piece, Screen, render


def test_a_recording_has_a_header_and_a_line_for_each_piece() -> None:
    screen = Screen(80, 24, 1764140000, "a lesson")
    text = render(screen, (Piece(0.5, "\x1b[1mé\x1b[0m\n"), Piece(2.25, "end\r\n")))
    header, *pieces = (json.loads(line) for line in text.splitlines())
    assert header == {
        "version": 2,
        "width": 80,
        "height": 24,
        "timestamp": 1764140000,
        "title": "a lesson",
    }
    assert pieces == [[0.5, "o", "\x1b[1mé\x1b[0m\r\n"], [2.25, "o", "end\r\n"]]

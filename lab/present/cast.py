"""What a terminal showed, with its times, in the format of asciinema (asciicast v2).

One JSON object with the size of the terminal, then a line for each piece of output. Any player of
that format shows it again; it is text, and so can be searched and copied.
"""

import json
from collections.abc import Iterable

from lab.core.frozen import dataclass

VERSION = 2


@dataclass(frozen=True, slots=True)
class Screen:
    """Describe the terminal.

    Attributes:
        width: columns.
        height: lines.
        began: Unix time at which the recording starts, seconds.
        title: of the recording.
    """

    width: int
    height: int
    began: int
    title: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold one piece of output.

    Attributes:
        after: seconds since the recording started.
        text: as it was written, with the terminal's escape sequences.
    """

    after: float
    text: str


def render(screen: Screen, pieces: Iterable[Piece]) -> str:
    """Return a recording of *pieces* as the text of a `.cast` file."""
    header = {
        "version": VERSION,
        "width": screen.width,
        "height": screen.height,
        "timestamp": screen.began,
        "title": screen.title,
    }
    # A terminal in its usual mode makes CR LF of each LF; a player does not.
    lines = (
        [round(one.after, 6), "o", one.text.replace("\r\n", "\n").replace("\n", "\r\n")]
        for one in pieces
    )
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in (header, *lines))

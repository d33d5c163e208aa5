"""Write to the terminal, and take down what it shows and when."""

from collections.abc import Callable
from typing import TextIO

from lab.present.cast import Piece, Screen, render


class Tee:
    """Stand for standard output; what is written goes there and into a recording."""

    def __init__(self, terminal: TextIO, seconds: Callable[[], float]) -> None:
        """Write to *terminal*; *seconds* is a clock that only goes forward."""
        self._terminal = terminal
        self._seconds = seconds
        self._began = seconds()
        self._pieces: list[Piece] = []

    @property
    def encoding(self) -> str:
        """Return that of the terminal."""
        return self._terminal.encoding

    def write(self, text: str, /) -> int:
        """Write *text*, and take it down."""
        self.typed(text)
        return self._terminal.write(text)

    def typed(self, text: str) -> None:
        """Take down what the terminal shows by itself: a line that somebody types."""
        if text:
            self._pieces.append(Piece(self._seconds() - self._began, text))

    def flush(self) -> None:
        """Let the terminal show what it has."""
        self._terminal.flush()

    def isatty(self) -> bool:
        """Tell whether there is a terminal behind it: then there are colours."""
        return self._terminal.isatty()

    def cast(self, screen: Screen) -> str:
        """Return the recording as the text of a `.cast` file."""
        return render(screen, self._pieces)

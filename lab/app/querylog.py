"""Where the queries of a running lab are written: lines for people, JSON lines, dnstap."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from io import FileIO
from pathlib import Path
from typing import Protocol

from twisted.logger import Logger, LogLevel

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.nameserver.event import QueryEvent
from lab.present.dnstap import frames, start_frame, stop_frame
from lab.present.event import event_line, event_to_json

log = Logger()

LINES_A_SECOND = 20
FILE_MODE = 0o600

OnQuery = Callable[[QueryEvent], None]
"""Is told of each query, when all of its answer was made."""


class Watched(Protocol):
    """Tell of queries.

    Attributes:
        on_query: who is told of each.
    """

    on_query: list[OnQuery]


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Say which files queries are written to.

    Attributes:
        json_lines: one JSON object a line; None for no file.
        dnstap: Frame Streams; None for no file.
        identity: what dnstap calls this server.
        version: what dnstap calls this software.
    """

    json_lines: Path | None = None
    dnstap: Path | None = None
    identity: str = ""
    version: str = ""


class QueryLog:
    """Describe queries and answers in lines; under load it counts what it leaves out."""

    def __init__(self, show: Callable[[str], None], seconds: Callable[[], float]) -> None:
        """Give each line to *show*; *seconds* is the real time, to keep the pace."""
        self._show = show
        self._seconds = seconds
        self._second = 0
        self._shown = 0
        self._left_out = 0

    def __call__(self, event: QueryEvent) -> None:
        """Describe one query, if there is room for a line."""
        if self._has_room():
            self._show(event_line(event))

    def _has_room(self) -> bool:
        second = int(self._seconds())
        if second != self._second:
            if self._left_out:
                self._show(f"… and {self._left_out} more queries")
            self._second, self._shown, self._left_out = second, 0, 0
        if self._shown >= LINES_A_SECOND:
            self._left_out += 1
            return False
        self._shown += 1
        return True


class EventFile:
    """Write each event to a file; a file that cannot be written is given up with one warning."""

    def __init__(
        self, path: Path, octets_of: Callable[[QueryEvent], bytes], ends: tuple[bytes, bytes]
    ) -> None:
        """Open *path*, which begins and ends with *ends*.

        Raises:
            InputError: it cannot be opened.
        """
        self._octets_of, self._last = octets_of, ends[1]
        try:
            # Unbuffered: what was answered stands in the file, even if the lab is killed.
            self._file: FileIO | None = FileIO(path, "ab", opener=_opened)
        except OSError as error:
            reason = error.strerror
            raise InputError(f"cannot write a log of queries: {reason}", str(path)) from error
        self._write(ends[0])

    def __call__(self, event: QueryEvent) -> None:
        """Write one event."""
        self._write(self._octets_of(event))

    def close(self) -> None:
        """End the file."""
        self._write(self._last)
        if self._file is not None:
            self._file.close()

    def _write(self, octets: bytes) -> None:
        if self._file is None or not octets:
            return
        try:
            self._file.write(octets)
        except OSError as error:
            text = "the log of queries is given up: {reason}"
            log.emit(LogLevel.warn, text, reason=error.strerror)
            self._file.close()
            self._file = None


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)


@contextmanager
def logging_to(files: LogFiles, lab: Watched) -> Iterator[None]:
    """Write the queries of *lab* to *files* as long as the block lasts.

    Raises:
        InputError: a file cannot be opened.
    """

    def json_line(event: QueryEvent) -> bytes:
        return json.dumps(event_to_json(event), ensure_ascii=False).encode() + b"\n"

    def dnstap(event: QueryEvent) -> bytes:
        return b"".join(frames(event, files.identity.encode(), files.version.encode()))

    with ExitStack() as stack:
        if files.json_lines is not None:
            opened = EventFile(files.json_lines, json_line, (b"", b""))
            lab.on_query.append(stack.enter_context(closing(opened)))
        if files.dnstap is not None:
            # A file of Frame Streams has one beginning, so that it cannot be continued.
            files.dnstap.unlink(missing_ok=True)
            opened = EventFile(files.dnstap, dnstap, (start_frame(), stop_frame()))
            lab.on_query.append(stack.enter_context(closing(opened)))
        yield

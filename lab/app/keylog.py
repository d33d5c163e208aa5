"""A key log in a file, for Wireshark."""

import os
import stat
from io import FileIO
from pathlib import Path

from twisted.logger import Logger, LogLevel

from lab.core.errors import InputError

log = Logger()

_OWNER_ONLY = 0o600


class KeyLogFile:
    """Append secrets to a file that nobody but its owner can read."""

    def __init__(self, path: Path) -> None:
        """Open *path*.

        Raises:
            InputError: it cannot be opened.
        """
        try:
            # Unbuffered: Wireshark reads along.
            self._file: FileIO | None = FileIO(path, "ab", opener=_opened)
        except OSError as error:
            reason = error.strerror
            raise InputError(f"cannot write a key log: {reason}", str(path)) from error

    def __call__(self, line: str) -> None:
        """Write one line."""
        if self._file is None:
            return
        try:
            self._file.write(f"{line}\n".encode("ascii"))
        except OSError as error:
            log.emit(LogLevel.warn, "the key log is given up: {reason}", reason=error.strerror)
            self.close()

    def close(self) -> None:
        """Write no more."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _opened(path: str, flags: int) -> int:
    descriptor = os.open(path, flags, _OWNER_ONLY)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        # It may have been there before, for all to read.
        os.fchmod(descriptor, _OWNER_ONLY)
    return descriptor

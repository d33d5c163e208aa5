"""Where a lab is found: its folder, as whoever wants to ask it knows it.

What is in the folder, and who may change it, is told by `app/state.py`.
"""

import os
from pathlib import Path
from typing import NamedTuple

# Linux takes at most 107 octets for the path of a Unix socket, other systems a few less.
_SOCKET_PATH_LIMIT = 100


class Place(NamedTuple):
    """Name the state folder of a lab.

    It is no dataclass, as loading these takes longer than asking a lab.

    Attributes:
        path: the folder, e.g. `.lab`.
    """

    path: Path

    @property
    def run_file(self) -> Path:
        """Return where a running lab describes itself, as `lab status --json` prints it."""
        return self.path / "run.json"

    @property
    def socket(self) -> Path:
        """Return the control socket of a running lab."""
        socket = self.path.resolve() / "control.sock"
        octets = os.fsencode(socket)
        if len(octets) <= _SOCKET_PATH_LIMIT:
            return socket
        from hashlib import sha256  # noqa: PLC0415 for folders that lie deep
        from tempfile import gettempdir  # noqa: PLC0415 as above

        name = sha256(octets).hexdigest()[:16]
        return Path(gettempdir()) / f"lab-{os.getuid()}-{name}.sock"

    def file(self, name: str) -> Path:
        """Return the path of one of the files for other programs, e.g. `anchor.ds`."""
        return self.path / name

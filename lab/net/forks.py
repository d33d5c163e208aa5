"""Forks of this process that do a part of its work, and end when it ends.

A fork has all that the first process had at that moment, keys among it: nothing is handed over, on
no command line and in no file. It keeps the sockets it is given and closes all others, so that the
end of the first process is the end of what it listens to.
"""

import os
import signal
import stat
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path


def fork(sockets: Iterable[int], work: Callable[[], object]) -> int:
    """Let a fork do *work*, with *sockets* (file descriptors) alone, and return its process ID."""
    pid = os.fork()
    if pid == 0:
        _become(set(sockets), work)
    return pid


def _become(sockets: set[int], work: Callable[[], object]) -> None:
    """Do *work*; never return."""
    try:
        # Who ends the first process, by Ctrl-C too, ends its forks by that.
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _leave_others(sockets)
        work()
    except BaseException:  # noqa: BLE001 nothing may get into the reactor's loop
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(0)


def _leave_others(own: set[int]) -> None:
    """Close all sockets that are not *own*: they shall end when the first process says so."""
    for path in tuple(Path("/dev/fd").iterdir()):
        number = int(path.name)
        with suppress(OSError):
            if number not in own and stat.S_ISSOCK(os.fstat(number).st_mode):
                os.close(number)

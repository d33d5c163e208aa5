"""A network namespace for each process that plays tests: a loopback, and a port 53, of its own."""

import ctypes
import os
from collections.abc import Callable

from lab.app.private import raise_loopback

_CLONE_NEWNET = 0x40000000


def leave_for_own_network() -> None:
    """Move this thread, and what it starts from now on, to a network of its own.

    Raises:
        OSError: this user may not.
    """
    # os.unshare comes with Python 3.12.
    unshare: Callable[[int], int] = ctypes.CDLL(None, use_errno=True).unshare
    if unshare(_CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "unshare")
    raise_loopback()

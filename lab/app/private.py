"""A loopback of one's own: the lab and a shell in a fresh network namespace, without root.

`unshare -rn` makes a user namespace, in which this user is root, and a network namespace whose
only interface is a loopback that is down. There port 53 is free, and nothing leads outside.
"""

import fcntl
import os
import shutil
import socket
import struct
import sys

from lab.core.errors import LabError

_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1
_IFREQ = struct.Struct("16sH14x")


def enter(arguments: list[str]) -> None:
    """Replace this process by `lab` with *arguments* in a namespace of its own; never returns.

    Raises:
        LabError: this machine does not let users make namespaces.
    """
    unshare = shutil.which("unshare")
    if unshare is None:
        raise LabError("--private needs the program `unshare` (Debian package util-linux)")
    command = [unshare, "--map-root-user", "--net", "--", sys.executable, "-m", "lab", *arguments]
    os.execv(unshare, command)  # noqa: S606 no shell is wanted


def raise_loopback() -> None:
    """Switch the loopback interface on.

    Raises:
        LabError: this process may not, so it is not in a namespace of its own.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        try:
            request = fcntl.ioctl(handle, _SIOCGIFFLAGS, _IFREQ.pack(b"lo", 0))
            _, flags = _IFREQ.unpack(request)
            fcntl.ioctl(handle, _SIOCSIFFLAGS, _IFREQ.pack(b"lo", flags | _IFF_UP))
        except OSError as error:
            raise LabError(f"cannot switch on the private loopback: {error.strerror}") from error

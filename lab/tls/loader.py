"""Which libssl is loaded: the machine's own, or the one that the user names.

A process has one choice for all its connections; tests may hold several libraries at once.
"""

from ctypes import CDLL
from functools import lru_cache

from lab.core.errors import InputError, UnsupportedError
from lab.core.frozen import dataclass
from lab.tls.libssl import Library


@dataclass(frozen=True, slots=True)
class Files:
    """Name a pair of shared libraries, as paths or as the machine's loader knows them.

    Attributes:
        ssl: libssl.
        crypto: the libcrypto that belongs to it; empty: the one that libssl itself brings along.
    """

    ssl: str
    crypto: str = ""


_MACHINE = (
    Files("libssl.so.3", "libcrypto.so.3"),
    Files("libssl.so.4", "libcrypto.so.4"),
    Files("libssl.3.dylib", "libcrypto.3.dylib"),
)
_CHOSEN: list[Library] = []


def load(files: Files | None = None) -> Library:
    """Return the library of *files*; without them the one that was chosen, else the machine's.

    Raises:
        InputError: *files* cannot be loaded, or do not belong together.
        UnsupportedError: they are no OpenSSL 3.0 or later; or the machine has none.
    """
    if files is not None:
        return _named(files)
    return _CHOSEN[0] if _CHOSEN else _of_the_machine()


def choose(files: Files) -> None:
    """Let all contexts that this process makes from now on use *files*.

    Raises:
        LabError: as `load`; then nothing has changed.
    """
    _CHOSEN[:] = [load(files)]


@lru_cache
def _named(files: Files) -> Library:
    try:
        # First libcrypto, so that libssl finds the one that belongs to it.
        crypto = CDLL(files.crypto) if files.crypto else None
        ssl = CDLL(files.ssl)
    except OSError as error:
        raise InputError(f"this TLS library cannot be loaded: {error}") from error
    # What a library brings along can be found through it.
    return Library(ssl, crypto or ssl, files.ssl)


@lru_cache(maxsize=1)
def _of_the_machine() -> Library:
    for files in _MACHINE:
        try:
            libraries = CDLL(files.ssl), CDLL(files.crypto)
        except OSError:
            continue
        return Library(*libraries, files.ssl)
    wanted = " or ".join(one.ssl for one in _MACHINE)
    raise UnsupportedError(
        f"TLS needs a shared OpenSSL library ({wanted}); on Debian it is in the package libssl3"
    )

"""The newer OpenSSL beside the machine's: a wheel of the test tools carries one."""

import sys
from functools import lru_cache
from pathlib import Path

from lab.tls.libssl import Library
from lab.tls.loader import Files, load
from tests.e2e.running import miss

# Those of Linux, and of macOS.
_PLACES = ("psycopg_binary.libs/libssl*", "psycopg_binary/.dylibs/libssl*")


def newer_files() -> Files:
    """Return where the newer libssl is; skips the test if the wheel does not carry one."""
    for folder in map(Path, sys.path):
        for place in _PLACES:
            for found in folder.glob(place):
                return Files(str(found))
    miss("psycopg-binary does not bring along a shared libssl here")
    raise AssertionError


@lru_cache(maxsize=1)
def newer() -> Library:
    """Return it, loaded beside the machine's."""
    return load(newer_files())

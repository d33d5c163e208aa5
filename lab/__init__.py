"""A DNSSEC and DANE lab that runs on one machine, offline: `lab up`.

For other programs it is a validating resolver: `from lab import resolve` (`lab.api` says more).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.api import Cache, Result, resolve, resolve_with

__all__ = ["Cache", "Result", "resolve", "resolve_with"]


def __getattr__(name: str) -> object:
    """Return a name of `lab.api`, which is only imported when it is used."""
    if name in __all__:
        return getattr(import_module("lab.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

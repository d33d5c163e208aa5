"""Finding libssl, and what is said when there is none."""

from ctypes import CDLL
from types import SimpleNamespace
from typing import cast

import pytest

from lab.core.errors import UnsupportedError
from lab.tls import libssl


def test_the_machine_s_libssl_is_recent_enough() -> None:
    assert libssl.load().version.startswith("OpenSSL ")
    assert libssl.load() is libssl.load()


def test_without_a_shared_libssl_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libssl, "_NAMES", (("libssl.so.nowhere", "libcrypto.so.nowhere"),))
    with pytest.raises(UnsupportedError, match="libssl3"):
        libssl.load.__wrapped__()


class _Old:
    """Stand for libraries of OpenSSL 1.1."""

    def __getattr__(self, name: str) -> object:
        values = {"OpenSSL_version_num": 0x1010117F, "OpenSSL_version": b"OpenSSL 1.1.1w"}

        class Function(SimpleNamespace):
            def __call__(self, *_: object) -> object:
                return values.get(name)

        function = Function()
        setattr(self, name, function)
        return function


def test_an_old_libssl_is_refused_by_name() -> None:
    old = cast("CDLL", _Old())
    with pytest.raises(UnsupportedError, match=r"OpenSSL 1\.1\.1w is too old"):
        libssl.Library(old, old)

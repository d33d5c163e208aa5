"""Finding libssl, and what is said when there is none, or a wrong one."""

from collections.abc import Iterator
from ctypes import CDLL
from types import SimpleNamespace
from typing import cast

import pytest

from lab.core.errors import InputError, UnsupportedError
from lab.tls import loader
from lab.tls.context import ClientRole, Context
from lab.tls.libssl import Library
from lab.tls.loader import Files, choose, load
from tests.unit.tls.newer import newer, newer_files


@pytest.fixture
def undone() -> Iterator[None]:
    """Take the choice of a test back."""
    yield
    loader._CHOSEN.clear()


def test_the_machine_s_libssl_is_recent_enough() -> None:
    assert load().version.startswith("OpenSSL ")
    assert load() is load()


def test_without_a_shared_libssl_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_MACHINE", (Files("libssl.so.nowhere", "libcrypto.so.nowhere"),))
    with pytest.raises(UnsupportedError, match="libssl3"):
        loader._of_the_machine.__wrapped__()


def test_two_libraries_live_in_one_process() -> None:
    assert newer().version != load().version
    assert newer().file == newer_files().ssl


@pytest.mark.usefixtures("undone")
def test_what_is_chosen_is_used_by_all_contexts() -> None:
    choose(newer_files())
    assert Context(ClientRole()).library is newer()


@pytest.mark.usefixtures("undone")
def test_a_choice_that_cannot_be_loaded_changes_nothing() -> None:
    before = load()
    with pytest.raises(InputError, match=r"/nowhere/libssl\.so"):
        choose(Files("/nowhere/libssl.so"))
    assert load() is before


def test_a_library_that_is_something_else_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match=r"libm\.so\.6 is no OpenSSL"):
        load(Files("libm.so.6"))


def test_two_halves_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(InputError, match="does not use that libcrypto"):
        load(Files(newer_files().ssl, "libcrypto.so.3"))


class _Old:
    """Stand for libraries of OpenSSL 1.1, which lack a function that we need."""

    def __getattr__(self, name: str) -> object:
        values = {"OpenSSL_version_num": 0x1010117F, "OpenSSL_version": b"OpenSSL 1.1.1w"}
        if name not in values:
            raise AttributeError(name)

        class Function(SimpleNamespace):
            def __call__(self, *_: object) -> object:
                return values[name]

        return Function()


def test_an_old_libssl_is_refused_by_its_version() -> None:
    old = cast("CDLL", _Old())
    with pytest.raises(UnsupportedError, match=r"OpenSSL 1\.1\.1w is too old"):
        Library(old, old)

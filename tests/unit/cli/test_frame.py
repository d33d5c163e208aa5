"""`lab` itself: what all commands share."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from lab.cli.frame import main
from lab.tls import loader
from tests.unit.tls.newer import newer, newer_files


def lab(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "fault", "tree", "--json"], env=environment)


@pytest.fixture(autouse=True)
def _undone() -> Iterator[None]:
    """Take the choice of a test back."""
    yield
    loader._CHOSEN.clear()


def test_the_library_for_tls_is_an_option() -> None:
    done = lab("--libssl", newer_files().ssl)
    assert json.loads(done.output)
    assert loader.load() is newer()


def test_the_library_for_tls_may_stand_in_the_environment() -> None:
    assert lab(LAB_LIBSSL=newer_files().ssl).exit_code == 0
    assert loader.load() is newer()


def test_a_library_that_is_not_there_is_one_sentence() -> None:
    done = lab("--libssl", "/nowhere/libssl.so")
    assert done.exit_code == 3
    assert done.output.startswith("lab: this TLS library cannot be loaded: /nowhere/libssl.so")


def test_a_libcrypto_alone_is_a_mistake() -> None:
    assert "only with --libssl" in lab(LAB_LIBCRYPTO="/nowhere/libcrypto.so").output

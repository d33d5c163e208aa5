"""A real lab as a subprocess, and other people's programs as referees."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.apart import leave_for_own_network
from tests.e2e.running import (
    Lab,
    Resolver,
    Tool,
    find,
    from_the_root,
    may_bind_53,
    miss,
    running_unbound,
    start,
    stop,
)


def pytest_configure(config: pytest.Config) -> None:
    """Give each of several processes (`-n`) a network of its own, as their labs use port 53."""
    if not hasattr(config, "workerinput"):
        return
    try:
        leave_for_own_network()
    except OSError as error:
        message = f"tests/e2e in several processes needs root, or `unshare -rn`: {error.strerror}"
        raise pytest.UsageError(message) from error


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab on free ports."""
    started = start(tmp_path_factory.mktemp("lab") / "state", "--port", "0", "--tls-port", "0")
    yield started
    assert "Traceback" not in stop(started)


@pytest.fixture
def own_lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab on free ports that a test may break."""
    started = start(tmp_path / "state", "--port", "0", "--tls-port", "0")
    yield started
    assert "Traceback" not in stop(started)


@pytest.fixture(scope="session")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab that is a resolver, too."""
    state = tmp_path_factory.mktemp("stub") / "state"
    started = start(state, "--port", "0", "--tls-port", "0", "--stub", "127.53.0.53")
    yield started
    assert "Traceback" not in stop(started)


@pytest.fixture(scope="session")
def lab_53(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab on port 53, where resolvers that follow glue look for it, with broken zones."""
    if not may_bind_53():
        miss("port 53 on 127.53.0.1 cannot be bound: run as root, with no other lab on it")
    state = tmp_path_factory.mktemp("lab53") / "state"
    started = start(state, "--port", "53", "--tls-port", "0", "--faults")
    yield started
    assert "Traceback" not in stop(started)


@pytest.fixture(scope="session")
def tool() -> Tool:
    """Run one of PACKAGES and return what it said; skip if it is not installed."""

    def run(
        name: str, *arguments: str, feed: str = "", check: bool = False
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [find(name), *arguments],
            input=feed,
            capture_output=True,
            text=True,
            check=check,
            timeout=50,
        )

    return run


@pytest.fixture(scope="session")
def unbound(lab_53: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resolver]:
    """A validating resolver that knows nothing but our root hints and our trust anchor."""
    folder = tmp_path_factory.mktemp("unbound")
    with running_unbound(lab_53, folder, from_the_root(lab_53, max_ttl=1)) as resolver:
        yield resolver

"""The pytest plugin: fixtures that open a lab for a test, a module or a session.

pytest imports this module by its entry point in every run, so it imports the rest of the package
only when a fixture is used. A test that fails shows the queries of its labs and the last verdict.
"""

from collections.abc import Generator, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

import pytest

if TYPE_CHECKING:
    from lab.testing.lab import Lab

FIXTURES = ("dnssec_lab", "dnssec_lab_module", "dnssec_lab_session")


class LabOptions(TypedDict, total=False):
    """Name the arguments of `Lab`."""

    seed: str | None
    now: int | datetime | None
    port: int


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the settings of pytest.ini or pyproject.toml."""
    parser.addini("dnssec_lab_seed", "the same keys and certificates in each run", default="")
    parser.addini("dnssec_lab_now", "when the lab's clock stands still, in ISO 8601", default="")
    parser.addini("dnssec_lab_port", "of the lab's servers; 0: any free one", default="0")


@pytest.fixture(scope="session")
def dnssec_lab_options(pytestconfig: pytest.Config) -> LabOptions:
    """Return the arguments of every `Lab` that the fixtures open; override it for other ones."""
    seed, now = pytestconfig.getini("dnssec_lab_seed"), pytestconfig.getini("dnssec_lab_now")
    return {
        "seed": seed or None,
        "now": _moment(now) if now else None,
        "port": _port(pytestconfig.getini("dnssec_lab_port")),
    }


def _port(text: str) -> int:
    if not text.isdecimal():
        raise pytest.UsageError(f"dnssec_lab_port: expected a number, not {text!r}")
    return int(text)


def _moment(text: str) -> int:
    from lab.app.moment import moment  # noqa: PLC0415 as the docstring of this module says

    return moment(text, "dnssec_lab_now")


def _opened(options: LabOptions) -> Iterator["Lab"]:
    from lab.testing.lab import Lab  # noqa: PLC0415 as the docstring of this module says

    with Lab(**options) as lab:
        yield lab


@pytest.fixture
def dnssec_lab(dnssec_lab_options: LabOptions) -> Iterator["Lab"]:
    """Give a private tree of signed zones, with a resolver, for one test: see `lab.testing`."""
    yield from _opened(dnssec_lab_options)


@pytest.fixture(scope="module")
def dnssec_lab_module(dnssec_lab_options: LabOptions) -> Iterator["Lab"]:
    """Give one for all tests of a module."""
    yield from _opened(dnssec_lab_options)


@pytest.fixture(scope="session")
def dnssec_lab_session(dnssec_lab_options: LabOptions) -> Iterator["Lab"]:
    """Give one for all tests of a session; with pytest-xdist each worker has its own."""
    yield from _opened(dnssec_lab_options)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a test that failed what its labs saw."""
    report = yield
    if report.failed:
        fixtures = getattr(item, "funcargs", {})
        for lab in (fixtures[name] for name in FIXTURES if name in fixtures):
            report.sections += lab.sections()
    return report

"""Settings that all test rooms share."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile(
    "ci",
    max_examples=500,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

CONFORMANCE = Path(__file__).parent / "conformance"
CASES = Path(__file__).parents[2] / "shared" / "conformance"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With LAB_REQUIRE=all a skipped test is a failed run; cases that are not there excepted."""
    if os.environ.get("LAB_REQUIRE") != "all":
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    for report in reporter.stats.get("skipped", []):
        if CASES.is_dir() or not report.nodeid.startswith("tests/conformance/"):
            reporter.write_line(f"LAB_REQUIRE=all, but skipped: {report.nodeid}", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

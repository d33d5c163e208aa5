"""The pytest plugin in test runs of its own, as developers of clients have them."""

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

README = Path(__file__).parents[2] / "README.md"
# Whatever else is installed for our own tests takes its time to start.
ALONE = ("hypothesispytest", "pytest_cov", "randomly", "cacheprovider")
SETTINGS = "[pytest]\ndnssec_lab_seed = s\ndnssec_lab_now = 2027-01-15T08:00:00Z\n"

SUITE = """
    import pytest

    seen = []


    def test_tree(dnssec_lab):
        zone = dnssec_lab.zone("shop.example")
        zone.add("_443._tcp.www TLSA 3 1 1 " + "ab" * 32)
        assert dnssec_lab.validate("_443._tcp.www.shop.example", "TLSA").secure
        zone.fault("rrsig-expired")
        assert not dnssec_lab.validate("_443._tcp.www.shop.example", "TLSA").secure


    @pytest.mark.parametrize("number", range(2))
    def test_scopes(number, dnssec_lab, dnssec_lab_module, dnssec_lab_session):
        labs = dnssec_lab, dnssec_lab_module, dnssec_lab_session
        assert [one is two for one, two in zip(labs, seen)] == [False, True, True][:len(seen)]
        seen.extend(labs)


    @pytest.mark.parametrize("number", range(2))
    def test_settings(number, dnssec_lab, dnssec_lab_session):
        assert dnssec_lab.clock.now() == 1800000000
        assert dnssec_lab.trust_anchor.read_text() == dnssec_lab_session.trust_anchor.read_text()


    def test_wrong(dnssec_lab):
        zone = dnssec_lab.zone("shop.example")
        zone.fault("rrsig-expired", type="SOA")
        assert dnssec_lab.validate("shop.example", "SOA").secure


    def test_wrong_without_lab():
        raise AssertionError("something else")
"""

FIFTY = """
    import threading

    import dns.flags
    import dns.message
    import dns.query
    import pytest


    @pytest.fixture(scope="session", autouse=True)
    def nothing_is_left_behind():
        yield
        assert [one for one in threading.enumerate() if one.name == "dnssec-lab"] == []


    @pytest.mark.parametrize("number", range(50))
    def test_each_client_meets_its_own_tree(dnssec_lab, number):
        zone = dnssec_lab.zone("shop.example")
        zone.add(f"www A 192.0.2.{number}")
        query = dns.message.make_query(zone.name("www"), "A", want_dnssec=True)
        address, port = dnssec_lab.resolver
        answer = dns.query.udp(query, address, port=port, timeout=20)
        assert answer.answer[0][0].address == f"192.0.2.{number}"
        assert answer.flags & dns.flags.AD
        assert dnssec_lab.trust_anchor.exists()
"""


def played(folder: Path, files: dict[str, str], *options: str) -> str:
    """Return what pytest says about *files* of tests; it shares nothing with this run."""
    for name, source in files.items():
        (folder / name).write_text(dedent(source), encoding="utf-8")
    left = folder / "left"
    left.mkdir()
    without = [f"-pno:{one}" for one in ALONE]
    # A socket or file that nobody closed is an error.
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-W", "error", "-v", *without, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
        env={**os.environ, "TMPDIR": str(left)},
    )
    assert not list(left.glob("dnssec-lab-*"))
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says about SUITE and the example of the README."""
    readme = README.read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n([^`]*dnssec_lab[^`]*)```", readme)
    files = {"pytest.ini": SETTINGS, "test_it.py": SUITE, "test_readme.py": example}
    return played(tmp_path_factory.mktemp("plugin"), files)


def test_a_test_gets_a_private_signed_tree(told: str) -> None:
    assert "test_it.py::test_tree PASSED" in told


def test_a_lab_lives_as_long_as_its_scope(told: str) -> None:
    assert told.count("::test_scopes") == 2
    assert "test_scopes[1] PASSED" in told


def test_settings_freeze_the_clock_and_the_keys(told: str) -> None:
    assert told.count("test_it.py::test_settings[") == 2
    assert "test_settings[1] PASSED" in told


def test_the_example_of_the_readme_passes(told: str) -> None:
    assert re.findall(r"test_readme\.py::test_\w+ (\w+)", told) == ["PASSED", "PASSED"], told


def failure(told: str, test: str) -> str:
    """Return what is said of a test that failed."""
    return re.split(r"\n_{5,} \w+ _{5,}\n", told.partition(f"_ {test} _")[2])[0]


def test_a_test_that_fails_shows_queries_and_the_verdict(told: str) -> None:
    shown = failure(told, "test_wrong")
    assert re.search(
        r"- dnssec_lab: queries -+\n127\S+ asks 127\S+  EXAMPLE\. ", shown, re.IGNORECASE
    )
    assert "- dnssec_lab: last validation -" in shown
    assert "does not hold: now is at the expiration or before it  RFC 4035" in shown


def test_a_test_without_a_lab_shows_nothing_of_one(told: str) -> None:
    shown = failure(told, "test_wrong_without_lab")
    assert "something else" in shown
    assert "dnssec_lab:" not in shown


def test_fifty_labs_in_parallel_do_not_meet(tmp_path: Path) -> None:
    said = played(tmp_path, {"test_it.py": FIFTY, "pytest.ini": "[pytest]\n"}, "-q", "-n4")
    assert "50 passed" in said, said


def test_a_run_without_a_lab_loads_little() -> None:
    code = (
        "import sys, lab.testing.plugin; print(*(m for m in sys.modules if 'lab' in m.split('.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"lab", "lab.testing", "lab.testing.plugin"}

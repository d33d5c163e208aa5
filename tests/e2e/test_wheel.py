"""The wheel: `pip install` somewhere else, and the lab comes up with its zones and scenarios."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel, and nothing of the checkout, was installed."""
    wheels = tmp_path_factory.mktemp("wheel")
    target = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    subprocess.run([*build, "--outdir", str(wheels), str(ROOT)], check=True, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*install, str(target), str(wheel)], check=True, capture_output=True)
    return target


def lab(installed: Path, cwd: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "lab", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_the_lab_comes_up_from_a_wheel(installed: Path, tmp_path: Path) -> None:
    done = lab(installed, tmp_path, "up", "--demo", "--port", "0", "--tls-port", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "netids.lora-alliance.org. SOA  secure" in done.stdout


def test_scenarios_travel_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    done = lab(installed, tmp_path, "run", "chain-of-trust")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_is_what_runs(installed: Path, tmp_path: Path) -> None:
    code = "import lab; print(lab.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(installed))


def test_the_pytest_plugin_travels_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    source = (
        "import lab\n"
        "def test_it(dnssec_lab):\n"
        f"    assert lab.__file__.startswith({str(installed)!r})\n"
        "    assert dnssec_lab.validate('example', 'SOA').status.value == 'secure'\n"
    )
    (tmp_path / "test_it.py").write_text(source, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-W", "error", "-q", "test_it.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

"""The report in HTML, opened by a browser: it is complete, quiet, and fits the screen."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running import Lab, find

# Looks at the report in a frame of the given width, and writes down what it measures.
PROBE = """<!DOCTYPE html><title>probe</title><pre></pre>
<iframe src="report.html" style="width:{width}px;height:900px;border:0"></iframe><script>
document.querySelector("iframe").addEventListener("load", event => {{
  const page = event.target.contentDocument;
  const area = box => box.width * box.height;
  const loaded = event.target.contentWindow.performance.getEntriesByType("resource");
  document.querySelector("pre").textContent = JSON.stringify({{
    pictures: [...page.querySelectorAll("svg")].map(one => area(one.getBoundingClientRect())),
    width: page.scrollingElement.scrollWidth,
    headings: [...page.querySelectorAll("h3")].map(one => one.textContent),
    loaded: loaded.map(one => one.name),
  }});
}});
</script>"""
LESSON = """
title = "A lesson"
step = [
  { do = "validate", name = "www.example.fr", type = "A", expect = "secure" },
  { do = "fault", fault = "rrsig-expired", owner = "www.example.fr", type = "A" },
  { do = "validate", name = "www.example.fr", type = "A", expect = "bogus" },
]
"""
QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--allow-file-access-from-files",
    "--enable-logging=stderr",
)


@dataclass(frozen=True)
class Seen:
    """What a browser has to say of a report."""

    page: dict[str, Any]
    complaints: list[str]


def look(folder: Path, width: int) -> Seen:
    probe = folder / f"probe-{width}.html"
    probe.write_text(PROBE.format(width=width))
    done = subprocess.run(
        [
            find("chromium"),
            *QUIET,
            f"--user-data-dir={folder / f'profile-{width}'}",
            "--virtual-time-budget=3000",
            "--dump-dom",
            probe.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=90,
    )
    found = re.search("<pre>(.*)</pre>", done.stdout)
    assert found is not None
    said = (one for one in done.stderr.splitlines() if "CONSOLE" in one)
    # The browser has pages of its own, which complain of slow machines.
    complaints = [one for one in said if "source: chrome:" not in one]
    return Seen(json.loads(found[1]), complaints)


@pytest.fixture(scope="module")
def folder(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    lesson = folder / "lesson.toml"
    lesson.write_text(LESSON)
    played = lab.run("run", str(lesson), "lorawan-join-home", "--html", f"{folder}/report.html")
    assert played.returncode == 0, played.stderr
    assert "2 of 2 scenarios as expected." in played.stdout
    return folder


@pytest.mark.parametrize("width", [400, 1200])
def test_a_browser_shows_the_report_and_asks_nobody_for_anything(folder: Path, width: int) -> None:
    seen = look(folder, width)
    assert seen.complaints == []
    assert seen.page["loaded"] == []
    assert len(seen.page["pictures"]) > 3
    assert min(seen.page["pictures"]) > 10_000
    assert seen.page["width"] <= width
    assert seen.page["headings"][0].startswith("Step 1")

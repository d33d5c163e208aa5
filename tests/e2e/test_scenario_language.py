"""A running lab plays a scenario of several files with a world of its own, and is as it was."""

from pathlib import Path

from tests.e2e.running import Lab

STORY = """
title = "A shop of its own"
[parameters.zone]
kind = "name"
meaning = "The shop."
[world]
start = 2027-03-01T00:00:00Z
[world.zone."{zone}"]
denial = "nsec3"
file = "shop.zone"
[[step]]
include = "parts/look.toml"
with = { name = "www.{zone}" }
"""
LOOK = """
title = "Look"
[parameters.name]
kind = "name"
meaning = "Where."
[[step]]
do = "validate"
name = "{name}"
type = "A"
expect = "secure"
answer = "positive"
"""


def test_a_running_lab_becomes_the_stage_and_is_set_back(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "look.toml").write_text(LOOK)
    (tmp_path / "shop.zone").write_text("www A 192.0.2.80\n")
    story = tmp_path / "story.toml"
    story.write_text(STORY)
    done = lab.run("run", str(story), "--set", "zone=shop.example.fr")
    assert done.returncode == 0, done.stdout + done.stderr
    assert lab.run("dig", "www.shop.example.fr").stdout.count("192.0.2.80") == 0
    refused = lab.run("run", str(story), "--set", "zone=www.example.fr")
    assert refused.returncode != 0
    assert f"{story}:8: www.example.fr. cannot be a zone" in refused.stderr

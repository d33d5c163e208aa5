"""`lab scenario`: a library of files, and what is wrong with them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.cli.frame import main

SCENARIOS = Path(__file__).parents[3] / "scenarios"
TEN = Path(__file__).parents[1] / "scenario" / "mistakes" / "ten.toml"
NOTE = 'title = "{title}"\ntags = ["{tag}"]\n[[step]]\ndo = "note"\nsay = "**x**"\n'


def scenario(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["scenario", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, tag in (("one", "dane"), ("two", "rollover")):
        text = NOTE.format(title=f"Story {name}", tag=tag)
        (tmp_path / f"{name}.toml").write_text(text)
    return tmp_path


def test_the_list_has_a_line_for_each_scenario(folder: Path) -> None:
    (folder / "wrong.toml").write_text("")
    assert scenario("list", "--scenarios", folder).output.splitlines() == [
        "one    Story one (1 steps)  [dane]",
        "two    Story two (1 steps)  [rollover]",
        "wrong  wrong: `lab scenario check` tells its mistakes, 2 of them",
    ]


def test_the_list_can_be_of_one_tag_and_for_programs(folder: Path) -> None:
    done = scenario("list", "--scenarios", folder, "--tag", "rollover", "--json")
    (row,) = json.loads(done.output)
    assert (row["name"], row["steps"], row["questions"]) == ("two", 1, 0)


def test_every_shipped_scenario_is_listed() -> None:
    names = [line.split()[0] for line in scenario("list").output.splitlines()]
    assert names == sorted(path.stem for path in SCENARIOS.glob("*.toml"))


def test_a_new_scenario_is_right_and_shows_itself(tmp_path: Path) -> None:
    file = tmp_path / "my-lesson.toml"
    done = scenario("new", file, "--title", 'A "quoted" {title}')
    assert done.output.splitlines() == [
        f"wrote {file}",
        f"wrote {tmp_path / 'scenario.schema.json'}",
    ]
    checked = scenario("check", file)
    assert (checked.exit_code, checked.output) == (0, "1 scenario, no mistakes\n")
    shown = scenario("show", file, "--set", "name=www.afnic.fr").output
    assert 'A "quoted" {title}' in shown
    assert "1. validate www.afnic.fr. A" in shown
    assert "What will a validator say now?" in shown
    assert "Right: bogus" in shown


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    file, schema = tmp_path / "a.toml", tmp_path / "scenario.schema.json"
    schema.write_text("mine")
    assert scenario("new", file).output.splitlines() == [f"wrote {file}"]
    written = file.read_text()
    done = scenario("new", file)
    assert done.exit_code == 3
    assert done.output == f"lab: {file}: there is such a file already; it is not overwritten\n"
    assert (file.read_text(), schema.read_text()) == (written, "mine")


def test_a_scenario_is_shown_for_programs_too(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    scenario("new", file)
    story = json.loads(scenario("show", file, "--json").output)
    assert story["parameters"][0]["name"] == "name"
    assert story["steps"][1]["ask"]["answer"] == "bogus"
    assert story["steps"][2]["expect"] == "bogus, because rrsig.expiration"


def test_ten_mistakes_are_reported_with_their_lines() -> None:
    done = scenario("check", TEN)
    assert done.exit_code == 3
    *lines, last = done.output.splitlines()
    assert last == "1 scenario, 10 mistakes"
    for line, mistake in zip(
        lines,
        (
            "2: a scenario has no parameter 'tagz'; did you mean 'tags'?",
            "6: default: 'example..fr' is not a domain name: A DNS label is empty.",
            "10: expected denial = ",
            "15: there is no parameter 'zoned'; did you mean 'zone'?; write {{ for a brace",
            "20: the id 'first' is taken already",
            "23: because: there is no rule 'rrsig.expired'; did you mean 'rrsig.expiration'?",
            "27: there is no fault 'rrsig-expird'; did you mean 'rrsig-expired'?",
            "31: there is no zone 'examples.fr.' in the lab; did you mean 'example.fr.'?",
            "37: there is no identity 'afnix.js' in the lab; did you mean 'afnic.js'?",
            "45: answer: 'afnix' is not among the choices tsp, afnic",
        ),
        strict=True,
    ):
        assert line.startswith(f"{TEN}:{mistake}")


def test_mistakes_can_be_read_by_programs() -> None:
    first = json.loads(scenario("check", TEN, "--json").output)[0]
    assert (first["file"], first["line"]) == (str(TEN), 2)
    assert first["what"].startswith("a scenario has no parameter")


def test_all_shipped_scenarios_are_right() -> None:
    done = scenario("check")
    assert done.exit_code == 0, done.output


def test_the_schema_is_printed_as_it_is_shipped() -> None:
    assert scenario("schema").output == (SCENARIOS / "scenario.schema.json").read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "none"), "there is no scenario 'none'"),
        (("check", "none"), "there is no scenario 'none'"),
        (("check", TEN, "--set", "zone"), "expected --set NAME=VALUE, not 'zone'"),
        (("new", "/dev/null/x.toml"), "/dev/null/x.toml: cannot write"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(arguments: tuple[object, ...], sentence: str) -> None:
    done = scenario(*arguments)
    assert done.exit_code == 3
    assert sentence in done.output
    assert len(done.output.splitlines()) == 1

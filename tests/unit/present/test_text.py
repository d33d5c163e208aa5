"""A report is drawn as a tree that can be read without colours."""

import io

from rich.console import Console

from lab.core.checks import Outcome, Report, broken
from lab.present.text import render, render_tree, to_text
from lab.present.tree import Detail
from tests.unit.present.reports import FINE, PROVEN, REFUSAL, WALK


def test_a_walk_reads_like_a_story() -> None:
    assert to_text(WALK) == (
        "walk: bogus, because it does not hold that it is in time (x.timely, RFC 1 section 2)\n"
        "✗ walk  bogus\n"
        "├── Look here.\n"
        "│\n"
        "│   Now.\n"
        "├── ✓ fr.  secure  2 checks passed (RFC 2, RFC 3)\n"
        "└── ✗ www.example.fr. A  bogus  1 check not reached\n"
        "    ├── ✓ it is signed  key tag 4711  RFC 2 section 3\n"
        "    └── ✗ does not hold: it is in time  RFC 1 section 2\n"
        "        ├── the signature\n"
        "        │   now 3\n"
        "        │   end 2\n"
        "        └── → Hurry.\n"
    )


def test_an_outline_shows_failures_only() -> None:
    assert to_text(REFUSAL, detail=Detail.OUTLINE).splitlines()[2:] == [
        "✗ client  abort",
        "├── ✗ does not hold: it is proven  RFC 3",
        "│   └── it",
        "└── ✗ www.example.fr. A  bogus",
        "    └── ✗ does not hold: it is in time  RFC 1 section 2",
        "        ├── the signature",
        "        │   now 3",
        "        │   end 2",
        "        └── → Hurry.",
    ]


def test_everything_shows_what_was_not_reached() -> None:
    assert "· it is proven  RFC 3" in to_text(WALK, detail=Detail.EVERYTHING)


def test_a_narrow_terminal_wraps() -> None:
    assert max(map(len, to_text(WALK, width=40).splitlines())) <= 40


def printed(report_console: Console, file: io.TextIOWrapper) -> str:
    report_console.print(render(WALK))
    file.flush()
    assert isinstance(file.buffer, io.BytesIO)
    return file.buffer.getvalue().decode(file.encoding)


def test_a_terminal_without_unicode_gets_ascii() -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    text = printed(Console(file=file, width=100), file)
    assert "x www.example.fr. A  bogus" in text
    assert "+ fr.  secure" in text


def test_colours_are_for_terminals() -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    text = printed(
        Console(file=file, width=100, force_terminal=True, color_system="standard"), file
    )
    assert "\x1b[1;31m✗ " in text


def test_what_looks_like_markup_is_shown_as_it_is() -> None:
    assert to_text(FINE).startswith("fr.: secure\n")
    assert "[bold]" in to_text(Report("[bold]"))


def test_a_tree_comes_without_the_verdict() -> None:
    console = Console(file=io.StringIO(), width=100)
    with console.capture() as capture:
        console.print(render_tree(FINE))
    assert capture.get() == "✓ fr.  secure  2 checks passed (RFC 2, RFC 3)\n"


def test_a_subject_that_was_just_told_is_not_repeated() -> None:
    alone = Report("the thing", Outcome.FAILED, "no", (broken(PROVEN, "the thing"),))
    assert to_text(alone).splitlines()[1:] == [
        "✗ the thing  no",
        "└── ✗ does not hold: it is proven  RFC 3",
    ]

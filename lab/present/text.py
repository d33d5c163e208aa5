"""Draw a report as a tree in the terminal: read from top to bottom, it tells how the verdict came.

Colours and characters are what the terminal can show; without them the text says the same.
"""

import io

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text
from rich.tree import Tree

from lab.core.checks import Check, Report
from lab.core.frozen import dataclass
from lab.present.tree import (
    ASCII,
    UNICODE,
    Detail,
    Marks,
    Tone,
    facts,
    left_out,
    paragraphs,
    shown_checks,
    shown_parts,
    tone_of_check,
    tone_of_report,
    verdict,
)
from lab.present.wanted import wanted

STYLES = {
    Tone.GOOD: "green",
    Tone.CAUTION: "yellow",
    Tone.BAD: "bold red",
    Tone.QUIET: "dim",
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draw itself on a rich console.

    Attributes:
        report: what is drawn.
        detail: how much of it.
        with_verdict: whether the verdict goes before the tree.
    """

    report: Report
    detail: Detail = Detail.STORY
    with_verdict: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Give rich the verdict, then the tree, in characters that the terminal has."""
        del console
        pencil = _Pencil(ASCII if options.ascii_only else UNICODE, self.detail)
        if self.with_verdict:
            yield Text(verdict(self.report), style=STYLES[tone_of_report(self.report)])
        yield pencil.tree(self.report)


def render(report: Report, *, detail: Detail = Detail.STORY) -> Drawing:
    """Return *report* as something that a rich console can print."""
    return Drawing(report, detail)


def render_tree(report: Report, *, detail: Detail = Detail.STORY) -> Drawing:
    """Return *report* as `render` does, without the verdict above it."""
    return Drawing(report, detail, with_verdict=False)


def to_text(report: Report, *, detail: Detail = Detail.STORY, width: int = 100) -> str:
    """Return *report* as plain text of at most *width* columns."""
    file = io.StringIO()
    console = Console(file=file, width=width, color_system=None, legacy_windows=False)
    console.print(render(report, detail=detail))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


@dataclass(frozen=True, slots=True)
class _Pencil:
    marks: Marks
    detail: Detail

    def tree(self, report: Report) -> Tree:
        """Return the whole tree of *report*."""
        trunk = Tree(self._headline(report), guide_style="dim")
        self._grow(trunk, report, 0)
        return trunk

    def _grow(self, branch: Tree, report: Report, depth: int) -> None:
        if report.note:
            branch.add(Text(paragraphs(report.note), style="italic"))
        for check in shown_checks(report, self.detail):
            twig = branch.add(self._check_line(check))
            if check.failed:
                self._explain(twig, check, report.title)
        for part in shown_parts(report, self.detail, depth):
            self._grow(branch.add(self._headline(part)), part, depth + 1)

    def _headline(self, report: Report) -> Text:
        tone = tone_of_report(report)
        line = Text(f"{self.marks.of(tone)} ", style=STYLES[tone])
        line.append(
            report.title, style="not bold default" if tone is Tone.QUIET else "bold default"
        )
        if report.conclusion:
            line.append(f"  {report.conclusion}")
        rest = left_out(report, self.detail)
        if rest:
            line.append(f"  {rest}", style="not bold dim default")
        return line

    def _check_line(self, check: Check) -> Text:
        tone = tone_of_check(check)
        line = Text(f"{self.marks.of(tone)} ", style=STYLES[tone])
        if check.failed:
            line.append(f"does not hold: {check.rule.sentence}")
        else:
            line.append(check.rule.sentence, style="not bold default")
        if not check.failed and check.facts:
            line.append(f"  {', '.join(facts(check))}", style="not bold cyan")
        line.append(f"  {check.rule.section}", style="not bold dim default")
        return line

    def _explain(self, twig: Tree, check: Check, told: str) -> None:
        """Add what was compared, each on a line that can be compared by eye, and the hint."""
        of_what = () if check.subject == told else (check.subject,)
        compared = "\n".join((*of_what, *facts(check)))
        if compared:
            twig.add(Text(compared, style="cyan"))
        satisfied = wanted(check)
        if satisfied != check.rule.sentence:
            twig.add(Text(f"{self.marks.hint} would have held: {satisfied}", style="cyan"))
        if check.rule.hint:
            twig.add(Text(f"{self.marks.hint} {check.rule.hint}", style="yellow"))

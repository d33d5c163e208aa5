"""A validation in the terminal at three depths, and what to do about one that is not secure."""

from collections.abc import Iterator
from enum import Enum

from rich.console import Console, RenderableType
from rich.text import Text

from lab.core.status import SecurityStatus
from lab.present.advice import Advice, advise, line_of
from lab.present.text import STYLES, render
from lab.present.tree import Detail, tone_of_report
from lab.present.validation import records
from lab.validator.resolve import Validation


class Depth(Enum):
    """Say how much is told: the verdict, the chain that led to it, or every check."""

    LINE = "line"
    CHAIN = "chain"
    FULL = "full"


_DETAIL = {Depth.CHAIN: Detail.OUTLINE, Depth.FULL: Detail.EVERYTHING}


class Unbroken(Text):
    """A line that other programs may read: it stays one line, however narrow the terminal is."""


def tell(console: Console, validation: Validation, depth: Depth) -> None:
    """Print *validation* on *console*."""
    for part in explain(validation, depth):
        console.print(part, highlight=False, soft_wrap=isinstance(part, Unbroken))


def explain(validation: Validation, depth: Depth) -> Iterator[RenderableType]:
    """Yield what a rich console prints, in reading order."""
    if depth is Depth.LINE:
        style = STYLES[tone_of_report(validation.report)]
        yield Unbroken(line_of(validation), style=style)
        return
    # RFC 4035 section 5.5: bogus records are not for use; here they are shown, and called so.
    bogus = "; bogus: " if validation.status is SecurityStatus.BOGUS else ""
    for record in records(validation):
        yield Unbroken(f"{bogus}{record}")
    yield render(validation.report, detail=_DETAIL[depth])
    for error in validation.ede:
        yield Text(f"Extended DNS Error {int(error)}: {error.text} (RFC 8914)")
    advice = advise(validation)
    if advice is not None:
        yield _advice(advice, validation.status)


def _advice(advice: Advice, status: SecurityStatus) -> Text:
    broke = status is not SecurityStatus.INSECURE
    text = Text()
    rows = (
        ("Broken link" if broke else "Chain ends", advice.where),
        ("Why", f"{advice.why} ({advice.section})"),
        ("Who mends it" if broke else "Whose choice", advice.who),
        ("How", advice.how),
        ("Would have held" if broke else "Would be secure", advice.wanted),
    )
    for index, (title, words) in enumerate(rows):
        text.append("\n" if index else "")
        text.append(f"{title}: ", style="bold")
        text.append(words)
    return text

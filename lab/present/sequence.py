"""Draw a sequence of messages as text: a column for each party, a line for each message."""

from itertools import pairwise

from lab.core.frozen import dataclass
from lab.core.sequence import Message, Sequence

_LEAST = 12
_ROOM = 5


@dataclass(frozen=True, slots=True)
class _Pens:
    """Hold the characters of a drawing."""

    life: str
    line: str
    right: str
    left: str
    lost: str


_UNICODE = _Pens("│", "─", "▶", "◀", "✗")
_ASCII = _Pens("|", "-", ">", "<", "x")


def to_text(sequence: Sequence, *, ascii_only: bool = False) -> str:
    """Return *sequence* as lines of text; its times are milliseconds since the first message."""
    pens = _ASCII if ascii_only else _UNICODE
    columns = _columns(sequence)
    stamp = max((len(_stamp(one)) for one in sequence.messages), default=0)
    head = _row({at: name for name, at in columns.items()}, centred=True)
    lines = [sequence.title, "", f"{'':{stamp}} {head}".rstrip()]
    for message in sequence.messages:
        line = f"{_stamp(message):>{stamp}} {_message(message, columns, pens)}"
        lines.append(f"{line}  {message.said}".rstrip())
    return "\n".join(lines) + "\n"


def _stamp(message: Message) -> str:
    return f"{message.at_ms:+,} ms".replace(",", " ")


def _columns(sequence: Sequence) -> dict[str, int]:
    """Return where the line of each party stands: far enough apart for names and labels."""
    parties = sequence.parties
    gaps = dict.fromkeys(pairwise(parties), _LEAST)
    for left, right in gaps:
        gaps[left, right] = max(_LEAST, (len(left) + len(right)) // 2 + 3)
    place = {name: number for number, name in enumerate(parties)}
    # Neighbours first: what they need, messages over longer ways need not ask for again.
    for one in sorted(
        sequence.messages, key=lambda one: abs(place[one.source] - place[one.target])
    ):
        low, high = sorted((place[one.source], place[one.target]))
        crossed = list(gaps)[low : max(high, low + 1)]
        missing = len(one.label) + _ROOM - sum(gaps[gap] for gap in crossed)
        if crossed and missing > 0:
            gaps[crossed[-1]] += missing
    at = len(parties[0]) // 2 if parties else 0
    columns = {parties[0]: at} if parties else {}
    for (_, right), width in gaps.items():
        at += width
        columns[right] = at
    return columns


def _row(texts: dict[int, str], *, centred: bool) -> str:
    line = ""
    for at, text in texts.items():
        start = at - len(text) // 2 if centred else at
        line = f"{line:<{max(start, 0)}}{text}"
    return line


def _message(message: Message, columns: dict[str, int], pens: _Pens) -> str:
    row = list(_row(dict.fromkeys(columns.values(), pens.life), centred=False))
    start, end = columns[message.source], columns[message.target]
    lost = bool(message.refusal)
    if start == end:
        words = f" {pens.lost if lost else '*'} {message.label} "
        row[start + 1 :] = list(f"{words:<{len(row) - start - 1}}")
        for at in columns.values():
            if at > start + len(words) and at < len(row):
                row[at] = pens.life
        return "".join(row)
    low, high = min(start, end), max(start, end)
    body = f"{f' {message.label} ':{pens.line}^{high - low - 1}}"
    row[low + 1 : high] = list(body)
    tip = pens.lost if lost else pens.right if end > start else pens.left
    row[end - 1 if end > start else end + 1] = tip
    return "".join(row)

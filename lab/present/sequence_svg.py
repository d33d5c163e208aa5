"""Draw a sequence of messages as SVG, without anything that is loaded from elsewhere.

What colour says is said again by dashes and by the word "refused".
"""

from xml.sax.saxutils import escape

from lab.core.sequence import Message, Sequence

_FONT = 13
# An average sans-serif letter is half as wide as the font is high; wide ones need some more.
_LETTER = 7.6
_SMALL_LETTER = 6.2
_LEAST = 130.0
_MARGIN = 20.0
_STAMP = 90.0
_TOP = 86.0
_STEP = 46.0
_LOOP = 30.0
# Two lines of what is said fit above the next message; one long line would make all else small.
_SAID = 56

# It keeps words readable that run across the line of a party.
_HALO = 'paint-order="stroke" stroke="#ffffff" stroke-width="4"'
_GOOD, _BAD, _LIFE = "#1a6b3c", "#b00020", "#8a8f98"


def render(sequence: Sequence, prefix: str = "") -> str:
    """Return *sequence* as an SVG document; its ids start with *prefix*."""
    columns = _columns(sequence)
    width = max(_right_end(sequence, columns), _MARGIN * 2 + len(sequence.title) * 9.5)
    height = _TOP + _STEP * len(sequence.messages) + _MARGIN
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
            f'aria-labelledby="{prefix}title {prefix}desc" '
            f'font-family="sans-serif" font-size="{_FONT}">'
        ),
        f'<title id="{prefix}title">{escape(sequence.title)}</title>',
        f'<desc id="{prefix}desc">{escape(_description(sequence))}</desc>',
        "<defs>",
        *(_marker(f"{prefix}{name}", colour) for name, colour in (("good", _GOOD), ("bad", _BAD))),
        "</defs>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        (
            f'<text x="{_MARGIN:.0f}" y="28" font-size="17" font-weight="bold">'
            f"{escape(sequence.title)}</text>"
        ),
        *(line for name, x in columns.items() for line in _party(name, x, height)),
        *(
            line
            for number, message in enumerate(sequence.messages)
            for line in _message(message, columns, _TOP + _STEP * number + 24, prefix)
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _description(sequence: Sequence) -> str:
    return "; ".join(
        f"after {one.at_ms} ms {one.source} to {one.target}: {_words(one)}"
        for one in sequence.messages
    )


def _words(message: Message) -> str:
    return f"{message.label}: refused" if message.refusal else message.label


def _columns(sequence: Sequence) -> dict[str, float]:
    """Return where the line of each party stands; one distance for all is easy to read."""
    place = {name: number for number, name in enumerate(sequence.parties)}
    apart = max((len(name) * _LETTER + 40 for name in place), default=_LEAST)
    for one in sequence.messages:
        # What one does alone is written beside its line, and may run across others.
        if ways := abs(place[one.source] - place[one.target]):
            apart = max(apart, (len(_words(one)) * _LETTER + 40) / ways)
    apart = max(apart, _LEAST)
    return {name: _MARGIN + _STAMP + apart * (number + 0.5) for name, number in place.items()}


def _right_end(sequence: Sequence, columns: dict[str, float]) -> float:
    ends = [x + max(_LEAST / 2, _half(name)) for name, x in columns.items()]
    for one in sequence.messages:
        left, right = sorted((columns[one.source], columns[one.target]))
        small = max(map(len, _lines(one.said)), default=0) * _SMALL_LETTER
        if left == right:
            words = len(_words(one)) * _LETTER
            ends.append(left + _LOOP + 12 + max(words, small))
        else:
            ends.append(left + 8 + small)
    return max(ends, default=0.0) + _MARGIN


def _marker(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
        f'markerHeight="8" orient="auto"><path d="M0,0 L10,5 L0,10 z" fill="{colour}"/></marker>'
    )


def _half(name: str) -> float:
    """Return half the width of the box around *name*."""
    return (len(name) * _LETTER + 20) / 2


def _party(name: str, x: float, height: float) -> tuple[str, ...]:
    half = _half(name)
    return (
        (
            f'<line x1="{x:.1f}" y1="70" x2="{x:.1f}" y2="{height - 8:.1f}" stroke="{_LIFE}" '
            'stroke-dasharray="3 4"/>'
        ),
        (
            f'<rect x="{x - half:.1f}" y="44" width="{2 * half:.1f}" height="26" rx="5" '
            'fill="#eef3fb" stroke="#33507a"/>'
        ),
        f'<text x="{x:.1f}" y="62" text-anchor="middle" font-weight="bold">{escape(name)}</text>',
    )


def _message(message: Message, columns: dict[str, float], y: float, prefix: str) -> tuple[str, ...]:
    start, end = columns[message.source], columns[message.target]
    refused = bool(message.refusal)
    colour, marker = (_BAD, "bad") if refused else (_GOOD, "good")
    dashes = ' stroke-dasharray="6 4"' if refused else ""
    stroke = (
        f'stroke="{colour}" stroke-width="1.6"{dashes} marker-end="url(#{prefix}{marker})" '
        'fill="none"'
    )
    stamp = (
        f'<text x="{_MARGIN:.0f}" y="{y + 4:.1f}" fill="#555555" font-size="11">'
        f"{message.at_ms:+d} ms</text>"
    )
    words = escape(_words(message))
    if start == end:
        right = start + _LOOP
        return (
            stamp,
            f'<path d="M{start:.1f},{y - 6:.1f} H{right:.1f} v14 H{start + 2:.1f}" {stroke}/>',
            f'<text x="{right + 8:.1f}" y="{y:.1f}" {_HALO} fill="{colour}">{words}</text>',
            *_detail(message, right + 8, y + 14),
        )
    return (
        stamp,
        (
            f'<text x="{(start + end) / 2:.1f}" y="{y - 6:.1f}" text-anchor="middle" '
            f'{_HALO} fill="{colour}">{words}</text>'
        ),
        *_detail(message, min(start, end) + 8, y + 14),
        # After the words: their halo would cut its head in two.
        f'<line x1="{start:.1f}" y1="{y:.1f}" x2="{end:.1f}" y2="{y:.1f}" {stroke}/>',
    )


def _detail(message: Message, x: float, y: float) -> tuple[str, ...]:
    return tuple(
        f'<text x="{x:.1f}" y="{y + 12 * number:.1f}" {_HALO} fill="#444444" font-size="11">'
        f"{escape(line)}</text>"
        for number, line in enumerate(_lines(message.said))
    )


def _lines(said: str) -> list[str]:
    """Return *said* in one line, or in two of about the same length."""
    if len(said) <= _SAID:
        return [said] if said else []
    # No word is broken, however long: a third line would run into the next message.
    half = len(said) // 2
    gaps = (at for at, one in enumerate(said) if one == " ")
    gap = min(gaps, key=lambda at: abs(at - half), default=0)
    return [said[:gap], said[gap + 1 :]] if gap else [said]

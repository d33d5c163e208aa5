"""Draw what servers achieve, as bars in SVG; readable on light and on dark pages."""

from collections.abc import Iterator
from html import escape

from tests.bench.figures import Findings

# What is asked, and above the bars.
KINDS = {
    "hot": "hot: 100 questions again and again",
    "mix": "mix: 60% are there, 30% are not, 10% have no such type",
    "nx": "nx: nothing is there, and no name comes twice",
}
_LABEL, _BAR, _VALUE, _LINE, _HEAD = 240, 420, 90, 20, 34
_STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.head { font-weight: 600; }
.ours { fill: #0969da; }
.peer { fill: #8c959f; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .ours { fill: #4493f8; }
  .peer { fill: #6e7681; }
}"""


def to_svg(found: Findings) -> str:
    """Return bars of how many answers a second of CPU time gives, for each kind of question."""
    body, height = [], 0
    for kind, title in KINDS.items():
        if rates := _rates(found, kind):
            body += [f'<text class="head" x="0" y="{height + 20}">{escape(title)}</text>']
            body += _bars(rates, height + _HEAD)
            height += _HEAD + len(rates) * _LINE + 10
    width = _LABEL + _BAR + _VALUE
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
            "<title>Answers for each second of CPU time: longer is faster</title>",
            f"<style>{_STYLE}</style>",
            *body,
            "</svg>\n",
        )
    )


def _rates(found: Findings, kind: str) -> dict[str, float]:
    what = f"{kind} us"
    rates = {who: 1e6 / has[what] for who, has in found.figures.items() if has.get(what)}
    return dict(sorted(rates.items(), key=lambda one: -one[1]))


def _bars(rates: dict[str, float], top: int) -> Iterator[str]:
    most = max(rates.values())
    for number, (who, rate) in enumerate(rates.items()):
        y, length = top + number * _LINE, max(1.0, _BAR * rate / most)
        side = "ours" if who.startswith("lab") else "peer"
        yield f'<text x="{_LABEL - 8}" y="{y + 12}" text-anchor="end">{escape(who)}</text>'
        yield f'<rect class="{side}" x="{_LABEL}" y="{y}" width="{length:.1f}" height="14" rx="2"/>'
        yield f'<text x="{_LABEL + length + 6:.1f}" y="{y + 12}">{rate:,.0f}</text>'

"""The graph of a chain of trust as SVG, drawn by ourselves: arrows go downwards.

What colour says is said again by dashes and words.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from lab.core.status import SecurityStatus
from lab.present.dot import COLOURS
from lab.present.graph import Arrow, Bond, Graph, Node, Row
from lab.present.layout import LINE, MARGIN, PAD, Layout, zone_name
from lab.present.route import route

FONT = 13
# The title is bold and larger than what text_width measures.
_TITLE_LETTER = 11.0
_LEGEND = 84
_LEGEND_LINE = 24
_LEGEND_COLUMN = 170
_LEAST = 440.0

_FILLS = {
    SecurityStatus.SECURE: "#eef8f1",
    SecurityStatus.INSECURE: "#fff8e1",
    SecurityStatus.INDETERMINATE: "#f2f2f2",
    SecurityStatus.BOGUS: "#fdecee",
}
_BONDS = {
    Bond.SECURE: ("#1a6b3c", "", "signs or names"),
    Bond.INSECURE: ("#7a5c00", "7 5", "not secure from here on"),
    Bond.BROKEN: ("#b00020", "2 4", "broken"),
    Bond.ALIAS: ("#333333", "1 4", "alias"),
}


def render(graph: Graph, prefix: str = "") -> str:
    """Return *graph* as an SVG document, without anything that is loaded from elsewhere.

    Its ids start with *prefix*, so that several can stand in one page.
    """
    layout = Layout(graph)
    width = max(layout.width, len(graph.title) * _TITLE_LETTER + 2 * MARGIN, _LEAST)
    height = layout.height + _LEGEND
    parts = [
        _opening(width, height, prefix),
        f'<title id="{prefix}title">{escape(graph.title)}</title>',
        f'<desc id="{prefix}desc">{escape(_description(graph))}</desc>',
        *_markers(prefix),
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        _headline(graph),
        *(line for number in range(len(graph.zones)) for line in _zone_frame(layout, number)),
        *(line for arrow in graph.arrows for line in _arrow(layout, arrow, prefix)),
        *(line for zone in graph.zones for node in zone.nodes for line in _node(layout, node)),
        *(_zone_title(layout, number) for number in range(len(graph.zones))),
        *_legend(layout.height, prefix),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _opening(width: float, height: float, prefix: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-labelledby="{prefix}title {prefix}desc" '
        f'font-family="sans-serif" font-size="{FONT}">'
    )


def _headline(graph: Graph) -> str:
    return (
        f'<text x="{MARGIN}" y="28" font-size="17" font-weight="bold" '
        f'fill="{COLOURS[graph.status]}">{escape(graph.title)}</text>'
    )


def _description(graph: Graph) -> str:
    zones = "; ".join(f"zone {one.apex} is {one.status.value}" for one in graph.zones)
    return f"Chain of trust from the trust anchor down: {zones}."


def _markers(prefix: str) -> Iterator[str]:
    yield "<defs>"
    for bond, (colour, _, _) in _BONDS.items():
        yield (
            f'<marker id="{prefix}{bond.value}" viewBox="0 0 10 10" refX="9" refY="5" '
            f'markerWidth="8" markerHeight="8" orient="auto">'
            f'<path d="M0 0 L10 5 L0 10 z" fill="{colour}"/></marker>'
        )
    yield "</defs>"


def _zone_frame(layout: Layout, number: int) -> Iterator[str]:
    box, zone = layout.zones[number], layout.graph.zones[number]
    dashes = ' stroke-dasharray="8 5"' if zone.status is SecurityStatus.INSECURE else ""
    yield (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" '
        f'rx="8" fill="{_FILLS[zone.status]}" stroke="{COLOURS[zone.status]}" '
        f'stroke-width="1.5"{dashes}/>'
    )


def _zone_title(layout: Layout, number: int) -> str:
    box, zone = layout.zones[number], layout.graph.zones[number]
    # The halo keeps the words readable where an arrow comes in.
    return (
        f'<text x="{box.x + PAD:.1f}" y="{box.y + 20:.1f}" font-weight="bold" '
        f'paint-order="stroke" stroke="{_FILLS[zone.status]}" stroke-width="4" '
        f'fill="{COLOURS[zone.status]}">{escape(zone_name(layout.graph, number))}</text>'
    )


def _node(layout: Layout, node: Node) -> Iterator[str]:
    at = layout.nodes[node.id]
    radius = 4 if node.row is Row.DATA else at.height / 2
    stroke = f'fill="#ffffff" stroke="{COLOURS[node.status]}"'
    yield f"<g><title>{escape(node.hint or node.status.value)}</title>"
    if node.anchor:
        # As in DNSViz, a double border is a trust anchor.
        yield (
            f'<rect x="{at.x - 4:.1f}" y="{at.y - 4:.1f}" width="{at.width + 8:.1f}" '
            f'height="{at.height + 8:.1f}" rx="{radius + 4:.1f}" {stroke}/>'
        )
    yield (
        f'<rect x="{at.x:.1f}" y="{at.y:.1f}" width="{at.width:.1f}" height="{at.height:.1f}" '
        f'rx="{radius:.1f}" {stroke} stroke-width="1.5"/>'
    )
    for number, line in enumerate(node.lines):
        weight = ' font-weight="bold"' if number == 0 else ""
        y = at.y + PAD / 2 + LINE * (number + 1) - 4
        yield (
            f'<text x="{at.middle:.1f}" y="{y:.1f}" text-anchor="middle"{weight} '
            f'fill="#1b1b1b">{escape(line)}</text>'
        )
    yield "</g>"


def _arrow(layout: Layout, arrow: Arrow, prefix: str) -> Iterator[str]:
    source, target = layout.nodes[arrow.source], layout.nodes[arrow.target]
    colour, dashes, words = _BONDS[arrow.bond]
    style = (
        f'fill="none" stroke="{colour}" stroke-width="1.8" '
        f'marker-end="url(#{prefix}{arrow.bond.value})"'
    )
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    way = route(layout, source, target)
    yield (
        f"<path d={quoteattr(way.path)} {style}{dashed}>"
        f"<title>{escape(arrow.hint or words)}</title></path>"
    )
    if arrow.bond is Bond.BROKEN:
        yield _cross(*way.middle)


def _cross(x: float, y: float) -> str:
    colour = _BONDS[Bond.BROKEN][0]
    return (
        f'<path d="M{x - 6:.1f} {y - 6:.1f} l12 12 m0 -12 l-12 12" stroke="{colour}" '
        f'stroke-width="2.5"/>'
    )


def _legend(top: float, prefix: str) -> Iterator[str]:
    for number, (bond, (colour, dashes, words)) in enumerate(_BONDS.items()):
        x = MARGIN + _LEGEND_COLUMN * (number % 2)
        y = top + 10 + _LEGEND_LINE * (number // 2)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        yield (
            f'<path d="M{x:.1f} {y:.1f} h34" stroke="{colour}" stroke-width="1.8"{dashed} '
            f'marker-end="url(#{prefix}{bond.value})"/>'
        )
        if bond is Bond.BROKEN:
            yield _cross(x + 13, y)
        yield f'<text x="{x + 42:.1f}" y="{y + 4:.1f}" fill="#333333">{escape(words)}</text>'
    y = top + 14 + _LEGEND_LINE * 2
    words = "double border: named by the trust anchor"
    yield f'<text x="{MARGIN}" y="{y:.1f}" fill="#333333">{words}</text>'

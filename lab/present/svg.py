"""The graph of a chain of trust as SVG, drawn by ourselves: boxes below boxes, arrows downwards.

Each zone is a box with rows: the keys that its parent names, its other keys, proofs, and data.
Children stand below their parent. What colour says is said again by dashes and words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from lab.core.status import SecurityStatus
from lab.present.dot import COLOURS
from lab.present.graph import Arrow, Bond, Graph, Node, Row

FONT = 13
# An average sans-serif letter is half as wide as the font is high; wide ones need some more.
_LETTER = 8.1
_LINE = 17
_PAD = 10
_GAP = 28
_ROW_GAP = 44
_BOX_GAP = 56
_TITLE = 30
_MARGIN = 20
_HEAD = 44
_LEGEND = 60

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


@dataclass(frozen=True, slots=True)
class _Rectangle:
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height


def render(graph: Graph) -> str:
    """Return *graph* as an SVG document, without anything that is loaded from elsewhere."""
    layout = _Layout(graph)
    width = max(layout.width, _text_width(graph.title) + 2 * _MARGIN, 760.0)
    height = layout.height + _LEGEND
    parts = [
        _opening(width, height),
        f'<title id="title">{escape(graph.title)}</title>',
        f'<desc id="desc">{escape(_description(graph))}</desc>',
        *_markers(),
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        _headline(graph),
        *(line for number in range(len(graph.zones)) for line in _zone_frame(layout, number)),
        *(line for arrow in graph.arrows for line in _arrow(layout, arrow)),
        *(line for zone in graph.zones for node in zone.nodes for line in _node(layout, node)),
        *(_zone_title(layout, number) for number in range(len(graph.zones))),
        *_legend(layout.height),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _opening(width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-labelledby="title desc" '
        f'font-family="sans-serif" font-size="{FONT}">'
    )


def _headline(graph: Graph) -> str:
    return (
        f'<text x="{_MARGIN}" y="28" font-size="17" font-weight="bold" '
        f'fill="{COLOURS[graph.status]}">{escape(graph.title)}</text>'
    )


def _description(graph: Graph) -> str:
    zones = "; ".join(f"zone {one.apex} is {one.status.value}" for one in graph.zones)
    return f"Chain of trust from the trust anchor down: {zones}."


class _Layout:
    """Place zones and nodes.

    Attributes:
        zones: rectangle of each zone, by its index.
        nodes: rectangle of each node, by its id.
        width: of the drawing.
        height: of the drawing without its legend.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.zones: dict[int, _Rectangle] = {}
        self.nodes: dict[str, _Rectangle] = {}
        x = float(_MARGIN)
        for number, zone in enumerate(graph.zones):
            if zone.parent is None:
                self._place(number, x, _HEAD)
                x += self._breadth(number) + _GAP
        self.width = x - _GAP + _MARGIN
        self.height = max((one.bottom for one in self.zones.values()), default=_HEAD) + _MARGIN

    def edge_between(self, source: _Rectangle, target: _Rectangle) -> float | None:
        """Return how far right the nodes reach that stand on the way down; None if it is free."""
        blocking = [
            one.x + one.width
            for one in self.nodes.values()
            if source.bottom < one.y
            and one.bottom < target.y
            and one.x < max(source.middle, target.middle)
            and one.x + one.width > min(source.middle, target.middle)
        ]
        return max(blocking, default=None)

    def _children(self, number: int) -> list[int]:
        return [at for at, one in enumerate(self.graph.zones) if one.parent == number]

    def _breadth(self, number: int) -> float:
        """Return how wide a zone is with all that hangs below it."""
        children = [self._breadth(one) for one in self._children(number)]
        return max(self._size(number)[0], sum(children) + _GAP * max(0, len(children) - 1))

    def _rows(self, number: int) -> list[list[Node]]:
        nodes = self.graph.zones[number].nodes
        rows = ([one for one in nodes if one.row is row] for row in Row)
        return [row for row in rows if row]

    def _size(self, number: int) -> tuple[float, float]:
        rows = self._rows(number)
        widest = max((_row_width(row) for row in rows), default=0.0)
        heights = [max(_node_height(one) for one in row) for row in rows]
        inner = sum(heights) + _ROW_GAP * max(0, len(rows) - 1)
        title = _text_width(_zone_name(self.graph, number)) + 2 * _PAD
        return max(widest + 2 * _PAD, title, 160.0), _TITLE + inner + 2 * _PAD

    def _place(self, number: int, x: float, y: float) -> None:
        breadth, (width, height) = self._breadth(number), self._size(number)
        box = _Rectangle(x + (breadth - width) / 2, y, width, height)
        self.zones[number] = box
        self._place_nodes(number, box)
        for child in self._children(number):
            self._place(child, x, box.bottom + _BOX_GAP)
            x += self._breadth(child) + _GAP

    def _place_nodes(self, number: int, box: _Rectangle) -> None:
        y = box.y + _TITLE + _PAD
        for row in self._rows(number):
            x = box.middle - _row_width(row) / 2
            for node in row:
                self.nodes[node.id] = _Rectangle(x, y, _node_width(node), _node_height(node))
                x += _node_width(node) + _GAP
            y += max(_node_height(one) for one in row) + _ROW_GAP


def _text_width(text: str) -> float:
    return len(text) * _LETTER


def _node_width(node: Node) -> float:
    return max(_text_width(one) for one in node.lines) + 2 * _PAD


def _node_height(node: Node) -> float:
    return len(node.lines) * _LINE + _PAD


def _row_width(row: list[Node]) -> float:
    return sum(_node_width(one) for one in row) + _GAP * (len(row) - 1)


def _zone_name(graph: Graph, number: int) -> str:
    zone = graph.zones[number]
    return f"{zone.apex}  {zone.status.value}"


def _markers() -> Iterator[str]:
    yield "<defs>"
    for bond, (colour, _, _) in _BONDS.items():
        yield (
            f'<marker id="{bond.value}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
            f'markerHeight="8" orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="{colour}"/>'
            "</marker>"
        )
    yield "</defs>"


def _zone_frame(layout: _Layout, number: int) -> Iterator[str]:
    box, zone = layout.zones[number], layout.graph.zones[number]
    dashes = ' stroke-dasharray="8 5"' if zone.status is SecurityStatus.INSECURE else ""
    yield (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" '
        f'rx="8" fill="{_FILLS[zone.status]}" stroke="{COLOURS[zone.status]}" '
        f'stroke-width="1.5"{dashes}/>'
    )


def _zone_title(layout: _Layout, number: int) -> str:
    box, zone = layout.zones[number], layout.graph.zones[number]
    # The halo keeps the words readable where an arrow comes in.
    return (
        f'<text x="{box.x + _PAD:.1f}" y="{box.y + 20:.1f}" font-weight="bold" '
        f'paint-order="stroke" stroke="{_FILLS[zone.status]}" stroke-width="4" '
        f'fill="{COLOURS[zone.status]}">{escape(_zone_name(layout.graph, number))}</text>'
    )


def _node(layout: _Layout, node: Node) -> Iterator[str]:
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
        y = at.y + _PAD / 2 + _LINE * (number + 1) - 4
        yield (
            f'<text x="{at.middle:.1f}" y="{y:.1f}" text-anchor="middle"{weight} '
            f'fill="#1b1b1b">{escape(line)}</text>'
        )
    yield "</g>"


def _arrow(layout: _Layout, arrow: Arrow) -> Iterator[str]:
    source, target = layout.nodes[arrow.source], layout.nodes[arrow.target]
    colour, dashes, words = _BONDS[arrow.bond]
    style = (
        f'fill="none" stroke="{colour}" stroke-width="1.8" marker-end="url(#{arrow.bond.value})"'
    )
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    yield (
        f"<path d={quoteattr(_path(layout, source, target))} {style}{dashed}>"
        f"<title>{escape(arrow.hint or words)}</title></path>"
    )
    if arrow.bond is Bond.BROKEN:
        yield _cross((source.middle + target.middle) / 2, (source.bottom + target.y) / 2)


def _cross(x: float, y: float) -> str:
    colour = _BONDS[Bond.BROKEN][0]
    return (
        f'<path d="M{x - 6:.1f} {y - 6:.1f} l12 12 m0 -12 l-12 12" stroke="{colour}" '
        f'stroke-width="2.5"/>'
    )


def _path(layout: _Layout, source: _Rectangle, target: _Rectangle) -> str:
    edge = layout.edge_between(source, target)
    if edge is not None:
        return _around(source, target, edge)
    if target.y >= source.bottom:
        start, end = source.bottom, target.y
        bend = (end - start) / 2
        return (
            f"M{source.middle:.1f} {start:.1f} C{source.middle:.1f} {start + bend:.1f} "
            f"{target.middle:.1f} {end - bend:.1f} {target.middle:.1f} {end:.1f}"
        )
    if abs(source.y - target.y) < 1 and 0 < target.x - source.x - source.width <= 2 * _GAP:
        y = source.y + min(source.height, target.height) / 2
        return f"M{source.x + source.width:.1f} {y:.1f} L{target.x:.1f} {y:.1f}"
    # Beside or above: a bow below both.
    low = max(source.bottom, target.bottom) + _ROW_GAP / 2
    return (
        f"M{source.middle:.1f} {source.bottom:.1f} C{source.middle:.1f} {low:.1f} "
        f"{target.middle:.1f} {low:.1f} {target.middle:.1f} {target.bottom:.1f}"
    )


def _around(source: _Rectangle, target: _Rectangle, edge: float) -> str:
    """Return a bow from right side to right side that keeps clear of *edge*."""
    start, end = source.x + source.width, target.x + target.width
    # A cubic curve goes three quarters of the way to its control points.
    side = (edge + _PAD * 0.6 - (start + end) / 8) / 0.75
    top, low = source.y + source.height / 2, target.y + target.height / 2
    return f"M{start:.1f} {top:.1f} C{side:.1f} {top:.1f} {side:.1f} {low:.1f} {end:.1f} {low:.1f}"


def _legend(y: float) -> Iterator[str]:
    x = float(_MARGIN)
    for bond, (colour, dashes, words) in _BONDS.items():
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        yield (
            f'<path d="M{x:.1f} {y + 10:.1f} h34" stroke="{colour}" stroke-width="1.8"{dashed} '
            f'marker-end="url(#{bond.value})"/>'
        )
        if bond is Bond.BROKEN:
            yield _cross(x + 13, y + 10)
        yield f'<text x="{x + 42:.1f}" y="{y + 14:.1f}" fill="#333333">{escape(words)}</text>'
        x += 42 + _text_width(words) + _GAP
    words = "double border: named by the trust anchor"
    yield f'<text x="{_MARGIN}" y="{y + 40:.1f}" fill="#333333">{words}</text>'

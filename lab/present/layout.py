"""Where things stand in the picture of a chain of trust: boxes below boxes.

Each zone is a box with rows: the keys that its parent names, its other keys, proofs, and data.
Children stand below their parent.
"""

from lab.core.frozen import dataclass
from lab.present.graph import Graph, Node, Row

# An average sans-serif letter is half as wide as the font is high; wide ones need some more.
_LETTER = 8.1
LINE = 17
PAD = 10
GAP = 28
ROW_GAP = 44
_BOX_GAP = 56
_TITLE = 30
MARGIN = 20
_HEAD = 44


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Hold where something stands, in pixels from the upper left."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Return the middle between left and right."""
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return self.y + self.height

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.x + self.width

    @property
    def middle_y(self) -> float:
        """Return the middle between top and bottom."""
        return self.y + self.height / 2


class Layout:
    """Place zones and nodes.

    Attributes:
        zones: rectangle of each zone, by its index.
        nodes: rectangle of each node, by its id.
        width: of the drawing.
        height: of the drawing without its legend.
    """

    def __init__(self, graph: Graph) -> None:
        """Place everything in *graph*."""
        self.graph = graph
        self.zones: dict[int, Rectangle] = {}
        self.nodes: dict[str, Rectangle] = {}
        x = float(MARGIN)
        for number, zone in enumerate(graph.zones):
            if zone.parent is None:
                self._place(number, x, _HEAD)
                x += self._breadth(number) + GAP
        self.width = x - GAP + MARGIN
        self.height = max((one.bottom for one in self.zones.values()), default=_HEAD) + MARGIN

    def edge_between(self, source: Rectangle, target: Rectangle) -> float | None:
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
        return max(self._size(number)[0], sum(children) + GAP * max(0, len(children) - 1))

    def _rows(self, number: int) -> list[list[Node]]:
        nodes = self.graph.zones[number].nodes
        rows = ([one for one in nodes if one.row is row] for row in Row)
        return [row for row in rows if row]

    def _size(self, number: int) -> tuple[float, float]:
        rows = self._rows(number)
        widest = max((_row_width(row) for row in rows), default=0.0)
        heights = [max(_node_height(one) for one in row) for row in rows]
        inner = sum(heights) + ROW_GAP * max(0, len(rows) - 1)
        title = text_width(zone_name(self.graph, number)) + 2 * PAD
        return max(widest + 2 * PAD, title, 160.0), _TITLE + inner + 2 * PAD

    def _place(self, number: int, x: float, y: float) -> None:
        breadth, (width, height) = self._breadth(number), self._size(number)
        box = Rectangle(x + (breadth - width) / 2, y, width, height)
        self.zones[number] = box
        self._place_nodes(number, box)
        children = self._children(number)
        taken = sum(map(self._breadth, children)) + GAP * max(0, len(children) - 1)
        x += (breadth - taken) / 2
        for child in children:
            self._place(child, x, box.bottom + _BOX_GAP)
            x += self._breadth(child) + GAP

    def _place_nodes(self, number: int, box: Rectangle) -> None:
        y = box.y + _TITLE + PAD
        for row in self._rows(number):
            x = box.middle - _row_width(row) / 2
            for node in row:
                self.nodes[node.id] = Rectangle(x, y, _node_width(node), _node_height(node))
                x += _node_width(node) + GAP
            y += max(_node_height(one) for one in row) + ROW_GAP


def text_width(text: str) -> float:
    """Return about how wide *text* is, in pixels."""
    return len(text) * _LETTER


def _node_width(node: Node) -> float:
    return max(text_width(one) for one in node.lines) + 2 * PAD


def _node_height(node: Node) -> float:
    return len(node.lines) * LINE + PAD


def _row_width(row: list[Node]) -> float:
    return sum(_node_width(one) for one in row) + GAP * (len(row) - 1)


def zone_name(graph: Graph, number: int) -> str:
    """Return what is written on top of a zone."""
    zone = graph.zones[number]
    return f"{zone.apex}  {zone.status.value}"

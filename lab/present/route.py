"""The way of an arrow from one node of a drawing to another, around what stands between them."""

from lab.core.frozen import dataclass
from lab.present.layout import GAP, PAD, ROW_GAP, Layout, Rectangle

# As far as that from a corner an arrowhead still meets a straight edge.
_CORNER = 8.0


@dataclass(frozen=True, slots=True)
class Route:
    """Hold the way of one arrow.

    Attributes:
        path: in the language of SVG; it ends at an edge of the target, coming from outside.
        middle: x and y of a point of it that no node hides.
    """

    path: str
    middle: tuple[float, float]


def route(layout: Layout, source: Rectangle, target: Rectangle) -> Route:
    """Return the way of an arrow from *source* to *target*."""
    edge = layout.edge_between(source, target)
    if edge is not None:
        return _around(source, target, edge + PAD * 0.6)
    middle = ((source.middle + target.middle) / 2, (source.bottom + target.y) / 2)
    if target.y >= source.bottom:
        start, end = source.bottom, target.y
        bend = (end - start) / 2
        path = (
            f"M{source.middle:.1f} {start:.1f} C{source.middle:.1f} {start + bend:.1f} "
            f"{target.middle:.1f} {end - bend:.1f} {target.middle:.1f} {end:.1f}"
        )
        return Route(path, middle)
    if abs(source.y - target.y) < 1 and 0 < target.x - source.right <= 2 * GAP:
        y = source.y + min(source.height, target.height) / 2
        path = f"M{source.right:.1f} {y:.1f} L{target.x:.1f} {y:.1f}"
        return Route(path, ((source.right + target.x) / 2, y))
    if target.bottom < source.y and not source.x - PAD < target.middle < source.right + PAD:
        return _up(source, target)
    # Beside or above: a bow below both.
    low = max(source.bottom, target.bottom) + ROW_GAP / 2
    path = (
        f"M{source.middle:.1f} {source.bottom:.1f} C{source.middle:.1f} {low:.1f} "
        f"{target.middle:.1f} {low:.1f} {target.middle:.1f} {target.bottom:.1f}"
    )
    return Route(path, middle)


def _up(source: Rectangle, target: Rectangle) -> Route:
    """Return a way out of the side of *source* and up to *target*: a bow would hide behind it."""
    start, out = source.right if target.middle > source.right else source.x, source.middle_y
    x, end = target.middle, target.bottom
    bend = (out + end) / 2
    path = f"M{start:.1f} {out:.1f} C{x:.1f} {out:.1f} {x:.1f} {bend:.1f} {x:.1f} {end:.1f}"
    return Route(path, ((start + 7 * x) / 8, (4 * out + 3 * bend + end) / 8))


def _around(source: Rectangle, target: Rectangle, x: float) -> Route:
    """Return a way that is at *x*, to the right of what is in its way, when it passes that."""
    out, middle = source.middle_y, (source.bottom + target.y) / 2
    if target.right < x + _CORNER:
        # A cubic curve goes three quarters of the way to its control points.
        side = max((x - (source.right + target.right) / 8) / 0.75, target.right + PAD)
        low = target.middle_y
        path = (
            f"M{source.right:.1f} {out:.1f} C{side:.1f} {out:.1f} {side:.1f} {low:.1f} "
            f"{target.right:.1f} {low:.1f}"
        )
        return Route(path, (x, (out + low) / 2))
    if x <= source.right:
        return Route(f"M{x:.1f} {out:.1f} L{x:.1f} {target.y:.1f}", (x, middle))
    # The target reaches further than that: the arrow comes from above.
    path = (
        f"M{source.right:.1f} {out:.1f} Q{x:.1f} {out:.1f} {x:.1f} {source.bottom:.1f} "
        f"L{x:.1f} {target.y:.1f}"
    )
    return Route(path, (x, middle))

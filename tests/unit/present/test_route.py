"""Arrows: where they end, and that nothing hides them."""

import re

import pytest

from lab.present.layout import Layout, Rectangle
from lab.present.route import Route, route
from tests.unit.present.test_graph import graph
from tests.unit.present.test_validation import ALL


def routes(case: str) -> list[tuple[Layout, Route, Rectangle]]:
    layout = Layout(graph(case))
    places = layout.nodes
    return [
        (layout, route(layout, places[one.source], places[one.target]), places[one.target])
        for one in layout.graph.arrows
    ]


def points(way: Route) -> list[tuple[float, float]]:
    numbers = [float(one) for one in re.findall(r"-?[0-9.]+", way.path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def inside(point: tuple[float, float], box: Rectangle) -> bool:
    x, y = point
    return box.x + 0.1 < x < box.right - 0.1 and box.y + 0.1 < y < box.bottom - 0.1


@pytest.mark.parametrize("case", ALL)
def test_an_arrow_comes_to_the_edge_of_its_target_from_outside(case: str) -> None:
    for _, way, target in routes(case):
        *_, before, end = points(way)
        assert not inside(end, target)
        assert not inside(before, target), way.path
        assert inside(
            end, Rectangle(target.x - 1, target.y - 1, target.width + 2, target.height + 2)
        )


@pytest.mark.parametrize("left", [0.0, 600.0])
def test_an_arrow_up_leaves_by_the_side_and_does_not_hide_behind_its_source(left: float) -> None:
    source, target = Rectangle(250, 400, 200, 40), Rectangle(left, 100, 100, 40)
    way = route(Layout(graph("alias")), source, target)
    start, *_, end = points(way)
    assert start == (250 if left < 250 else 450, 420)
    assert end == (left + 50, 140)


@pytest.mark.parametrize("case", ALL)
def test_no_node_hides_the_cross_on_a_broken_arrow(case: str) -> None:
    for layout, way, _ in routes(case):
        assert not any(inside(way.middle, one) for one in layout.nodes.values()), way.middle


@pytest.mark.parametrize("width", [40.0, 120.0, 200.0, 300.0])
@pytest.mark.parametrize("wide", [40.0, 120.0, 200.0, 300.0])
def test_an_arrow_around_a_node_reaches_a_target_of_any_width(width: float, wide: float) -> None:
    layout = Layout(graph("secure"))
    source, between, target = (
        Rectangle(200 - one / 2, y, one, 40) for one, y in ((width, 0), (120, 80), (wide, 160))
    )
    layout.nodes = {"source": source, "between": between, "target": target}
    way = route(layout, source, target)
    *_, before, end = points(way)
    assert not inside(before, target)
    assert end[0] == pytest.approx(target.right) or end[1] == pytest.approx(target.y)
    assert not any(inside(way.middle, one) for one in layout.nodes.values())

"""A chain of trust as a graph, in the manner of DNSViz: zones, keys, DS, RRsets, who signs what.

Says what such a picture is made of; `chain_graph` makes it of a validation, `svg` and `dot` draw
it. Hints are no part of the picture: two that differ in these alone are equal.
"""

from dataclasses import field
from enum import Enum

from dns.name import Name

from lab.core.frozen import dataclass
from lab.core.status import SecurityStatus


class Row(Enum):
    """Tell where in its zone a node stands."""

    KEYS = 0
    ZONE_KEYS = 1
    PROOFS = 2
    DATA = 3


class Bond(Enum):
    """Tell what an arrow stands for."""

    SECURE = "secure"
    INSECURE = "insecure"
    BROKEN = "broken"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True)
class Node:
    """Hold one thing that is drawn.

    Attributes:
        id: unique in the graph, letters and digits.
        lines: what is written on it.
        row: where it stands.
        status: its tone.
        anchor: a trust anchor names it.
        hint: more words, for who points at it.
    """

    id: str
    lines: tuple[str, ...]
    row: Row
    status: SecurityStatus
    anchor: bool = False
    hint: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Arrow:
    """Lead from one node to another; *hint* says why it is as it is."""

    source: str
    target: str
    bond: Bond
    hint: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ZoneBox:
    """Hold a zone with its nodes; *parent* is the index of the box above, or None."""

    apex: Name
    status: SecurityStatus
    parent: int | None
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Hold all of it.

    Attributes:
        title: the question and the verdict.
        status: of the whole.
        zones: parents before children.
        arrows: between nodes of any zones.
    """

    title: str
    status: SecurityStatus
    zones: tuple[ZoneBox, ...]
    arrows: tuple[Arrow, ...]

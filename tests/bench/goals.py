"""What is aimed at: ratios of figures that were measured side by side.

A ratio is one figure over another, most often CPU time for an answer: that of a peer over ours is
how many times faster we are.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from tests.bench import commands, inside, signing, validators
from tests.bench.figures import Findings
from tests.bench.measuring import cpu_us
from tests.bench.peers import BIND, COMPACT, KNOT, LAB, NSD, PDNS, TWISTED

Place: TypeAlias = tuple[str, str]
"""Who, and what."""


class Bound(Enum):
    """Say on which side of a goal it is met."""

    LEAST = "≥"
    MOST = "≤"


class Outcome(Enum):
    """Say what became of a goal."""

    MET = "met"
    MISSED = "not met"
    UNKNOWN = "not measured"


@dataclass(frozen=True, slots=True)
class Goal:
    """Hold a goal.

    Attributes:
        number: of the list of goals, or a word.
        text: what is compared.
        over: the figure.
        under: what it is divided by; None if it stands for itself.
        bound: at least, or at most.
        aim: how much.
    """

    number: str
    text: str
    over: Place
    under: Place | None
    bound: Bound
    aim: float

    def value(self, found: Findings) -> float | None:
        """Return what was reached; None if a figure is missing."""
        over = found.value(*self.over)
        under = 1.0 if self.under is None else found.value(*self.under)
        return None if over is None or not under else over / under

    def outcome(self, found: Findings) -> Outcome:
        """Return whether it is met."""
        value = self.value(found)
        if value is None:
            return Outcome.UNKNOWN
        met = value >= self.aim if self.bound is Bound.LEAST else value <= self.aim
        return Outcome.MET if met else Outcome.MISSED


def _faster(number: str, kind: str, peer: str, aim: float, ours: str = LAB.title) -> Goal:
    """Return a goal to need less CPU time for an answer than a peer."""
    what = f"{kind} us"
    text = f"`{kind}`: {peer} / {ours}, CPU time an answer"
    return Goal(number, text, (peer, what), (ours, what), Bound.LEAST, aim)


def _at_most(number: str, text: str, over: Place, under: Place | None, aim: float) -> Goal:
    return Goal(number, text, over, under, Bound.MOST, aim)


def _at_least(number: str, text: str, over: Place, under: Place | None, aim: float) -> Goal:
    return Goal(number, text, over, under, Bound.LEAST, aim)


def _validator(number: str, what: str, peer: str, aim: float) -> Goal:
    """Return a goal to need less CPU time than a peer."""
    cost, text = cpu_us(what), f"{what}: {validators.LAB} / {peer}, CPU time"
    return _at_most(number, text, (validators.LAB, cost), (peer, cost), aim)


_OURS = LAB.title
_COMPACT = COMPACT.title

GOALS = (
    _faster("G1", "hot", TWISTED.title, 5),
    _faster("G2", "hot", KNOT.title, 6),
    _faster("G3", "hot", NSD.title, 0.7),
    _faster("G4", "mix", KNOT.title, 7),
    _faster("G5", "mix", PDNS.title, 2),
    _faster("G6", "nx", PDNS.title, 5),
    _faster("G6", "nx", KNOT.title, 8),
    _faster("G6", "nx", BIND.title, 1),
    _at_least(
        "G7",
        f"`nx`: a bare signature / {_COMPACT}, CPU time",
        (signing.RAW, signing.EACH),
        (_COMPACT, "nx us"),
        0.45,
    ),
    _faster("G8", "nx", KNOT.title, 1.7, _COMPACT),
    _at_most(
        "G9",
        f"`hot`, one at a time: {_OURS} / {NSD.title}, latency",
        (_OURS, "hot ms"),
        (NSD.title, "hot ms"),
        1.5,
    ),
    _at_most(
        "G10",
        f"first signed answer after a start: {_OURS} / {TWISTED.title}",
        (_OURS, "start ms"),
        (TWISTED.title, "start ms"),
        1.5,
    ),
    _at_most(
        "G11",
        "signing a whole zone / as many bare signatures, CPU time",
        (signing.LAB, signing.READY),
        (signing.RAW, signing.READY),
        1.6,
    ),
    _at_most(
        "G12",
        f"memory after many absent names: {_OURS} / {PDNS.title}",
        (_OURS, "MiB after crowd"),
        (PDNS.title, "MiB after crowd"),
        0.5,
    ),
    _at_most("G12", f"{_OURS} grows by MiB meanwhile", (_OURS, "MiB of crowd"), None, 20),
    _validator("G13", validators.COLD, validators.PRIMITIVES, 0.5),
    _validator("G13", validators.COLD, validators.LIBUNBOUND, 0.6),
    _validator("G14", validators.KEPT, validators.LIBUNBOUND, 0.5),
    _at_most(
        "G15",
        f"{commands.VALIDATE} / {commands.DELV}, from Enter to the end",
        (commands.VALIDATE, commands.WALL),
        (commands.DELV, commands.WALL),
        2,
    ),
    _at_most(
        "G15",
        f"{commands.ASKED} / {commands.DELV_THERE}, from Enter to the end",
        (commands.ASKED, commands.WALL),
        (commands.DELV_THERE, commands.WALL),
        2,
    ),
    _at_most("G16", f"{_OURS} loses questions", (_OURS, "lost"), None, 0),
    _at_most("G16", f"{_OURS} is wrong in a sample", (_OURS, "wrong"), None, 0),
    _at_least("G16", f"{_OURS} signs answers, RRSIGs", (_OURS, "RRSIGs"), None, 1),
    _at_least("G16", f"{_OURS} signs denials, RRSIGs", (_OURS, "RRSIGs nx"), None, 2),
    _at_least(
        "TLS",
        "mutual handshakes without DANE / the same with it, CPU time",
        (inside.LET_IN, cpu_us(inside.HANDSHAKES)),
        (inside.DANE, cpu_us(inside.HANDSHAKES)),
        0.8,
    ),
    _at_most(
        "start",
        "a test's own tree: CPU us to the first validated answer",
        (inside.CALL, cpu_us(inside.FIXTURE)),
        None,
        50_000,
    ),
)

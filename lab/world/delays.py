"""Read `key_life` of a zone in `hierarchy.toml`: how its keys are rolled, and how patiently.

And how its parent comes to the first DS: by somebody's hand, or by what the zone itself asks for.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, cast

from lab.core.errors import InputError, ZoneError
from lab.core.frozen import dataclass
from lab.core.parameters import KINDS, Seconds
from lab.dnssec.keylife import Order
from lab.dnssec.keys import KeyRole

KEY_LIFE_DEFAULTS: Mapping[str, Any] = {"key_life": {}}
_SPANS = ("propagation", "parent_propagation", "registration", "safety")
_STYLES: Mapping[str, Order] = {
    "double-ds": Order.DS_FIRST,
    "double-signature": Order.PUBLISH_FIRST,
}
LEAST_SAFETY = 2


class FirstDs(Enum):
    """Tell how the parent of a zone takes its first DS.

    Attributes:
        BY_HAND: somebody gives it: a start of the lab, or a step of a scenario.
        BY_SIGNAL: it looks by itself, and takes what is vouched for (RFC 9615).
    """

    BY_HAND = "by-hand"
    BY_SIGNAL = "by-signal"


@dataclass(frozen=True, slots=True)
class Delays:
    """Say how the keys of one zone are rolled (RFC 7583 section 3.1).

    Attributes:
        propagation: seconds until the slowest secondary has a change.
        parent_propagation: the same for the parent.
        registration: seconds until the parent has done what CDS asks for.
        safety: seconds added to each of them.
        ksk: the order of records in a KSK rollover.
        first_ds: how the parent takes the first DS of the zone.
    """

    propagation: int = 5
    parent_propagation: int = 5
    registration: int = 60
    safety: int = LEAST_SAFETY
    ksk: Order = Order.DS_FIRST
    first_ds: FirstDs = FirstDs.BY_HAND

    @property
    def orders(self) -> Mapping[KeyRole, Order]:
        """Return the order of records for each role."""
        return {
            KeyRole.KSK: self.ksk,
            KeyRole.ZSK: Order.PUBLISH_FIRST,
            KeyRole.CSK: Order.PUBLISH_FIRST,
        }


def read_delays(table: object, where: str) -> Delays:
    """Return what the table `key_life` says.

    Raises:
        ZoneError: says at *where* what was expected.
    """
    known = (*_SPANS, "ksk", "first_ds")
    if not isinstance(table, dict) or set(table) - set(known):
        raise ZoneError(f"expected key_life = a table of {', '.join(known)}, not {table!r}", where)
    style = table.get("ksk", "double-ds")
    if not isinstance(style, str) or style not in _STYLES:
        raise ZoneError(f"expected ksk = one of {', '.join(_STYLES)}, not {style!r}", where)
    first, firsts = table.get("first_ds", FirstDs.BY_HAND.value), [one.value for one in FirstDs]
    if first not in firsts:
        raise ZoneError(f"expected first_ds = one of {', '.join(firsts)}, not {first!r}", where)
    spans = {key: _span(table[key], where) for key in _SPANS if key in table}
    delays = Delays(**spans, ksk=_STYLES[style], first_ds=FirstDs(first))
    if delays.safety < LEAST_SAFETY:
        raise ZoneError(f"expected safety of at least {LEAST_SAFETY}s: caches round", where)
    return delays


def _span(value: object, where: str) -> int:
    try:
        span = cast("int", KINDS[Seconds].convert(value))
    except InputError as error:
        raise ZoneError(error.what, where) from error
    if span < 0:
        raise ZoneError(f"expected a span of time from 0 on, not {value!r}", where)
    return span

"""The questions of a walk, and what their answers came over."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dns.rdatatype import RdataType

from lab.core.question import Exchange, Response

if TYPE_CHECKING:
    from rich.console import Console


def to_json(exchanges: Iterable[Exchange]) -> list[dict[str, Any]]:
    """Return one object for each question, in the order in which they were asked."""
    return [
        {
            "name": str(one.question.qname),
            "type": RdataType.to_text(one.question.rdtype),
            "server": str(one.question.server.name),
            "address": one.question.server.address,
            "over": _over(one),
            "error": None if isinstance(one.outcome, Response) else str(one.outcome),
        }
        for one in exchanges
    ]


def tell(console: "Console", exchanges: Iterable[Exchange]) -> None:
    """Print the same as lines: `www.example.fr. A @ a.nic.fr. (127.53.1.1): UDP`."""
    console.print("Asked, and what the answer came over:", style="bold")
    for one in exchanges:
        line = f"  {one.question}: {_over(one) or one.outcome}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _over(exchange: Exchange) -> str | None:
    outcome = exchange.outcome
    if not isinstance(outcome, Response):
        return None
    return "not known" if outcome.carrier is None else outcome.carrier.value

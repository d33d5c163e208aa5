"""What it costs a device to say who it is, as JSON values and as a table.

The columns are the slowest and a fast data rate in Europe, and the slowest in North America.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from rich.table import Table

from lab.core.instant import HOUR, MINUTE
from lab.lorawan.constrained import PROOFS, Cost, Proof, least_cost
from lab.lorawan.mhdr import Direction
from lab.lorawan.regions import EU868, US915, Region
from lab.pki.c509 import push_c509
from lab.pki.der import subject_public_key_info

_CAPTION = "frames, time on air; below it, the span in which a duty cycle allows them"

COLUMNS = ((EU868, 0), (EU868, 5), (US915, 0))


def proofs_of(certificate: x509.Certificate) -> tuple[Proof, ...]:
    """Return in which ways the holder of *certificate* can be told from others, smallest first.

    Raises:
        UnsupportedError: it has no C509 form.
    """
    return (
        PROOFS[0],
        Proof("SHA-256 of its key (TLSA 3 1 1)", sha256().digest_size),
        Proof("public key", len(subject_public_key_info(certificate))),
        Proof("certificate as C509", len(push_c509(certificate))),
        Proof("certificate as X.509", len(certificate.public_bytes(Encoding.DER))),
    )


def cost_values(proofs: Iterable[Proof]) -> list[dict[str, Any]]:
    """Return what each of *proofs* costs in each column, as JSON values."""
    return [
        {
            "proof": one.called,
            "octets": one.octets,
            "costs": [_value(one, region, data_rate) for region, data_rate in COLUMNS],
        }
        for one in proofs
    ]


def cost_table(values: Iterable[dict[str, Any]]) -> Table:
    """Return the table of what `cost_values` returned."""
    table = Table(box=None, pad_edge=False, header_style="bold", caption=_CAPTION)
    table.add_column("What is sent", no_wrap=True)
    table.add_column("Octets", justify="right")
    for region, data_rate in COLUMNS:
        modulation = region.data_rate(data_rate).modulation
        table.add_column(
            f"{region.name} DR{data_rate}\n{modulation}", justify="right", no_wrap=True
        )
    for one in values:
        table.add_row(one["proof"], str(one["octets"]), *(_cell(cost) for cost in one["costs"]))
    return table


def _value(proof: Proof, region: Region, data_rate: int) -> dict[str, Any]:
    cost: Cost = least_cost(proof.octets, Direction.UP, region, data_rate)
    duty_cycle = region.duty_cycle(region.channels[0])
    return {
        "region": region.name,
        "data_rate": data_rate,
        "frames": cost.frames,
        "airtime_ms": cost.airtime_us / 1000,
        "span_s": cost.span_s(duty_cycle) if duty_cycle < 1 else None,
    }


def _cell(cost: dict[str, Any]) -> str:
    frames, span = cost["frames"], cost["span_s"]
    if frames == 0:
        return "nothing"
    sent = f"{frames}, {cost['airtime_ms'] / 1000:.2f} s"
    return sent if span is None else f"{sent}\nin {_span(span)}"


def _span(seconds: float) -> str:
    for unit, length in (("h", HOUR), ("min", MINUTE)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"

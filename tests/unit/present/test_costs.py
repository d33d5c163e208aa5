"""The table of what a proof of identity costs on air."""

from io import StringIO

from rich.console import Console

from lab.lorawan.constrained import PROOFS
from lab.present.costs import cost_table, cost_values, proofs_of
from tests.unit.pki.chains import LEAF


def shown(values: list[dict[str, object]]) -> str:
    page = StringIO()
    Console(width=80, file=page).print(cost_table(values))
    return page.getvalue()


def test_each_proof_has_its_costs_in_three_columns() -> None:
    values = cost_values(PROOFS)
    c509 = next(one for one in values if one["octets"] == 140)
    assert c509["costs"] == [
        {
            "region": "EU868",
            "data_rate": 0,
            "frames": 4,
            "airtime_ms": 9371.648,
            "span_s": 937.1648,
        },
        {"region": "EU868", "data_rate": 5, "frames": 1, "airtime_ms": 251.136, "span_s": 25.1136},
        {"region": "US915", "data_rate": 0, "frames": 15, "airtime_ms": 5519.36, "span_s": None},
    ]


def test_the_table_says_it_in_words() -> None:
    text = shown(cost_values(PROOFS))
    for words in ("4, 9.37 s", "in 15.6 min", "42, 115.85 s", "in 3.2 h", "206, 76.32 s", "in 8 s"):
        assert words in text
    assert text.count("nothing") == 3


def test_a_certificate_is_compared_with_what_is_smaller() -> None:
    proofs = proofs_of(LEAF.leaf)
    sizes = [one.octets for one in proofs]
    assert sizes == sorted(sizes)
    assert sizes[:3] == [0, 32, 91]
    assert sizes[3] < sizes[4] / 2

"""`lorawan.toml` names servers that exist, and each identifier once."""

from pathlib import Path

import pytest

from lab.core.errors import ZoneError
from lab.lorawan.identifiers import Eui64, NetId
from lab.world.lorawan import Activation, Way, read_lorawan
from lab.world.lorawan_tables import LorawanConfig
from lab.world.operators import read_operators

ZONES = Path(__file__).parents[3] / "zones"
OPERATORS = read_operators((ZONES / "operators.toml").read_text(encoding="utf-8"), "operators.toml")

TEXT = """
[network.afnic]
net_id = "0x00050A"
[network.tsp]
net_id = "00050b"
[agreement.one]
one = "afnic"
other = "tsp"
lifetime = "1h"
[join-eui.afnic]
join_eui = "00-00-5E-10-00-00-00-2F"
operator = "afnic"
way = "naptr"
[gateway.roof]
eui = "00005e1000002001"
operator = "tsp"
[device.meter]
dev_eui = "00005e1000001003"
join_eui = "00005e100000002f"
home = "tsp"
application = "afnic"
version = "1.1.0"
"""


def read(text: str) -> LorawanConfig:
    return read_lorawan(text, "lorawan.toml", OPERATORS)


def test_what_is_written_is_read() -> None:
    config = read(TEXT)
    assert config.networks["afnic"].net_id == NetId.from_text("00050a")
    assert config.join_euis["afnic"].way is Way.NAPTR
    meter = config.devices["meter"]
    assert meter.dev_eui == Eui64.from_text("00005e1000001003")
    assert (meter.version, meter.activation) == ("1.1.0", Activation.OTAA)
    assert {one.join_eui: one.operator for one in config.join_euis.values()}[
        meter.join_eui
    ] == "afnic"


def test_an_agreement_counts_for_both() -> None:
    config = read(TEXT)
    afnic, tsp = config.networks["afnic"].net_id, config.networks["tsp"].net_id
    assert list(config.partners("afnic")) == [(tsp, 3600)]
    assert list(config.partners("tsp")) == [(afnic, 3600)]


def test_the_shipped_file_is_right() -> None:
    config = read((ZONES / "lorawan.toml").read_text(encoding="utf-8"))
    assert {"weather", "meter", "bicycle"} <= set(config.devices)


@pytest.mark.parametrize(
    ("change", "line", "because"),
    [
        (('net_id = "00050b"', 'net_id = "00050a"'), 5, "already that of [network.afnic]"),
        (('net_id = "00050b"', 'net_id = "0005"'), 5, "NetID"),
        (('net_id = "00050b"', "net_id = 5"), 5, "quotes"),
        (('home = "tsp"', 'home = "nic"'), 20, "no server nic.ns"),
        (('application = "afnic"', 'application = "intruder"'), 21, "no server intruder.as"),
        (('other = "tsp"', 'other = "intruder"'), 8, "no server intruder.ns"),
        (('[network.tsp]\nnet_id = "00050b"', ""), 7, "no [network.tsp]"),
        (('"00005e100000002f"', '"00005e100000002e"'), 19, "JoinEUI 00005e100000002e"),
        (('version = "1.1.0"', 'version = "2.0"'), 17, "LoRaWAN version"),
        (('way = "naptr"', 'way = "srv"'), 13, "address, naptr"),
        (('eui = "00005e1000002001"', ""), 14, "needs the parameter 'eui'"),
        (("[gateway.roof]", "[tower.roof]"), 1, "unknown key 'tower'"),
    ],
)
def test_a_mistake_is_told_with_its_line(change: tuple[str, str], line: int, because: str) -> None:
    with pytest.raises(ZoneError) as caught:
        read(TEXT.replace(*change))
    assert because in str(caught.value)
    assert caught.value.where == f"lorawan.toml:{line}"


def test_a_region_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ZoneError, match="no region 'MARS1'"):
        read(TEXT.replace('net_id = "00050b"', 'net_id = "00050b"\nregion = "MARS1"'))

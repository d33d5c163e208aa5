"""The simulated air: distance, spreading factor, chance."""

from lab.core.entropy import SeededEntropy
from lab.lorawan.identifiers import Eui64
from lab.lorawan.radio import Air, Place

NEAR = Eui64.from_text("0000000000000001")
FAR = Eui64.from_text("0000000000000002")
HERE = Place(0, 0)
AIR = Air({FAR: Place(0, 6000), NEAR: Place(800, 0)})


def hearers(air: Air, spreading_factor: int, seed: str = "") -> list[Eui64]:
    heard = air.hearers(HERE, spreading_factor, SeededEntropy(seed))
    return [one.gateway for one in heard]


def test_a_greater_spreading_factor_reaches_further() -> None:
    assert hearers(AIR, 7) == [NEAR]
    assert hearers(AIR, 12) == [NEAR, FAR]


def test_nearer_is_louder() -> None:
    near, far = AIR.hearers(HERE, 12, SeededEntropy(""))
    assert near.rssi > far.rssi
    assert near.snr > far.snr


def test_the_same_place_is_not_infinitely_loud() -> None:
    heard = AIR.hearers(Place(800, 0), 12, SeededEntropy(""))
    assert heard[0].gateway == NEAR
    assert heard[0].rssi < 0


def test_what_is_lost_is_drawn_for_each_gateway() -> None:
    air = Air(AIR.gateways, loss=0.5)
    seen = {tuple(hearers(air, 12, seed)) for seed in "abcdefghijklmnop"}
    assert seen == {(NEAR, FAR), (NEAR,), (FAR,), ()}


def test_the_same_chance_loses_the_same_frames() -> None:
    air = Air(AIR.gateways, loss=0.5)
    assert hearers(air, 12, "a") == hearers(air, 12, "a")


def test_a_device_hears_the_gateways_that_hear_it() -> None:
    assert AIR.reaches(FAR, HERE, 12, SeededEntropy(""))
    assert not AIR.reaches(FAR, HERE, 7, SeededEntropy(""))
    assert not Air(AIR.gateways, loss=1).reaches(NEAR, HERE, 7, SeededEntropy(""))

"""Gateways bring as many requests to join as they may; strangers take nothing from others."""

from lab.backend.join_quota import OWN, STRANGERS, JoinQuota
from lab.backend.network_rules import JOIN_RATE
from lab.lorawan.device import join
from lab.lorawan.frames import RejoinKind
from lab.lorawan.identifiers import Eui64
from lab.lorawan.keys import Version
from lab.lorawan.rejoining import rejoin
from tests.lorawan import GATEWAY, OTHER_GATEWAY, World, device

REQUEST = join(device())[0].push()
STRANGER = Eui64.from_text("00005e10000affff")


def taken(quota: JoinQuota, gateway: Eui64, requests: int, now: float = 0.0) -> int:
    """Return how many of so many requests are not refused."""
    return sum(quota.refuses(gateway, REQUEST, now) is None for _ in range(requests))


def test_a_gateway_may_bring_so_many_at_once_and_then_so_many_a_second() -> None:
    quota = JoinQuota({GATEWAY})
    assert taken(quota, GATEWAY, OWN.burst + 5) == OWN.burst
    assert taken(quota, GATEWAY, 2 * OWN.per_s, now=1.0) == OWN.per_s
    assert taken(quota, GATEWAY, 2 * OWN.burst, now=1000.0) == OWN.burst
    assert quota.dropped == {GATEWAY: 5 + OWN.per_s + OWN.burst}


def test_a_thousand_devices_can_join_by_one_gateway() -> None:
    assert taken(JoinQuota({GATEWAY}), GATEWAY, 1000) == 1000


def test_all_strangers_share_one_bucket() -> None:
    quota = JoinQuota({GATEWAY})
    euis = [Eui64(number.to_bytes(8)) for number in range(2 * STRANGERS.burst)]
    assert sum(taken(quota, one, 1) for one in euis) == STRANGERS.burst
    refused = quota.refuses(STRANGER, REQUEST, 0.0)
    assert refused is not None
    assert [one.rule for one in refused.reasons()] == [JOIN_RATE]
    assert "not in lorawan.toml" in refused.conclusion
    assert quota.dropped == {None: STRANGERS.burst + 1}


def test_strangers_take_nothing_from_the_operators_gateways() -> None:
    quota = JoinQuota({GATEWAY, OTHER_GATEWAY})
    taken(quota, STRANGER, 1000)
    taken(quota, OTHER_GATEWAY, 2 * OWN.burst)
    assert taken(quota, GATEWAY, 1) == 1


def test_rejoin_requests_count_and_data_does_not() -> None:
    world = World(Version.LORAWAN_1_1)
    world.joins(world.home)
    again = rejoin(world.device, RejoinKind.RESET)[0].push()
    quota = JoinQuota(frozenset())
    taken(quota, STRANGER, STRANGERS.burst)
    assert quota.refuses(STRANGER, again, 0.0) is not None
    assert quota.refuses(STRANGER, b"\x40" + bytes(11), 0.0) is None
    assert quota.refuses(STRANGER, b"", 0.0) is None


def test_time_that_runs_backwards_fills_no_bucket() -> None:
    quota = JoinQuota(frozenset())
    taken(quota, STRANGER, STRANGERS.burst, now=100.0)
    assert taken(quota, STRANGER, 1, now=50.0) == 0

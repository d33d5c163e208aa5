"""An uplink as a network server works with it, whether its own gateways heard it or a partner's.

Decides by which way an answer goes back. A visited network writes gateway and time into the
FNSULToken, so it has to remember nothing: TS002-1.0 section 13 lets it choose what stands there.
"""

from typing import TypeAlias

from lab.backend.deduplication import Reception, Uplink
from lab.backend.network import Ground
from lab.backend.objects import GatewayReception, UplinkMetadata
from lab.backend.roaming_messages import PRStartReq, XmitDataReq
from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.lorawan.identifiers import Eui64, NetId
from lab.lorawan.mhdr import Direction
from lab.lorawan.regions import Region

_HZ = 1_000_000
_TOKEN = Eui64.SIZE + 4


@dataclass(frozen=True, slots=True)
class ByGateway:
    """Answer by a gateway of one's own.

    Attributes:
        gateway: which one.
        ticks: its counter when the uplink ended.
    """

    gateway: Eui64
    ticks: int


@dataclass(frozen=True, slots=True)
class ByNetwork:
    """Answer by a network that the device visits.

    Attributes:
        net_id: which one.
        token: its FNSULToken.
    """

    net_id: NetId
    token: bytes


Way: TypeAlias = ByGateway | ByNetwork


@dataclass(frozen=True, slots=True)
class Arrival:
    """Hold an uplink with what is known of its reception.

    Attributes:
        octets: the PHYPayload.
        frequency: in Hz.
        data_rate: its number in the region.
        way: how an answer goes back.
        gateways: who heard it, the best first.
    """

    octets: bytes
    frequency: int
    data_rate: int
    way: Way
    gateways: tuple[GatewayReception, ...]


def arrival_of(uplink: Uplink, region: Region) -> Arrival:
    """Return what the gateways of this network heard.

    Raises:
        InputError: the region has no such data rate.
    """
    best = uplink.best
    return Arrival(
        uplink.octets,
        best.packet.frequency,
        region.data_rate_number(best.packet.data_rate, Direction.UP),
        ByGateway(best.gateway, best.packet.ticks),
        tuple(_told(one, region) for one in uplink.receptions),
    )


def _told(one: Reception, region: Region) -> GatewayReception:
    return GatewayReception(
        gateway_id=one.gateway.octets,
        region=region.name,
        rssi=one.packet.rssi,
        snr=one.packet.snr,
        dl_allowed=True,
    )


def arrival_from(message: PRStartReq | XmitDataReq) -> Arrival:
    """Return what a visited network hands on.

    Raises:
        PeerError: it does not say how the frame was received.
    """
    told = message.ul_metadata
    sender = message.header.sender_id
    if told is None or told.ul_freq is None or told.data_rate is None:
        raise PeerError("ULMetaData lacks ULFreq or DataRate")
    if not isinstance(sender, NetId):
        raise PeerError(f"SenderID {sender} is no NetID")
    return Arrival(
        message.phy_payload,
        round(told.ul_freq * _HZ),
        told.data_rate,
        ByNetwork(sender, told.fns_ul_token),
        told.gw_info,
    )


def metadata_of(arrival: Arrival, ground: Ground) -> UplinkMetadata:
    """Return ULMetaData, as far as it is about the reception."""
    way = arrival.way
    return UplinkMetadata(
        data_rate=arrival.data_rate,
        ul_freq=arrival.frequency / _HZ,
        fns_ul_token=token_of(way) if isinstance(way, ByGateway) else way.token,
        recv_time=ground.now.datetime().strftime("%Y-%m-%dT%H:%M:%SZ"),
        region=ground.network.region.name,
        gw_count=len(arrival.gateways),
        gw_info=arrival.gateways,
    )


def token_of(way: ByGateway) -> bytes:
    """Return the FNSULToken that leads back by *way*."""
    return way.gateway.octets + way.ticks.to_bytes(4)


def way_of(token: bytes) -> ByGateway:
    """Return the way that a FNSULToken of this network leads.

    Raises:
        PeerError: it is none.
    """
    if len(token) != _TOKEN:
        raise PeerError("FNSULToken is none of this network", token)
    return ByGateway(Eui64(token[: Eui64.SIZE]), int.from_bytes(token[Eui64.SIZE :]))

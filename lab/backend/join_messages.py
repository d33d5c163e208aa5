"""What join servers are asked: to let devices in, for keys, for homes (TS002-1.0 section 22).

The name of a class is the MessageType, its fields are the JSON members; see `wire`.
"""

from typing import Annotated

from lab.backend.message import Answer, Message
from lab.backend.wire import KINDS, At, Kind, read_hex
from lab.core.frozen import dataclass
from lab.lorawan.frames import DlSettings
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.lorawan.key_envelope import KeyEnvelope

# DLSettings are one octet on air, and here.
KINDS[DlSettings] = Kind(
    lambda held, at: DlSettings.pull(read_hex(held, at)[0]),
    lambda settings: f"{settings.push():02x}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinReq(Message):
    """Ask a join server to let a device in (section 8).

    Attributes:
        mac_version: of the device, e.g. "1.0.3".
        phy_payload: the Join-Request.
        dev_eui: of the device.
        dev_addr: which the network has chosen for it.
        dl_settings: for the Join-Accept.
        rx_delay: seconds; 0 means 1.
        cf_list: more channels; none or 16 octets.
    """

    mac_version: Annotated[str, At("MACVersion")]
    phy_payload: Annotated[bytes, At("PHYPayload")]
    dev_eui: Annotated[Eui64, At("DevEUI")]
    dev_addr: Annotated[DevAddr, At("DevAddr")]
    dl_settings: Annotated[DlSettings, At("DLSettings", octets=(1,))]
    rx_delay: Annotated[int, At("RxDelay", most=15)]
    cf_list: Annotated[bytes, At("CFList", octets=(0, 16))] = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejoinReq(JoinReq):
    """Ask a join server for new keys of a device that has a session (section 9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinAns(Answer):
    """Let a device in, or not.

    Attributes:
        phy_payload: the Join-Accept.
        lifetime: of the session, in seconds; 0: no end.
        nwk_s_key: for a device of 1.0.
        f_nwk_s_int_key: for a device of 1.1, as the next two.
        s_nwk_s_int_key: integrity, at the serving network.
        nwk_s_enc_key: encryption of MAC commands.
        app_s_key: only for the application server; wrapped, or the network can read it.
        session_key_id: by which the application server can ask for it.
    """

    phy_payload: Annotated[bytes, At("PHYPayload", with_success=True)] = b""
    lifetime: Annotated[int | None, At("Lifetime")] = None
    nwk_s_key: Annotated[KeyEnvelope | None, At("NwkSKey")] = None
    f_nwk_s_int_key: Annotated[KeyEnvelope | None, At("FNwkSIntKey")] = None
    s_nwk_s_int_key: Annotated[KeyEnvelope | None, At("SNwkSIntKey")] = None
    nwk_s_enc_key: Annotated[KeyEnvelope | None, At("NwkSEncKey")] = None
    app_s_key: Annotated[KeyEnvelope | None, At("AppSKey")] = None
    session_key_id: Annotated[bytes, At("SessionKeyID")] = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejoinAns(JoinAns):
    """Give a device new keys, or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSKeyReq(Message):
    """Ask a join server, as an application server, for the key of a session (section 10).

    Attributes:
        dev_eui: of the device.
        session_key_id: as in its JoinAns.
    """

    dev_eui: Annotated[Eui64, At("DevEUI")]
    session_key_id: Annotated[bytes, At("SessionKeyID")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSKeyAns(Answer):
    """Give that key, or not.

    Attributes:
        dev_eui: of the device.
        app_s_key: wrapped, if both have a key for that.
        session_key_id: as it was asked.
    """

    dev_eui: Annotated[Eui64 | None, At("DevEUI")] = None
    app_s_key: Annotated[KeyEnvelope | None, At("AppSKey", with_success=True)] = None
    session_key_id: Annotated[bytes, At("SessionKeyID")] = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeNSReq(Message):
    """Ask a join server which network is the home of a device (section 8.2).

    Attributes:
        dev_eui: of the device.
    """

    dev_eui: Annotated[Eui64, At("DevEUI")]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeNSAns(Answer):
    """Name the home of a device.

    Attributes:
        h_net_id: its NetID.
        h_ns_id: which of its network servers (1.1).
    """

    h_net_id: Annotated[NetId | None, At("HNetID", with_success=True)] = None
    h_ns_id: Annotated[Eui64 | None, At("HNSID")] = None

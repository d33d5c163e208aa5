"""What messages are about: radio metadata, profiles, keys (Backend Interfaces 1.0 section 22.3).

Members that only describe (a profile's limits, a gateway's place) are optional: peers leave many
out, and no decision of ours rests on them.
"""

from enum import Enum
from typing import Annotated

from lab.backend.wire import KINDS, At, Kind, read_fields, read_table
from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.lorawan.identifiers import DevAddr, Eui64
from lab.lorawan.key_envelope import KEY_OCTETS, WRAPPED_OCTETS, KeyEnvelope

_DECIBEL = {"least": -1000.0, "most": 1000.0}
# Megahertz; LoRaWAN has none beyond 2.4 GHz.
_MHZ = {"most": 10000.0}
_PORT = 255
_DATA_RATE = 15


@dataclass(frozen=True, slots=True)
class _Envelope:
    """Hold the members of a KeyEnvelope."""

    aes_key: Annotated[bytes, At("AESKey")]
    kek_label: Annotated[str, At("KEKLabel")] = ""


def _read_envelope(held: object, at: At) -> KeyEnvelope:
    read = _Envelope(**read_fields(_Envelope, read_table(held, at)))
    # TS002-1.0 section 21: without KEKLabel the key is in the clear, else wrapped as in RFC 3394.
    wanted = WRAPPED_OCTETS if read.kek_label else KEY_OCTETS
    if len(read.aes_key) != wanted:
        how = "wrapped" if read.kek_label else "in the clear"
        raise PeerError(f"AESKey: a key {how} has {wanted} octets, not {len(read.aes_key)}")
    return KeyEnvelope(read.kek_label, read.aes_key)


def _write_envelope(envelope: KeyEnvelope) -> dict[str, str]:
    return {"KEKLabel": envelope.kek_label, "AESKey": envelope.aes_key.hex()}


KINDS[KeyEnvelope] = Kind(_read_envelope, _write_envelope)


class RoamingActivation(Enum):
    """Name who holds the session of a roaming device: the home network, or the visited one."""

    PASSIVE = "Passive"
    HANDOVER = "Handover"


class ClassMode(Enum):
    """Name when a device listens."""

    A = "A"
    C = "C"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayReception:
    """Hold one GWInfo element: how one gateway heard a frame.

    Attributes:
        gateway_id: 4 octets by the standard; most peers write the 8 of its EUI.
        region: e.g. "EU868".
        rssi: dBm.
        snr: dB.
        latitude: degrees.
        longitude: degrees.
        ul_token: note of the forwarding network, which comes back with a downlink.
        dl_allowed: whether this gateway may send to the device.
    """

    gateway_id: Annotated[bytes, At("ID", octets=(4, 8))] = b""
    region: Annotated[str, At("RFRegion")] = ""
    rssi: Annotated[float | None, At("RSSI", **_DECIBEL)] = None
    snr: Annotated[float | None, At("SNR", **_DECIBEL)] = None
    latitude: Annotated[float | None, At("Lat", least=-90, most=90)] = None
    longitude: Annotated[float | None, At("Lon", least=-180, most=180)] = None
    ul_token: Annotated[bytes, At("ULToken")] = b""
    dl_allowed: Annotated[bool, At("DLAllowed")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkMetadata:
    """Hold ULMetaData: what is known of a frame from a device, beside its octets.

    Attributes:
        dev_eui: whose it is; not known with stateless roaming.
        dev_addr: as in the frame.
        f_port: 1 to 223 for applications.
        f_cnt_down: 32 bits.
        f_cnt_up: 32 bits.
        confirmed: whether the device wants an acknowledgement.
        data_rate: its number in the region.
        ul_freq: MHz.
        margin: dB, of the device's last DevStatusAns.
        battery: of the same.
        fns_ul_token: note of the forwarding network, which comes back with a downlink.
        recv_time: ISO 8601, when the frame was received.
        region: e.g. "EU868".
        gw_count: by how many gateways.
        gw_info: how each heard it.
    """

    dev_eui: Annotated[Eui64 | None, At("DevEUI")] = None
    dev_addr: Annotated[DevAddr | None, At("DevAddr")] = None
    f_port: Annotated[int | None, At("FPort", most=_PORT)] = None
    f_cnt_down: Annotated[int | None, At("FCntDown")] = None
    f_cnt_up: Annotated[int | None, At("FCntUp")] = None
    confirmed: Annotated[bool, At("Confirmed")] = False
    data_rate: Annotated[int | None, At("DataRate", most=_DATA_RATE)] = None
    ul_freq: Annotated[float | None, At("ULFreq", **_MHZ)] = None
    margin: Annotated[int | None, At("Margin", least=-32, most=31)] = None
    battery: Annotated[int | None, At("Battery", most=255)] = None
    fns_ul_token: Annotated[bytes, At("FNSULToken")] = b""
    recv_time: Annotated[str, At("RecvTime")] = ""
    region: Annotated[str, At("RFRegion")] = ""
    gw_count: Annotated[int | None, At("GWCnt")] = None
    gw_info: Annotated[tuple[GatewayReception, ...], At("GWInfo")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DownlinkMetadata:
    """Hold DLMetaData: when and how a frame is to be sent to a device.

    Attributes:
        dev_eui: for whom.
        f_port: 1 to 223 for applications.
        f_cnt_down: 32 bits.
        confirmed: whether the device is to acknowledge it.
        dl_freq_1: MHz, in the first receive window.
        dl_freq_2: MHz, in the second; at least one of both must be given.
        rx_delay_1: seconds from the end of the uplink to the first window.
        class_mode: when the device listens.
        data_rate_1: in the first window.
        data_rate_2: in the second.
        fns_ul_token: as in the metadata of the uplink.
        gw_info: the gateways that may send it, with their tokens.
        high_priority: send it before others.
    """

    dev_eui: Annotated[Eui64 | None, At("DevEUI")] = None
    f_port: Annotated[int | None, At("FPort", most=_PORT)] = None
    f_cnt_down: Annotated[int | None, At("FCntDown")] = None
    confirmed: Annotated[bool, At("Confirmed")] = False
    dl_freq_1: Annotated[float | None, At("DLFreq1", **_MHZ)] = None
    dl_freq_2: Annotated[float | None, At("DLFreq2", **_MHZ)] = None
    rx_delay_1: Annotated[int | None, At("RXDelay1", most=15)] = None
    class_mode: Annotated[ClassMode | None, At("ClassMode")] = None
    data_rate_1: Annotated[int | None, At("DataRate1", most=_DATA_RATE)] = None
    data_rate_2: Annotated[int | None, At("DataRate2", most=_DATA_RATE)] = None
    fns_ul_token: Annotated[bytes, At("FNSULToken")] = b""
    gw_info: Annotated[tuple[GatewayReception, ...], At("GWInfo")] = ()
    high_priority: Annotated[bool, At("HiPriorityFlag")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProfile:
    """Hold what a device can do, as its maker says.

    Attributes:
        profile_id: of this profile.
        mac_version: e.g. "1.0.3".
        reg_params_revision: e.g. "RP002-1.0.3".
        supports_join: OTAA.
        supports_class_b: whether it knows the class.
        supports_class_c: whether it knows the class.
        supports_32_bit_f_cnt: counters have 32 bits.
        region: e.g. "EU868".
        max_eirp: dBm.
        rx_delay_1: seconds, for ABP.
        rx_dr_offset_1: for ABP.
        rx_data_rate_2: for ABP.
        rx_freq_2: MHz, for ABP.
    """

    profile_id: Annotated[str, At("DeviceProfileID")] = ""
    mac_version: Annotated[str, At("MACVersion")] = ""
    reg_params_revision: Annotated[str, At("RegParamsRevision")] = ""
    supports_join: Annotated[bool, At("SupportsJoin")] = False
    supports_class_b: Annotated[bool, At("SupportsClassB")] = False
    supports_class_c: Annotated[bool, At("SupportsClassC")] = False
    supports_32_bit_f_cnt: Annotated[bool, At("Supports32bitFCnt")] = False
    region: Annotated[str, At("RFRegion")] = ""
    max_eirp: Annotated[int | None, At("MaxEIRP", least=-128, most=127)] = None
    rx_delay_1: Annotated[int | None, At("RXDelay1", most=15)] = None
    rx_dr_offset_1: Annotated[int | None, At("RXDROffset1", most=7)] = None
    rx_data_rate_2: Annotated[int | None, At("RXDataRate2", most=_DATA_RATE)] = None
    rx_freq_2: Annotated[float | None, At("RXFreq2", **_MHZ)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProfile:
    """Hold what the home network has agreed on with the device's owner.

    Attributes:
        profile_id: of this profile.
        add_gw_metadata: whether applications are told which gateways heard a frame.
        dr_min: slowest data rate.
        dr_max: fastest data rate.
        roaming_allowed: passive roaming.
        handover_allowed: handover roaming.
        activation_allowed: activation while roaming.
    """

    profile_id: Annotated[str, At("ServiceProfileID")] = ""
    add_gw_metadata: Annotated[bool, At("AddGWMetadata")] = False
    dr_min: Annotated[int | None, At("DRMin", most=_DATA_RATE)] = None
    dr_max: Annotated[int | None, At("DRMax", most=_DATA_RATE)] = None
    roaming_allowed: Annotated[bool, At("PRAllowed")] = False
    handover_allowed: Annotated[bool, At("HRAllowed")] = False
    activation_allowed: Annotated[bool, At("RAAllowed")] = False

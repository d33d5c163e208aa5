"""What networks say to each other about a device that roams (TS002-1.0 section 22).

Passive roaming is all here; of handover (HRStartReq, HRStopReq) nothing is: no open network server
does it. The name of a class is the MessageType, its fields are the JSON members; see `wire`.
"""

from typing import Annotated

from lab.backend.message import Answer, Message
from lab.backend.objects import (
    DeviceProfile,
    DownlinkMetadata,
    RoamingActivation,
    ServiceProfile,
    UplinkMetadata,
)
from lab.backend.wire import At
from lab.core.frozen import dataclass
from lab.lorawan.identifiers import DevAddr, Eui64
from lab.lorawan.key_envelope import KeyEnvelope


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileReq(Message):
    """Ask the home network what a device can do, and how it may roam (section 11).

    Attributes:
        dev_eui: of the device.
    """

    dev_eui: Annotated[Eui64, At("DevEUI")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileAns(Answer):
    """Tell it.

    Attributes:
        device_profile: what it can do.
        device_profile_timestamp: ISO 8601, of its last change.
        roaming_activation: how it may roam.
        lifetime: of this permission, in seconds.
    """

    device_profile: Annotated[DeviceProfile | None, At("DeviceProfile")] = None
    device_profile_timestamp: Annotated[str, At("DeviceProfileTimestamp")] = ""
    roaming_activation: Annotated[
        RoamingActivation | None, At("RoamingActivationType", with_success=True)
    ] = None
    lifetime: Annotated[int | None, At("Lifetime")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PRStartReq(Message):
    """Hand a frame to the network that serves the device: passive roaming begins (section 11.3).

    Attributes:
        phy_payload: a Join-Request or a data frame.
        ul_metadata: how it was received.
    """

    phy_payload: Annotated[bytes, At("PHYPayload")]
    ul_metadata: Annotated[UplinkMetadata, At("ULMetaData")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PRStartAns(Answer):
    """Take the frame, and say whether frames of this device may come without asking.

    Attributes:
        phy_payload: an answer for the device, e.g. the Join-Accept.
        lifetime: seconds for which the forwarding network keeps a session; 0: stateless.
        dev_eui: of the device, if a session is kept.
        dev_addr: of the device; an extension that peers of our time need.
        service_profile: of the device, if a session is kept.
        f_cnt_up: where the counter stands, if the forwarding network checks MICs.
        f_nwk_s_int_key: with which it does, for a device of 1.1.
        nwk_s_key: the same for a device of 1.0.
        dl_metadata: how the answer for the device is to be sent.
    """

    phy_payload: Annotated[bytes, At("PHYPayload")] = b""
    lifetime: Annotated[int | None, At("Lifetime")] = None
    dev_eui: Annotated[Eui64 | None, At("DevEUI")] = None
    dev_addr: Annotated[DevAddr | None, At("DevAddr")] = None
    service_profile: Annotated[ServiceProfile | None, At("ServiceProfile")] = None
    f_cnt_up: Annotated[int | None, At("FCntUp")] = None
    f_nwk_s_int_key: Annotated[KeyEnvelope | None, At("FNwkSIntKey")] = None
    nwk_s_key: Annotated[KeyEnvelope | None, At("NwkSKey")] = None
    dl_metadata: Annotated[DownlinkMetadata | None, At("DLMetaData")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PRStopReq(Message):
    """End passive roaming of a device.

    Attributes:
        dev_eui: of the device.
        dev_addr: of its session.
        lifetime: seconds in which no frame of it is wanted.
    """

    dev_eui: Annotated[Eui64, At("DevEUI")]
    dev_addr: Annotated[DevAddr | None, At("DevAddr")] = None
    lifetime: Annotated[int | None, At("Lifetime")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PRStopAns(Answer):
    """Agree, or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XmitDataReq(Message):
    """Carry one frame between networks, or one payload to an application server (section 11).

    Attributes:
        phy_payload: a frame, with passive roaming.
        frm_payload: the payload alone.
        ul_metadata: of a frame from the device.
        dl_metadata: of a frame for the device.
        session_key_id: by which an application server asks for the key of the payload. This and
            the next are extensions: TS002-1.0 leaves to the operators how it learns of them.
        app_s_key: that key, wrapped for the application server.
    """

    phy_payload: Annotated[bytes, At("PHYPayload")] = b""
    frm_payload: Annotated[bytes, At("FRMPayload")] = b""
    ul_metadata: Annotated[UplinkMetadata | None, At("ULMetaData")] = None
    dl_metadata: Annotated[DownlinkMetadata | None, At("DLMetaData")] = None
    session_key_id: Annotated[bytes, At("SessionKeyID")] = b""
    app_s_key: Annotated[KeyEnvelope | None, At("AppSKey")] = None

    def mistake(self) -> str:
        """Demand one direction, and one kind of payload."""
        if self.phy_payload and self.frm_payload:
            return "PHYPayload and FRMPayload exclude each other"
        if (self.ul_metadata is None) == (self.dl_metadata is None):
            return "expected either ULMetaData or DLMetaData"
        down = self.dl_metadata
        if down is not None and down.dl_freq_1 is None and down.dl_freq_2 is None:
            return "DLMetaData needs DLFreq1 or DLFreq2"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class XmitDataAns(Answer):
    """Say whether the frame was taken.

    Attributes:
        dl_freq_1: MHz, on which it was sent in the first window.
        dl_freq_2: the same of the second.
    """

    dl_freq_1: Annotated[float | None, At("DLFreq1")] = None
    dl_freq_2: Annotated[float | None, At("DLFreq2")] = None

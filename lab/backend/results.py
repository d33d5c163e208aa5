"""How a request ended (Backend Interfaces 1.0 section 22.3), and how one is malformed."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

from lab.backend.wire import At
from lab.core.errors import PeerError
from lab.core.frozen import dataclass

if TYPE_CHECKING:
    from lab.backend.header import Header


class ResultCode(Enum):
    """Name the ends of a request, as JSON writes them; the last three came with version 1.1."""

    SUCCESS = "Success"
    MIC_FAILED = "MICFailed"
    JOIN_REQ_FAILED = "JoinReqFailed"
    NO_ROAMING_AGREEMENT = "NoRoamingAgreement"
    DEV_ROAMING_DISALLOWED = "DevRoamingDisallowed"
    ROAMING_ACT_DISALLOWED = "RoamingActDisallowed"
    ACTIVATION_DISALLOWED = "ActivationDisallowed"
    UNKNOWN_DEV_EUI = "UnknownDevEUI"
    UNKNOWN_DEV_ADDR = "UnknownDevAddr"
    UNKNOWN_SENDER = "UnknownSender"
    # The standard has lost an n here, and we write what it says.
    UNKNOWN_RECEIVER = "UnkownReceiver"
    DEFERRED = "Deferred"
    XMIT_FAILED = "XmitFailed"
    INVALID_F_PORT = "InvalidFPort"
    INVALID_PROTOCOL_VERSION = "InvalidProtocolVersion"
    STALE_DEVICE_PROFILE = "StaleDeviceProfile"
    MALFORMED_REQUEST = "MalformedRequest"
    FRAME_SIZE_ERROR = "FrameSizeError"
    OTHER = "Other"
    NO_ACTION = "NoAction"
    FRAME_REPLAYED = "FrameReplayed"
    MALFORMED_MESSAGE = "MalformedMessage"

    @classmethod
    def _missing_(cls, value: object) -> "ResultCode | None":
        """Read what peers write who know how to spell."""
        return cls.UNKNOWN_RECEIVER if value == "UnknownReceiver" else None


@dataclass(frozen=True, slots=True)
class Result:
    """Say how a request ended.

    Attributes:
        code: one of the standard's.
        description: for people; may be empty.
    """

    code: Annotated[ResultCode, At("ResultCode")]
    description: Annotated[str, At("Description")] = ""


SUCCESS = Result(ResultCode.SUCCESS)


class MalformedError(PeerError):
    """Report that a message cannot be understood.

    Attributes:
        result: what its sender is to be told.
        header: None if not even that could be read: then nobody can be answered in JSON.
        message_type: as the message says it; empty if it does not.
    """

    def __init__(
        self, result: Result, header: "Header | None" = None, message_type: str = ""
    ) -> None:
        """Say it in the words of *result*."""
        super().__init__(result.description)
        self.result, self.header, self.message_type = result, header, message_type

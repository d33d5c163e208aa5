"""SCHC over LoRaWAN: what both directions of fragmentation share (RFC 9011 section 5, RFC 8724).

A SCHC Packet is a RuleID and what that rule makes of an object; we know the rule "not compressed"
only. The RuleID of what is on air is the FPort, so a message here is what stands behind the FPort.
The machines of both directions are values: each event returns the machine as it is after it.
"""

from enum import Enum
from zlib import crc32

UPLINK_RULE = 20
DOWNLINK_RULE = 21
UNCOMPRESSED_RULE = 22

MAX_ACK_REQUESTS = 8
RCS_SIZE = 4

RECEIVER_ABORT = b"\xff\xff"
"""Looks the same in both directions (RFC 9011 sections 5.6.2.4 and 5.6.3.4)."""


class State(Enum):
    """Tell how far a machine is.

    Attributes:
        ACTIVE: something is still to be sent or received.
        DONE: the packet is whole at the receiver.
        ABORTED: it never will be.
    """

    ACTIVE = "active"
    DONE = "done"
    ABORTED = "aborted"


def uncompressed(payload: bytes) -> bytes:
    """Return the SCHC Packet of *payload* if no compression rule fits."""
    return bytes([UNCOMPRESSED_RULE]) + payload


def reassembly_check(octets: bytes) -> bytes:
    """Return the RCS: CRC-32 over the packet with its padding (RFC 8724 section 8.2.3)."""
    return crc32(octets).to_bytes(RCS_SIZE, "big")

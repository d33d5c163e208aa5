"""The rules by which a network server takes frames, lets devices in, and works with others."""

from lab.core.rules import rule

MIC_RIGHT = rule(
    "lorawan.mic",
    "the MIC of the frame is right for a session with its DevAddr",
    "LoRaWAN 1.1 section 4.4",
    hint="Forged, damaged or replayed; or the session was lost on one side: let the device join.",
)
REJOIN_FRESH = rule(
    "lorawan.rejoin-fresh",
    "the RJcount0 of a Rejoin-Request is greater than any before in its session",
    "LoRaWAN 1.1 section 6.2.4",
    hint="A Rejoin-Request was sent again by somebody who recorded it.",
)
FRAME_READABLE = rule(
    "lorawan.frame",
    "the octets are a frame that devices send",
    "LoRaWAN 1.1 section 4",
)
JOIN_RATE = rule(
    "lorawan.join-rate",
    "the gateway brings no more requests to join than one is believed to hear",
    "Semtech PROTOCOL.TXT section 1",
    hint="Give the gateway to an operator in lorawan.toml; strangers' gateways share ten a second.",
)
DEVICE_KNOWN = rule(
    "lorawan.device-known",
    "the device is a subscriber of this network, or of one that this network has an agreement with",
    "LoRaWAN Backend Interfaces 1.0 section 12.2",
    hint="Give the device to an operator in lorawan.toml, or let the operators agree on roaming.",
)
PARTNER_REACHED = rule(
    "lorawan.partner-reached",
    "the other server was found by secure DNS, and both sides authenticated each other",
    "LoRaWAN Backend Interfaces 1.0 sections 19 and 20",
    hint="The parts of this report say at which step it ended.",
)
PARTNER_AGREES = rule(
    "lorawan.partner-agrees",
    "the other server answers with the result Success",
    "LoRaWAN Backend Interfaces 1.0 section 22.3",
)
ANSWER_COMPLETE = rule(
    "lorawan.answer-complete",
    "the answer has the keys that the device's version needs, and they can be unwrapped",
    "LoRaWAN Backend Interfaces 1.0 section 21",
    hint="Both operators must have the same KEK under the same label.",
)
PAYLOAD_HIDDEN = rule(
    "lorawan.payload-hidden",
    "the network has no key for the payloads that it carries",
    "LoRaWAN Backend Interfaces 1.0 section 21",
    hint="Wrap the AppSKey for the application server, or let that ask for it.",
)
WAY_BACK = rule(
    "lorawan.way-back",
    "the gateway that heard the device has opened a way back",
    "Semtech PROTOCOL.TXT section 5.2",
    hint="A packet forwarder sends PULL_DATA every few seconds; is the port the right one?",
)

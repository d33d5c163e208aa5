"""The rules of the Backend Interfaces: who is found where, and who may speak for whom."""

from lab.core.rules import rule

_DISCOVERY = "LoRaWAN Backend Interfaces 1.0 section 19"

LOCATION_TRUSTED = rule(
    "backend.location-trusted",
    "the DNS answer that says where the server is can be trusted",
    _DISCOVERY,
    hint="No connection is made then, and the device gets no answer: the zone has to be mended.",
)
LOCATED = rule(
    "backend.located",
    "the name of the identifier leads to a server",
    _DISCOVERY,
    hint="Whoever holds the JoinEUI or the NetID has it entered in the registry's zone.",
)
TRANSPORT = rule(
    "backend.transport",
    "one of the NAPTR records offers HTTPS (LWNS)",
    _DISCOVERY,
    hint="LWN is HTTP without TLS: publish a NAPTR record for LWNS.",
)
SENDER_BOUND = rule(
    "backend.sender",
    "the DNS name of the SenderID leads to the host whose client was authenticated",
    "LoRaWAN Backend Interfaces 1.0 section 20",
    hint="A certificate proves who connects; for whom he may speak is entered in the registry.",
)
SENDER_NAMED = rule(
    "backend.sender-named",
    "the AS-ID is the name of the host whose client was authenticated",
    "LoRaWAN Backend Interfaces 1.0 section 20",
)

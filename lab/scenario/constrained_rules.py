"""Rules of what a device sends to tell who it is."""

from lab.core.rules import rule

ARRIVED = rule(
    "constrained.arrived",
    "what the device sends arrives whole",
    "RFC 9011 section 5.6.2",
    hint="Too much was lost: the sender asked eight times for an answer, and gave up.",
)
SIGNED = rule(
    "constrained.signed",
    "the certificate is signed by the operator's authority",
    "RFC 5280 section 6.1.3",
    hint="Anybody can write a certificate; only the authority can sign it.",
)
MATCHES = rule(
    "constrained.matches",
    "the key is the one that the TLSA record of the device names",
    "RFC 7671 section 5.1",
    hint="Another key, or an old record: see the scenarios about rollovers.",
)
FRAMES = rule(
    "constrained.frames",
    "it takes as many frames as the scenario says",
    "scenarios/README.md",
)

"""The command `lab`: arguments in, exit code out. What it does is in `lab.app`."""

from lab.cli import (
    ask,
    ca,
    connect,
    costs,
    fault,
    keys,
    lorawan,
    play,
    record,
    serve,
    start,
    stub,
    tlsa,
    tsig,
    validate,
    verify_chain,
    zone,
)
from lab.cli.frame import main

__all__ = [
    "ask",
    "ca",
    "connect",
    "costs",
    "fault",
    "keys",
    "lorawan",
    "main",
    "play",
    "record",
    "serve",
    "start",
    "stub",
    "tlsa",
    "tsig",
    "validate",
    "verify_chain",
    "zone",
]

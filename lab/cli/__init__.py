"""The command `lab`: arguments in, exit code out. What it does is in `lab.app`."""

from lab.cli import ask, ca, keys, play, record, serve, start, stub, tsig, validate, zone
from lab.cli.frame import main

__all__ = [
    "ask",
    "ca",
    "keys",
    "main",
    "play",
    "record",
    "serve",
    "start",
    "stub",
    "tsig",
    "validate",
    "zone",
]

"""The command `lab`: arguments in, exit code out. What it does is in `lab.app`."""

from lab.cli.frame import main

__all__ = ["main"]

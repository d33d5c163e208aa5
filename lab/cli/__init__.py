"""The command `lab`: arguments in, exit code out. What it does is in `lab.app`."""

from lab.cli.door import main

__all__ = ["main"]

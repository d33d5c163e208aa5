"""Let a program believe in the lab's root, and ask the lab's resolver, whatever it reads in /etc.

libunbound inside of GnuTLS and ldns knows no other way: in a mount namespace of its own the
program finds our files in the place of the machine's.
"""

import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.running import Lab, Tool, find, may_bind_53, miss, start


@dataclass(frozen=True)
class Believer:
    """Hold the shell words after which a program believes."""

    tool: Tool
    words: str

    def run(self, program: str, *options: str) -> "subprocess.CompletedProcess[str]":
        """Run one of PACKAGES."""
        command = shlex.join((find(program), *options))
        return self.tool("unshare", "-m", "sh", "-c", self.words + command)


def lab_with_resolver(state: Path, address: str) -> Lab:
    """Start a lab whose validating resolver is at port 53 of *address*, as resolv.conf wants it."""
    if not may_bind_53(address):
        miss(f"port 53 on {address} cannot be bound: run as root")
    return start(state, "--port", "0", "--tls-port", "0", "--stub", f"{address}:53")


def believer(lab: Lab, address: str, folder: Path, tool: Tool) -> Believer:
    """Return what runs programs that ask the resolver of *lab* at *address*."""
    if tool("unshare", "-m", "true").returncode:
        miss("a mount namespace cannot be made: run as root")
    resolv_conf = folder / "resolv.conf"
    resolv_conf.write_text(f"nameserver {address}\n")
    anchor = lab.status["trust_anchor"]["dnskey"]
    return Believer(
        tool,
        f"mount --bind {resolv_conf} /etc/resolv.conf && "
        "for file in /usr/share/dns/root.key /etc/unbound/root.key; do "
        f"[ ! -e $file ] || mount --bind {anchor} $file; done && exec ",
    )

"""Several processes may play these tests: each has a loopback of its own."""

import subprocess
import sys

from tests.e2e.running import START_S, Tool, miss

TAKES_53 = """
import socket
from tests.e2e.apart import leave_for_own_network
leave_for_own_network()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
    probe.bind(("127.53.0.1", 53))
    print("bound", flush=True)
    input()
"""


def test_two_processes_may_both_have_port_53(tool: Tool) -> None:
    if tool("unshare", "--net", "true").returncode:
        miss("a network namespace cannot be made: run as root")
    command = [sys.executable, "-c", TAKES_53]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as one,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other,
    ):
        assert one.stdout is not None
        assert one.stdout.readline() == "bound\n"
        assert other.communicate("\n", timeout=START_S)[0] == "bound\n"
        one.communicate("\n", timeout=START_S)

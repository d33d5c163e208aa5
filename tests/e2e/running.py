"""What e2e tests share: a lab as a subprocess, and the programs that judge it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import nursery

# Program to Debian package, for the sentence of a skipped test.
PACKAGES = {
    "dig": "bind9-dnsutils",
    "dnstap-read": "bind9-dnsutils",
    "delv": "bind9-dnsutils",
    "nsupdate": "bind9-dnsutils",
    "named": "bind9",
    "named-checkconf": "bind9-utils",
    "nsd": "nsd",
    "nsd-checkconf": "nsd",
    "knotd": "knot",
    "knotc": "knot",
    "kzonecheck": "knot-dnssecutils",
    "dnsviz": "dnsviz",
    "zonemaster-cli": "zonemaster-cli",
    "dnssec-dsfromkey": "bind9-utils",
    "dnssec-verify": "bind9-utils",
    "kdig": "knot-dnsutils",
    "drill": "ldnsutils",
    "ldns-dane": "ldnsutils",
    "ldns-signzone": "ldnsutils",
    "ldns-verify-zone": "ldnsutils",
    "unbound": "unbound",
    "unbound-checkconf": "unbound",
    "kresd": "knot-resolver",
    "pdns_recursor": "pdns-recursor",
    "openssl": "openssl",
    "danetool": "gnutls-bin",
    "certtool": "gnutls-bin",
    "gnutls-cli": "gnutls-bin",
    "tshark": "tshark",
    "gnutls-serv": "gnutls-bin",
    "unshare": "util-linux",
    "python3": "python3",
    "dot": "graphviz",
    "node": "nodejs",
    "dnsperf": "dnsperf",
    "mosquitto": "mosquitto",
    "mosquitto_pub": "mosquitto-clients",
    "mosquitto_sub": "mosquitto-clients",
    "chromium": "chromium",
}
SBIN = "/usr/sbin:/sbin"
START_S = 30.0
COMMAND_S = 50.0

Tool = Callable[..., "subprocess.CompletedProcess[str]"]


def miss(reason: str) -> None:
    """Skip with a reason, or fail where nothing may be skipped."""
    if os.environ.get("LAB_REQUIRE") == "all":
        pytest.fail(f"LAB_REQUIRE=all, but {reason}")
    pytest.skip(reason)


@dataclass(frozen=True)
class Lab:
    status: dict[str, Any]
    state: Path
    process: "subprocess.Popen[str]"
    errors: Path

    @property
    def port(self) -> int:
        return int(self.status["port"])

    def zone(self, name: str) -> dict[str, Any]:
        return next(zone for zone in self.status["zones"] if zone["name"] == name)

    def address(self, zone: str) -> str:
        return str(self.zone(zone)["nameservers"][0]["address"])

    def tls(self, identity: str) -> dict[str, Any]:
        return next(one for one in self.status["tls"] if one["identity"] == identity)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return command(*arguments, "--state", str(self.state))


def command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return nursery.run(arguments, {**os.environ, "COLUMNS": "200"}, COMMAND_S)


def start(state: Path, *options: str) -> Lab:
    return _started(state, "up", *options)


def serve(state: Path, *options: str) -> Lab:
    """Start a nameserver alone."""
    return _started(state, "serve", *options)


def _started(state: Path, word: str, *options: str) -> Lab:
    arguments = [word, "--json", "--state", str(state), *options]
    # A file, as a pipe that nobody reads would stop a lab that has much to say.
    errors = state.with_suffix(".stderr")
    with errors.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "lab", *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.communicate(timeout=START_S)
        pytest.fail(f"the lab did not start: {errors.read_text()}")
    return Lab(json.loads(line), state, process, errors)


def stop(lab: Lab) -> str:
    """Stop as Ctrl-C does; return what was written to stderr."""
    lab.process.send_signal(signal.SIGINT)
    lab.process.communicate(timeout=START_S)
    errors = lab.errors.read_text()
    assert lab.process.returncode == 0, errors
    return errors


def may_bind_53(address: str = "127.53.0.1") -> bool:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 53))
    except OSError:
        return False
    return True


def find(name: str) -> str:
    path = shutil.which(name, path=os.environ["PATH"] + ":" + SBIN)
    if path is None:
        miss(f"{name} is not installed (Debian package {PACKAGES[name]})")
    assert path is not None
    return path


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Resolver:
    address: str
    port: int


@contextmanager
def running_stub(lab: Lab, *options: str) -> Iterator[Resolver]:
    """Run `lab stub` beside *lab*."""
    arguments = ["stub", "--listen", "127.0.0.1:0", "--json", "--state", str(lab.state), *options]
    with subprocess.Popen(
        [sys.executable, "-m", "lab", *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        where = json.loads(process.stdout.readline())["resolver"]
        try:
            yield Resolver(where["address"], where["port"])
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 0


UNBOUND = """\
remote-control:
    control-enable: no
server:
    interface: 127.0.0.1
    port: {port}
    directory: "{folder}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    logfile: ""
    verbosity: 0
    do-ip6: no
    do-not-query-localhost: no
    trust-anchor-file: "{anchor}"
    module-config: "validator iterator"
    ede: yes
    val-bogus-ttl: 0
{more}
"""


def from_the_root(lab: Lab, max_ttl: int) -> str:
    """Return the lines that let unbound walk from the root of *lab*, and keep nothing longer."""
    limits = f"    cache-max-ttl: {max_ttl}\n    cache-max-negative-ttl: 1"
    return f'    root-hints: "{lab.status["root_hints"]}"\n{limits}'


@contextmanager
def running_unbound(lab: Lab, folder: Path, more: str) -> Iterator[Resolver]:
    """Run unbound with the trust anchor of *lab*; *more* says where it finds the zones."""
    port, config = free_port(), folder / "unbound.conf"
    anchor = lab.status["trust_anchor"]["ds"]
    config.write_text(UNBOUND.format(port=port, folder=folder, anchor=anchor, more=more))
    with listening(port, "unbound", "-d", "-c", str(config)):
        yield Resolver("127.0.0.1", port)


@contextmanager
def listening(
    port: int, program: str, *options: str, address: str = "127.0.0.1"
) -> Iterator["subprocess.Popen[str]"]:
    """Run one of PACKAGES that serves *port* of *address*, from when it listens to the end."""
    process = subprocess.Popen(
        [find(program), *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        _wait((address, port), program, process)
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=START_S)


def _wait(where: tuple[str, int], program: str, process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if process.poll() is not None:
            _, errors = process.communicate()
            pytest.fail(f"{program} did not start: {errors}")
        try:
            socket.create_connection(where, timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"{program} did not listen in time")

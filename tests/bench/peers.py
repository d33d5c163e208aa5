"""The servers that are compared: how each is told to serve one zone, signed, from one process.

One class for each program. All have one thread for questions, and no limit of answers for a client.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from dns.rcode import Rcode

from tests.bench.peer import Peer, Place, do, which
from tests.bench.questions import APEX

_NAME = APEX.rstrip(".")


class LabServe(Peer):
    """Run `lab serve` as its users do."""

    def __init__(self, *options: str) -> None:
        """Take more *options* of `lab serve`."""
        self.title, self.options = " ".join(("lab serve", *options)), options

    def missing(self) -> str:
        """Return which option it does not know."""
        said = subprocess.run(
            [sys.executable, "-m", "lab", "serve", "--help"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        unknown = [one for one in self.options if one.startswith("--") and one not in said]
        return f"lab serve knows no {', '.join(unknown)}" if unknown else ""

    def prepared(self, place: Place) -> list[str]:
        """Return its command; it makes its keys at the first start."""
        return [
            *(sys.executable, "-m", "lab", "serve", "--json"),
            *("--zone", APEX, "--file", str(place.zone), "--state", str(place.folder / "state")),
            *("--listen", f"127.0.0.1:{place.port}", *self.options),
        ]


class LabCompact(LabServe):
    """Run `lab serve` with compact denial: one signature of its own for each absent name.

    RFC 9824 section 2: who denies so says that the name is there, and has nothing.
    """

    signed = (1, 1)
    absent = Rcode.NOERROR


class Knot(Peer):
    """Run Knot, which signs each answer anew (mod-onlinesign), and denies compactly, too."""

    PROGRAMS: ClassVar = {"knotd": "knot"}
    title = "Knot, onlinesign"
    absent = Rcode.NOERROR

    def prepared(self, place: Place) -> list[str]:
        """Write knot.conf."""
        (place.folder / "db").mkdir()
        config = place.write(
            "knot.conf",
            f"""\
server:
    listen: 127.0.0.1@{place.port}
    rundir: {place.folder}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: {place.folder}/db
log:
  - target: stderr
    any: error
policy:
  - id: p256
    algorithm: ecdsap256sha256
mod-onlinesign:
  - id: live
    policy: p256
zone:
  - domain: {APEX}
    file: {place.own_zone()}
    module: mod-onlinesign/live
""",
        )
        return [which("knotd"), "-c", str(config)]


class PowerDns(Peer):
    """Run PowerDNS, which signs answers when it is asked and keeps them in caches."""

    PROGRAMS: ClassVar = {
        "pdns_server": "pdns-server",
        "pdnsutil": "pdns-server",
    }

    def __init__(self, title: str, *denial: str) -> None:
        """Take the title, and what tells pdnsutil to deny by NSEC3; nothing for NSEC."""
        self.title, self.denial = title, denial

    def missing(self) -> str:
        """Look for its back-end, too."""
        if reason := super().missing():
            return reason
        found = [*Path("/usr/lib").glob("**/pdns/libbindbackend.so")]
        return "" if found else "the Debian package pdns-backend-bind is not installed"

    def prepared(self, place: Place) -> list[str]:
        """Write its configuration and make keys."""
        folder, database = place.folder, place.folder / "dnssec.db"
        named = place.write(
            "named.conf",
            f'zone "{_NAME}" {{ type master; file "{place.own_zone()}"; }};\n',
        )
        place.write(
            "pdns.conf",
            f"""\
launch=bind
bind-config={named}
bind-dnssec-db={database}
local-address=127.0.0.1
local-port={place.port}
receiver-threads=1
distributor-threads=1
socket-dir={folder}
daemon=no
guardian=no
disable-syslog=yes
loglevel=3
default-ksk-algorithm=ecdsa256
default-zsk-algorithm=ecdsa256
""",
        )
        config = f"--config-dir={folder}"
        do("pdnsutil", config, "create-bind-db", str(database), folder=folder)
        do("pdnsutil", config, "secure-zone", _NAME, folder=folder)
        if self.denial:
            do("pdnsutil", config, "set-nsec3", _NAME, *self.denial, folder=folder)
        return [which("pdns_server"), config]


class Bind(Peer):
    """Run BIND, which signs its zone in the background after the start (dnssec-policy)."""

    PROGRAMS: ClassVar = {"named": "bind9"}
    title = "BIND, dnssec-policy"

    def prepared(self, place: Place) -> list[str]:
        """Write named.conf; the default policy is a CSK of P-256."""
        config = place.write(
            "named.conf",
            f"""\
options {{
    directory "{place.folder}";
    pid-file "{place.folder}/named.pid";
    session-keyfile "{place.folder}/session.key";
    listen-on port {place.port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    recursion no;
    dnssec-validation no;
}};
controls {{ }};
logging {{ category default {{ null; }}; }};
zone "{_NAME}" {{
    type primary;
    file "{place.own_zone()}";
    dnssec-policy default;
    inline-signing yes;
}};
""",
        )
        return [which("named"), "-f", "-n", "1", "-c", str(config)]


class Nsd(Peer):
    """Run NSD with a zone that ldns-signzone has signed."""

    PROGRAMS: ClassVar = {
        "nsd": "nsd",
        "ldns-keygen": "ldnsutils",
        "ldns-signzone": "ldnsutils",
    }
    title = "NSD, signed before"

    def prepared(self, place: Place) -> list[str]:
        """Sign the zone and write nsd.conf."""
        file, _ = self.sign(place.folder, APEX, place.zone.read_text())
        return self.command(place.folder, place.port, {APEX: file})

    @staticmethod
    def sign(folder: Path, apex: str, text: str) -> tuple[Path, str]:
        """Return the file of the zone, signed with a new key, and the DS record of that key."""
        plain = folder / f"{apex}plain"
        plain.write_text(text)
        key = do("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", apex, folder=folder).strip()
        do("ldns-signzone", "-o", apex, "-f", f"{apex}signed", plain.name, key, folder=folder)
        return folder / f"{apex}signed", (folder / f"{key}.ds").read_text()

    @staticmethod
    def command(folder: Path, port: int, zones: Mapping[str, Path]) -> list[str]:
        """Write nsd.conf for signed zones, and return the command that serves them."""
        config = folder / "nsd.conf"
        config.write_text(
            f"""\
server:
    server-count: 1
    ip-address: 127.0.0.1@{port}
    username: ""
    chroot: ""
    zonesdir: "{folder}"
    pidfile: ""
    database: ""
    xfrdfile: "{folder}/xfrd"
    xfrdir: "{folder}"
    zonelistfile: "{folder}/zones"
    verbosity: 0
    rrl-ratelimit: 0
    rrl-whitelist-ratelimit: 0
remote-control:
    control-enable: no
"""
            + "".join(
                f'zone:\n    name: {apex}\n    zonefile: "{file}"\n' for apex, file in zones.items()
            )
        )
        return [which("nsd"), "-d", "-c", str(config)]


class TwistedNames(Peer):
    """Run twisted.names, which knows no DNSSEC."""

    title = "twisted.names, unsigned"
    signed = (0, 0)

    def prepared(self, place: Place) -> list[str]:
        """Return the command; it reads the master file."""
        return [
            *(sys.executable, "-m", "tests.bench.twisted_names"),
            *(str(place.zone), str(place.port)),
        ]


LAB = LabServe()
PURE = LabServe("--no-answer-cache")
COMPACT = LabCompact("--denial", "compact")
KNOT = Knot()
PDNS = PowerDns("PowerDNS, live, NSEC")
NARROW = PowerDns("PowerDNS, live, NSEC3 narrow", "1 0 0 -", "narrow")
BIND = Bind()
NSD = Nsd()
TWISTED = TwistedNames()
PEERS: Sequence[Peer] = (LAB, PURE, COMPACT, KNOT, PDNS, NARROW, BIND, NSD, TWISTED)
"""All of them; the first is what the others are compared with."""

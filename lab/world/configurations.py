"""Configuration for other people's servers: secondaries of the lab, and primaries without it.

Decides: what NSD, Knot and BIND must be told to follow the lab, or to serve what it exported. The
files are complete: each program starts with its file and nothing else.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath

from dns.tsig import Key

from lab.core.frozen import dataclass
from lab.world.keyforms import bind_key, knot_key, nsd_key

ADDRESS = "127.0.0.1"
_DNS_PORT = 53


@dataclass(frozen=True, slots=True)
class Fleet:
    """Describe what servers of other makers need to know.

    Attributes:
        zones: apex in text to name of its master file.
        primary: address of the hidden primary of the lab.
        port: of the lab's nameservers.
        catalog: apex of the catalog zone, in text.
        key: for transfers and NOTIFY.
    """

    zones: Mapping[str, str]
    primary: str
    port: int
    catalog: str
    key: Key


def _block(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _nsd_server(folder: PurePath, port: int) -> list[str]:
    return [
        "server:",
        f"    ip-address: {ADDRESS}@{port}",
        '    username: ""',
        '    chroot: ""',
        f'    zonesdir: "{folder}"',
        '    database: ""',
        '    pidfile: ""',
        f'    xfrdfile: "{folder}/xfrd.state"',
        f'    xfrdir: "{folder}"',
        f'    zonelistfile: "{folder}/zone.list"',
        "    rrl-ratelimit: 0",
        "    server-count: 1",
        "remote-control:",
        "    control-enable: no",
    ]


def _nsd_zones(files: Mapping[str, str], *more: str) -> list[str]:
    return [
        line
        for name, file in files.items()
        for line in ("zone:", f'    name: "{name}"', f'    zonefile: "{file}"', *more)
    ]


def nsd_secondary(fleet: Fleet, folder: PurePath, port: int) -> str:
    """Return nsd.conf of a secondary; NSD before 4.9 reads no catalog, so each zone is named."""
    pattern = [
        "pattern:",
        "    name: lab",
        f"    request-xfr: {fleet.primary}@{fleet.port} {fleet.key.name}",
        f"    allow-notify: {fleet.primary} {fleet.key.name}",
        "    provide-xfr: 127.0.0.0/8 NOKEY",
    ]
    zones = _nsd_zones(fleet.zones, "    include-pattern: lab")
    return _block(_nsd_server(folder, port)) + nsd_key(fleet.key) + _block([*pattern, *zones])


def nsd_primary(fleet: Fleet, folder: PurePath, port: int) -> str:
    """Return nsd.conf of a primary for the exported files."""
    files = {name: f"{folder.parent.parent / file}" for name, file in fleet.zones.items()}
    zones = _nsd_zones(files)
    return _block([*_nsd_server(folder, port), *zones])


def _knot_server(folder: PurePath, port: int) -> list[str]:
    return [
        "server:",
        f"    listen: {ADDRESS}@{port}",
        f"    rundir: {folder}",
        "database:",
        f"    storage: {folder}",
        "log:",
        "  - target: stderr",
        "    any: info",
    ]


def knot_secondary(fleet: Fleet, folder: PurePath, port: int) -> str:
    """Return knot.conf of a secondary that follows the catalog."""
    rest = [
        "remote:",
        "  - id: lab",
        f"    address: {fleet.primary}@{fleet.port}",
        f"    key: {fleet.key.name}",
        "acl:",
        "  - id: notified-by-lab",
        f"    address: {fleet.primary}",
        f"    key: {fleet.key.name}",
        "    action: notify",
        "  - id: read-here",
        "    address: 127.0.0.0/8",
        "    action: transfer",
        "template:",
        "  - id: default",
        f"    storage: {folder}",
        "    master: lab",
        "    acl: [notified-by-lab, read-here]",
        "  - id: member",
        f"    storage: {folder}",
        "    master: lab",
        "    acl: [notified-by-lab, read-here]",
        "zone:",
        f"  - domain: {fleet.catalog}",
        "    catalog-role: interpret",
        "    catalog-template: member",
    ]
    return _block(_knot_server(folder, port)) + knot_key(fleet.key) + _block(rest)


def knot_primary(fleet: Fleet, folder: PurePath, port: int) -> str:
    """Return knot.conf of a primary for the exported files."""
    zones = [
        line
        for name, file in fleet.zones.items()
        for line in (f'  - domain: "{name}"', f'    file: "{folder.parent.parent / file}"')
    ]
    return _block([*_knot_server(folder, port), "zone:", *zones])


def _bind_options(folder: PurePath, port: int, *more: str) -> list[str]:
    return [
        "options {",
        f'    directory "{folder}";',
        f"    listen-on port {port} {{ {ADDRESS}; }};",
        "    listen-on-v6 { none; };",
        "    pid-file none;",
        "    recursion no;",
        "    notify no;",
        *(f"    {one}" for one in more),
        "};",
        "controls { };",
    ]


def bind_secondary(fleet: Fleet, folder: PurePath, port: int) -> str:
    """Return named.conf of a secondary that follows the catalog."""
    primaries = f'{{ {fleet.primary} port {fleet.port} key "{fleet.key.name}"; }}'
    options = _bind_options(
        folder,
        port,
        "allow-transfer { 127.0.0.0/8; };",
        f'allow-notify {{ key "{fleet.key.name}"; }};',
        "catalog-zones {",
        f'    zone "{fleet.catalog}" default-primaries {primaries} min-update-interval 1s;',
        "};",
    )
    zone = f'zone "{fleet.catalog}" {{\n    type secondary;\n    primaries {primaries};\n'
    return bind_key(fleet.key) + _block(options) + zone + '    file "catalog.db";\n};\n'


def bind_primary(fleet: Fleet, folder: PurePath, port: int) -> str:
    """Return named.conf of a primary for the exported files."""
    zones = [
        f'zone "{name}" {{ type primary; file "{folder.parent.parent / file}"; }};'
        for name, file in fleet.zones.items()
    ]
    return _block([*_bind_options(folder, port), *zones])


@dataclass(frozen=True, slots=True)
class Program:
    """Name a server program.

    Attributes:
        file: its configuration.
        secondary_port: where it listens as a secondary of the lab.
        secondary: writes that configuration.
        primary_port: where it listens as a primary without the lab.
        primary: writes that configuration.
    """

    file: str
    secondary_port: int
    secondary: Callable[[Fleet, PurePath, int], str]
    primary_port: int
    primary: Callable[[Fleet, PurePath, int], str]


PROGRAMS: Mapping[str, Program] = {
    "nsd": Program("nsd.conf", 5301, nsd_secondary, 5311, nsd_primary),
    "knot": Program("knot.conf", 5302, knot_secondary, 5312, knot_primary),
    "bind": Program("named.conf", 5303, bind_secondary, 5313, bind_primary),
}


def unbound_conf(
    folder: PurePath, servers: Mapping[str, Iterable[str]], port: int, listen: int = 5353
) -> str:
    """Return unbound.conf of a validating resolver that knows only the lab.

    Args:
        folder: with `root.hints` and `anchor.ds`.
        servers: apex in text to the addresses of its nameservers.
        port: of the lab; referrals carry no port, so other ports than 53 need stub zones.
        listen: its own port.
    """
    head = [
        "server:",
        f"    interface: {ADDRESS}",
        f"    port: {listen}",
        f'    directory: "{folder}"',
        '    chroot: ""',
        '    username: ""',
        '    pidfile: ""',
        "    use-syslog: no",
        "    do-ip6: no",
        "    do-not-query-localhost: no",
        '    module-config: "validator iterator"',
        "    ede: yes",
        f'    trust-anchor-file: "{folder}/anchor.ds"',
    ]
    if port == _DNS_PORT:
        return _block([*head, f'    root-hints: "{folder}/root.hints"'])
    stubs = [
        line
        for name, addresses in servers.items()
        for line in (
            "stub-zone:",
            f'    name: "{name}"',
            *(f"    stub-addr: {one}@{port}" for one in addresses),
        )
    ]
    return _block([*head, *stubs])

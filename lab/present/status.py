"""What `lab status` and `lab up` show: the running lab as tables, and commands to paste.

Everything is drawn from the JSON that `lab status --json` prints, so that both say the same.
"""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

_HEADING = "bold"
_STANDARD_PORT = 53
_DIGEST_SHOWN = 8


def render_status(status: Mapping[str, Any], program: str = "lab") -> RenderableType:
    """Return everything a participant needs: zones, TLS servers, files, commands.

    Args:
        status: as `lab status --json` prints it.
        program: how this participant calls `lab`.
    """
    return Group(
        Text(),
        render_zones(status),
        Text(),
        *render_specimens(status),
        *render_warnings(status),
        *((render_tls(status),) if status["tls"] else ()),
        *render_dot(status),
        Text(),
        render_files(status),
        render_commands(status, program),
    )


def render_zones(status: Mapping[str, Any]) -> Table:
    """Return one row for each zone: where it is served and how it is signed."""
    table = Table(
        box=None, pad_edge=False, padding=(0, 1), collapse_padding=True, header_style=_HEADING
    )
    for column in ("Zone", "Served at", "Algorithm", "Key tags", "DS"):
        table.add_column(column, no_wrap=True)
    for zone in status["zones"]:
        algorithm = zone["algorithm"]
        table.add_row(
            zone["name"],
            "\n".join(server["address"] for server in zone["nameservers"]),
            f"{algorithm['number']} {zone['denial'].upper()}\n{algorithm['mnemonic']}"
            if algorithm
            else "not signed",
            "\n".join(f"{key['role'].upper()} {key['tag']}" for key in zone["keys"]),
            "is the\nanchor" if zone["name"] == "." else _short_ds(zone["ds"]),
            style=None if zone["signed"] else "yellow",
        )
    return table


def render_specimens(status: Mapping[str, Any]) -> Iterator[Text]:
    """Iterate over a line about the zones that are broken on purpose; nothing if there are none."""
    count = len(status["specimens"])
    if count:
        yield Text(f"Beside them {count} zones that are broken on purpose: see `lab fault tree`.")
        yield Text()


def render_warnings(status: Mapping[str, Any]) -> Iterator[Text]:
    """Iterate over what an operator had better not do, one paragraph for each zone."""
    for zone in status["zones"]:
        if zone["warnings"]:
            yield Text(f"Mind {zone['name']} " + "; ".join(zone["warnings"]) + ".", style="yellow")
            yield Text()


def _short_ds(records: list[str]) -> str:
    """Return tag, algorithm, digest type and the first digits of the digest."""
    shown = []
    for record in records:
        tag, algorithm, digest_type, digest = record.split(" ", 3)
        shown.append(f"{tag} {algorithm} {digest_type}\n{digest[:_DIGEST_SHOWN]}…")
    return "\n".join(shown) or "none: this is\ninsecure"


def render_tls(status: Mapping[str, Any]) -> Table:
    """Return one row for each TLS server of an operator."""
    table = Table(
        box=None, pad_edge=False, padding=(0, 1), collapse_padding=True, header_style=_HEADING
    )
    for column in ("Server", "Listens on", "TLSA record", ""):
        table.add_column(column, no_wrap=True)
    for server in status["tls"]:
        place = f"{server['address']} port {server['port']}"
        table.add_row(server["identity"], place, server["tlsa_owner"], server["tlsa"] or "none")
    return table


def render_dot(status: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Iterate over one row for each nameserver that answers over TLS; nothing if none does."""
    if not status["dot"]:
        return
    table = Table(
        box=None, pad_edge=False, padding=(0, 1), collapse_padding=True, header_style=_HEADING
    )
    for column in ("DNS over TLS", "Listens on", "TLSA record", ""):
        table.add_column(column, no_wrap=True)
    for server in status["dot"]:
        usage, selector, matching, digest = server["tlsa"].split(" ", 3)
        place = f"{server['address']} port {server['port']}"
        pin = f"{usage} {selector} {matching} {digest[:_DIGEST_SHOWN]}…"
        table.add_row(server["name"], place, server["tlsa_owner"], pin)
    yield Text()
    yield table


def render_stats(stats: Mapping[str, Any]) -> RenderableType:
    """Return the counts of queries as `lab stats --json` prints them, one column each kind."""
    table = Table(box=None, pad_edge=False, padding=(0, 2), header_style=_HEADING)
    kinds = {"zone": "Zone", "qtype": "Type", "rcode": "RCODE", "transport": "Transport"}
    columns = [list(stats.get(kind, {}).items()) for kind in kinds]
    for heading in kinds.values():
        table.add_column(heading, no_wrap=True)
        table.add_column("", justify="right")
    for row in zip_longest(*columns, fillvalue=("", "")):
        table.add_row(*(str(cell) for pair in row for cell in pair))
    total = (
        f"{stats['queries']} queries ({stats['octets_in']} octets), {stats['silent']} without "
        f"answer; {stats['messages_out']} messages sent ({stats['octets_out']} octets)"
    )
    return Group(Text(total), Text(), table)


def render_files(status: Mapping[str, Any]) -> RenderableType:
    """Return where the files for other programs are."""
    anchor = status["trust_anchor"]
    table = Table.grid(padding=(0, 2))
    table.add_row("Trust anchor, DNSKEY", anchor["dnskey"])
    table.add_row("Trust anchor, DS", anchor["ds"])
    table.add_row("Trust anchor, named.conf", anchor["named_conf"])
    table.add_row("Root hints", status["root_hints"])
    return Group(Text("Files for other programs", style=_HEADING), table, Text())


def render_commands(status: Mapping[str, Any], program: str) -> RenderableType:
    """Return commands that work now, to be copied from the terminal."""
    lines = [Text("To try in another terminal", style=_HEADING)]
    lines += [Text(f"  {command}", overflow="fold") for command in commands(status, program)]
    return Group(*lines, Text())


def commands(status: Mapping[str, Any], program: str) -> Iterator[str]:
    """Iterate over shell commands that show the lab, with the right port and files."""
    port = status["port"]
    with_port = "" if port == _STANDARD_PORT else f" -p {port}"
    if not status["root_servers"]:
        zone = status["zones"][0]
        address = zone["nameservers"][0]["address"]
        yield f"{program} validate {zone['name']} SOA"
        yield f"dig{with_port} @{address} {zone['name']} SOA +dnssec +norec"
        return
    yield f"{program} validate www.example.fr"
    yield f"{program} run federated-mutual-tls"
    for zone in status["zones"]:
        if zone["name"] == "example.fr.":
            address = zone["nameservers"][0]["address"]
            yield f"dig{with_port} @{address} www.example.fr A +dnssec +norec"
    for server in status["dot"][:1]:
        name, zone = server["name"].rstrip("."), server["name"].partition(".")[2].rstrip(".")
        trusted = f"+tls-ca={server['ca']} +tls-hostname={name}"
        yield f"kdig -p {server['port']} @{server['address']} +tls {trusted} {zone} SOA"
    root = status["root_servers"][0]["address"]
    yield f"delv{with_port} @{root} -a {status['trust_anchor']['named_conf']} +root=. . SOA"

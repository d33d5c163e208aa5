"""Every signing algorithm in front of zone checkers and of a validating resolver."""

from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import pytest
from dns.flags import Flag

from tests.e2e.running import Lab, Resolver, Tool, running_unbound, start, stop

# By number: 8, 10, 13, 14, 15, 16.
ALGORITHMS = [
    "RSASHA256",
    "RSASHA512",
    "ECDSAP256SHA256",
    "ECDSAP384SHA384",
    "ED25519",
    "ED448",
]
ROOT = '[zone."."]\nfile = "root.zone"\nnameservers = { "ns.root." = "127.53.200.1" }\n'
ZONE = """
[zone."{apex}."]
file = "{apex}.zone"
nameservers = {{ "ns.{apex}." = "127.53.200.{host}" }}
algorithm = "{algorithm}"
denial = "{denial}"
keys = ["ksk", "ksk", "zsk", "standby-zsk"]
"""
ROOT_RECORDS = "@ 60 SOA ns.root. h. 1 2 3 4 60\n@ 60 NS ns.root.\nns.root. 60 A 127.53.200.1\n"
RECORDS = "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns\nns 60 A {address}\nwww 60 A 192.0.2.1\n"
DELEGATION = "{apex} 60 NS ns.{apex}\nns.{apex} 60 A {address}\n"
STUB = 'stub-zone:\n    name: "{zone}"\n    stub-addr: {address}@{port}\n    stub-prime: no\n'


def write_zones(folder: Path) -> None:
    """Write a root and, for each algorithm, a zone of that name."""
    tables, root = [ROOT], [ROOT_RECORDS]
    for host, algorithm in enumerate(ALGORITHMS, start=2):
        apex, address = algorithm.lower(), f"127.53.200.{host}"
        denial = "nsec3" if host % 2 else "nsec"
        tables.append(ZONE.format(apex=apex, host=host, algorithm=algorithm, denial=denial))
        root.append(DELEGATION.format(apex=apex, address=address))
        (folder / f"{apex}.zone").write_text(RECORDS.format(address=address))
    (folder / "root.zone").write_text("".join(root))
    (folder / "hierarchy.toml").write_text("".join(tables))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("algorithms")
    write_zones(folder)
    options = ("--zones", str(folder), "--port", "0", "--tls-port", "0", "--dot-port", "0")
    started = start(folder / "state", *options)
    yield started
    assert "Traceback" not in stop(started)


def test_zone_checkers_accept_every_algorithm(tool: Tool, lab: Lab, tmp_path: Path) -> None:
    assert lab.run("export", str(tmp_path)).returncode == 0
    for apex in (one.lower() for one in ALGORITHMS):
        file = str(tmp_path / f"{apex}.zone")
        for checker in (("dnssec-verify", "-o", f"{apex}."), ("ldns-verify-zone",)):
            done = tool(*checker, file)
            assert done.returncode == 0, f"{apex}: {done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def resolver(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resolver]:
    """Run unbound, told where each zone is, since referrals have no ports."""
    stubs = (
        STUB.format(zone=zone["name"], address=lab.address(zone["name"]), port=lab.port)
        for zone in lab.status["zones"]
    )
    folder = tmp_path_factory.mktemp("unbound")
    with running_unbound(lab, folder, "".join(stubs)) as resolver:
        yield resolver


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_unbound_accepts_every_algorithm(resolver: Resolver, algorithm: str) -> None:
    for owner, answers in (("www", 2), ("nowhere", 0)):
        wanted = dns.message.make_query(f"{owner}.{algorithm.lower()}.", "A", want_dnssec=True)
        told = dns.query.udp(wanted, resolver.address, 10, resolver.port)
        assert told.flags & Flag.AD, owner
        assert len(told.answer) == answers

"""Each operator's server is reached by other people's TLS clients, and by DANE alone.

gnutls-cli asks our resolver itself and follows DNSSEC from our root. For a record that names a
root (usage 2) it wants to know that root beforehand, too: without a chain that it trusts it looks
at records for leaves only.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.believing import Believer, believer, lab_with_resolver
from tests.e2e.running import Lab, Tool, stop

ZONES = Path(__file__).parents[2] / "zones"
STUB = "127.53.0.56"
CLIENT = "tsp.ns"
GNUTLS_IS_CONTENT = "- DANE: Certificate matches."


@dataclass(frozen=True)
class Server:
    """Hold what zones/operators.toml says of one.

    Attributes:
        identity: as `lab status` names it.
        zone: of its operator.
        form: of its TLSA record, e.g. "3 1 1".
    """

    identity: str
    zone: str
    form: str


def configured() -> Iterator[Server]:
    operators = tomllib.loads((ZONES / "operators.toml").read_text())["operator"]
    for name, operator in operators.items():
        for role, one in operator.items():
            if isinstance(one, dict) and "address" in one:
                yield Server(f"{name}.{role}", operator["zone"], one["tlsa"])


SERVERS = tuple(configured())


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab with a resolver where programs look for one."""
    lab = lab_with_resolver(tmp_path_factory.mktemp("operators") / "state", STUB)
    yield lab
    assert "Traceback" not in stop(lab)


@pytest.fixture(scope="module")
def believing(lab: Lab, tmp_path_factory: pytest.TempPathFactory, tool: Tool) -> Believer:
    return believer(lab, STUB, tmp_path_factory.mktemp("believing"), tool)


def certified(lab: Lab) -> str:
    return str(lab.state / "identities" / f"{CLIENT}.pem")


def gnutls(believing: Believer, lab: Lab, server: Server, host: str) -> str:
    """Return what gnutls-cli says of *server* under the name *host*."""
    pem = certified(lab)
    root = ("--x509cafile", str(lab.state / "identities" / f"{server.identity}.pem"))
    trust = root if server.form.startswith("2") else ("--no-ca-verification",)
    done = believing.run(
        "gnutls-cli",
        *("--dane", "--local-dns", *trust, "--x509certfile", pem, "--x509keyfile", pem),
        *("--port", str(lab.tls(server.identity)["port"]), host),
    )
    return done.stdout + done.stderr


def test_there_are_two_operators_with_three_servers_each() -> None:
    assert sorted(one.identity for one in SERVERS) == [
        f"{operator}.{role}" for operator in ("afnic", "tsp") for role in ("as", "js", "ns")
    ]


@pytest.mark.parametrize("server", SERVERS, ids=lambda one: one.identity)
def test_openssl_verifies_it_by_its_published_record(tool: Tool, lab: Lab, server: Server) -> None:
    shown = lab.tls(server.identity)
    where = ("-p", str(lab.port), f"@{lab.address(server.zone)}", "+norec", "+short")
    record = tool("dig", *where, shown["tlsa_owner"], "TLSA").stdout.split()
    assert " ".join(record[:3]) == server.form
    host = shown["host"].rstrip(".")
    done = tool(
        "openssl",
        *("s_client", "-connect", f"{shown['address']}:{shown['port']}", "-servername", host),
        *("-dane_tlsa_domain", host, "-dane_tlsa_rrdata", f"{server.form} {''.join(record[3:])}"),
        *("-verify_return_error", "-cert", certified(lab), "-key", certified(lab)),
    )
    assert "Verify return code: 0 (ok)" in done.stdout, done.stdout + done.stderr
    told = re.search(r"DANE TLSA (\d \d \d) \.\.\.([0-9a-f]+) matched", done.stdout)
    assert told is not None, done.stdout
    assert told[1] == server.form
    assert "".join(record[3:]).lower().endswith(told[2])


@pytest.mark.parametrize("server", SERVERS, ids=lambda one: one.identity)
def test_gnutls_verifies_it_from_our_root_down(
    believing: Believer, lab: Lab, server: Server
) -> None:
    host = lab.tls(server.identity)["host"].rstrip(".")
    assert GNUTLS_IS_CONTENT in gnutls(believing, lab, server, host)


def test_gnutls_refuses_it_by_the_record_of_another(believing: Believer, lab: Lab) -> None:
    server, other = SERVERS[0], SERVERS[1]
    shown = lab.tls(server.identity)
    made = lab.run("tlsa", "create", "--identity", other.identity).stdout
    data = made.splitlines()[0].partition(" TLSA ")[2]
    lines = (f"alias 60 A {shown['address']}", f"_{shown['port']}._tcp.alias 60 TLSA {data}")
    assert lab.run("record", "add", server.zone, "\n".join(lines)).returncode == 0
    said = gnutls(believing, lab, server, f"alias.{server.zone.rstrip('.')}")
    assert "- DANE: Verification failed. The certificate differs." in said

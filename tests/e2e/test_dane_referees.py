"""Live handshakes with openssl s_server: OpenSSL, ldns, GnuTLS and we give the same verdicts.

Every usage, selector and matching type, with the certificate that the record names and with that
of somebody else who bears the same name. All agree, if they are asked alike:

| program | asked how | else |
| --- | --- | --- |
| s_client | `-dane_ee_no_namechecks` | compares names for DANE-EE (RFC 7671 section 5.1: ignored) |
| danetool | by DNS | it has no file mode; it looks at data only, never at path, dates and names |
| ldns-dane | by DNS, not by `-t FILE` | takes the final dot in a file for a part of the name |
"""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from time import time  # noqa: TID251 the programs cannot be told another time

import dns.name
import pytest

from lab.core.entropy import SeededEntropy
from lab.core.instant import Instant
from lab.dane.matching import match
from lab.dane.rollover import Deployment
from lab.dane.text import presentation
from lab.dane.tlsa import STANDARD_SELECTORS, MatchingType, Parameters, Selector, Usage
from lab.pki.ca import CertificateAuthority, Maker
from lab.pki.identity import Identity, certificates_to_pem
from lab.pki.path import Expected
from lab.pki.profiles import SERVER, Purpose
from lab.tls.authentication import Presented, presented_by
from lab.tls.context import ClientRole, Context
from lab.tls.engine import Engine, State
from tests.e2e.believing import Believer, believer, lab_with_resolver
from tests.e2e.running import Lab, Tool, free_port, listening, stop

NOW = Instant(time())
NAME = "right.afnic.fr"
MAKER = Maker(NOW, SeededEntropy("referees of DANE"))
CA = CertificateAuthority.made("Right", MAKER)
OTHER = CertificateAuthority.made("Other", MAKER)
FORMS = tuple(
    Parameters(*three) for three in product(Usage, sorted(STANDARD_SELECTORS), MatchingType)
)
EXPECTED = Expected(dns.name.from_text(NAME), Purpose.SERVER, NOW, (CA.root.leaf, OTHER.root.leaf))
STUB = "127.53.0.55"


def issued(authority: CertificateAuthority) -> Identity:
    """Return a key with a certificate for NAME."""
    names = (NAME, *(host(form) for form in FORMS))
    return authority.certify(MAKER.key(), names, SERVER, MAKER)


def host(form: Parameters) -> str:
    """Return the host whose TLSA record has *form*."""
    return f"n{form.usage:d}{form.selector:d}{form.matching:d}.afnic.fr"


RIGHT, WRONG = issued(CA), issued(OTHER)
OWN = Deployment(RIGHT.chain, FORMS)


@dataclass(frozen=True)
class Server:
    """Hold one openssl s_server."""

    port: int
    is_right: bool


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("referees")
    (made / "roots.pem").write_bytes(certificates_to_pem(EXPECTED.roots))
    for name, identity in (("right", RIGHT), ("wrong", WRONG)):
        (made / f"{name}.pem").write_bytes(identity.to_pem())
    return made


@pytest.fixture(scope="module")
def servers(folder: Path) -> Iterator[tuple[Server, Server]]:
    """One with the certificate of the records, one with another CA's for the same names."""
    with ExitStack() as running:
        found = []
        for name in ("right", "wrong"):
            port, file = free_port(), str(folder / f"{name}.pem")
            options = ("-accept", f"127.0.0.1:{port}", "-quiet", "-cert", file, "-key", file)
            running.enter_context(
                listening(port, "openssl", "s_server", *options, "-cert_chain", file)
            )
            found.append(Server(port, name == "right"))
        yield found[0], found[1]


def asked(form: Parameters, servers: tuple[Server, Server]) -> tuple[Server, ...]:
    """Return the servers to try *form* on: the wrong one with a form of each usage and selector."""
    return servers if form.matching is MatchingType.SHA2_256 else servers[:1]


def ids(form: Parameters) -> str:
    return str(form).replace(" ", "")


def shown_by(server: Server) -> Presented:
    """Shake hands with *server* by our own engine."""
    engine = Engine(Context(ClientRole()), NAME)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        while engine.state is State.HANDSHAKE:
            connection.sendall(engine.out())
            engine.feed(connection.recv(16384))
        connection.sendall(engine.out())
    assert engine.state is State.VERIFY
    return presented_by(engine)


def test_our_client_verifies_s_server(servers: tuple[Server, Server]) -> None:
    for server in servers:
        chain = shown_by(server).chain
        for form in FORMS:
            result = match(chain, (OWN.record(form),), EXPECTED)
            assert result.authenticated is server.is_right, form


@pytest.mark.parametrize("form", FORMS, ids=ids)
def test_s_client_gives_the_same_verdict(
    tool: Tool, folder: Path, servers: tuple[Server, Server], form: Parameters
) -> None:
    for server in asked(form, servers):
        done = tool(
            "openssl",
            *("s_client", "-connect", f"127.0.0.1:{server.port}", "-dane_tlsa_domain", NAME),
            *("-dane_tlsa_rrdata", presentation(OWN.record(form)), "-dane_ee_no_namechecks"),
            *("-CAfile", str(folder / "roots.pem"), "-verify_return_error"),
        )
        said = done.stdout + done.stderr
        assert ("Verify return code: 0 (ok)" in said) is server.is_right, said
        assert (f"DANE TLSA {form}" in said) is server.is_right


@pytest.fixture(scope="module")
def published(
    tmp_path_factory: pytest.TempPathFactory, servers: tuple[Server, Server]
) -> Iterator[Lab]:
    """A lab with all the records in a signed zone, and a validating resolver on port 53."""
    lab = lab_with_resolver(tmp_path_factory.mktemp("published") / "state", STUB)
    lines = []
    for form in FORMS:
        lines.append(f"{host(form)}. 60 IN A 127.0.0.1")
        data = presentation(OWN.record(form))
        lines += [f"_{one.port}._tcp.{host(form)}. 60 IN TLSA {data}" for one in servers]
    added = lab.run("record", "add", "afnic.fr.", "\n".join(lines))
    assert added.returncode == 0, added.stderr
    yield lab
    assert "Traceback" not in stop(lab)


@pytest.fixture(scope="module")
def believing(published: Lab, folder: Path, tool: Tool) -> Believer:
    return believer(published, STUB, folder, tool)


@pytest.mark.parametrize("form", FORMS, ids=ids)
def test_danetool_gives_the_same_verdict_by_dnssec(
    believing: Believer, servers: tuple[Server, Server], form: Parameters
) -> None:
    for server in asked(form, servers):
        options = ("--local-dns", "--check", host(form), "--port", str(server.port))
        done = believing.run("danetool", *options)
        assert (done.returncode == 0) is server.is_right, done.stdout + done.stderr


@pytest.mark.parametrize("form", FORMS, ids=ids)
def test_ldns_dane_gives_the_same_verdict_by_dnssec(
    believing: Believer, folder: Path, servers: tuple[Server, Server], form: Parameters
) -> None:
    options = ("-f", str(folder / "roots.pem"), "-r", STUB, "verify", host(form))
    for server in asked(form, servers):
        done = believing.run("ldns-dane", *options, str(server.port))
        assert (done.returncode == 0) is server.is_right, done.stdout + done.stderr


def test_lab_connect_gives_the_same_verdict_by_dnssec(
    published: Lab, folder: Path, servers: tuple[Server, Server]
) -> None:
    roots = ("--roots", str(folder / "roots.pem"), "--dane", "--json")
    for usage, server in zip((Usage.PKIX_TA, Usage.DANE_TA), servers, strict=True):
        form = Parameters(usage, Selector.CERT, MatchingType.SHA2_512)
        done = published.run("connect", f"{host(form)}:{server.port}", *roots)
        assert done.returncode == (0 if server.is_right else 13), done.stderr
        (found,) = json.loads(done.stdout)["endpoints"]
        (record,) = found["records"]
        assert (record["fate"] == "match") is server.is_right
        assert found["addresses"][0]["tls"]["version"] == "TLSv1.3"

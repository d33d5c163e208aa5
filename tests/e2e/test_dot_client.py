"""The stub asks over TLS: the lab's nameservers, and unbound as a resolver."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.e2e.running import (
    Lab,
    Resolver,
    free_port,
    from_the_root,
    running_unbound,
)

DANE = "TLS, server authenticated by its TLSA records"
PIN = "TLS, server authenticated by a pinned key"
ANYBODY = "TLS, server not authenticated"


def asked(output: str) -> list[tuple[str, str]]:
    """Return each question of `--json` as `NAME TYPE`, with what its answer came over, or not."""
    document: dict[str, Any] = json.loads(output)
    return [
        (f"{one['name']} {one['type']}", one["over"] or one["error"]) for one in document["asked"]
    ]


def of_afnic(lab: Lab, *options: str) -> tuple[int, list[tuple[str, str]]]:
    done = lab.run("validate", "www.afnic.fr", "--json", *options)
    assert not done.stderr
    return done.returncode, asked(done.stdout)


def test_what_the_zone_promises_is_kept_and_the_rest_is_asked_in_clear(lab: Lab) -> None:
    code, questions = of_afnic(lab, "--tls", "strict")
    assert code == 0
    over = dict(questions)
    assert over["www.afnic.fr. A"] == over["afnic.fr. DNSKEY"] == DANE
    assert over[". DNSKEY"] == over["fr. DNSKEY"] == "UDP"


def test_opportunistic_tls_asks_nobody_who_he_is(lab: Lab) -> None:
    code, questions = of_afnic(lab, "--tls", "opportunistic")
    assert code == 0
    assert dict(questions)["www.afnic.fr. A"] == ANYBODY
    assert dict(questions)[". DNSKEY"] == "UDP"


def owners(lab: Lab) -> list[str]:
    return [one["tlsa_owner"] for one in lab.status["dot"] if one["name"].endswith("afnic.fr.")]


def test_a_server_with_another_key_is_passed_over_and_without_any_other_it_is_the_end(
    own_lab: Lab,
) -> None:
    first, second = owners(own_lab)
    own_lab.run("fault", "tlsa-stale", f"owner={first}")
    code, questions = of_afnic(own_lab, "--tls", "strict")
    assert code == 0
    refusals = [over for _, over in questions if "refused" in over]
    assert refusals
    assert "it does not hold that a usable TLSA record matches the peer" in refusals[0]
    assert ("www.afnic.fr. A", DANE) in questions
    own_lab.run("fault", "tlsa-stale", f"owner={second}")
    code, questions = of_afnic(own_lab, "--tls", "strict")
    assert code == 12
    assert not [one for one in questions if one == ("www.afnic.fr. A", "UDP")]


def key_file(lab: Lab) -> Path:
    """Return the key and the certificate of a nameserver of the lab."""
    return lab.state / "identities" / "dot" / "ns1.afnic.fr.pem"


def speaking_tls(lab: Lab, port: int) -> str:
    """Return the lines that let unbound walk through *lab*, and speak TLS as ns1.afnic.fr."""
    file = key_file(lab)
    tls = (f"interface: 127.0.0.1@{port}", f"tls-port: {port}")
    files = (f'tls-service-key: "{file}"', f'tls-service-pem: "{file}"')
    return from_the_root(lab, max_ttl=60) + "".join(f"\n    {one}" for one in (*tls, *files))


@pytest.fixture(scope="module")
def unbound_with_tls(
    lab_53: Lab, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Resolver, int]]:
    """An unbound, and the port where it speaks TLS."""
    port, folder = free_port(), tmp_path_factory.mktemp("unbound-tls")
    with running_unbound(lab_53, folder, speaking_tls(lab_53, port)) as resolver:
        yield resolver, port


def pin(lab: Lab) -> str:
    key = x509.load_pem_x509_certificates(key_file(lab).read_bytes())[0].public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


def forwarded(
    lab: Lab, unbound: tuple[Resolver, int], *options: str
) -> tuple[int, list[tuple[str, str]]]:
    resolver, port = unbound
    where = ("--forward", f"{resolver.address}:{resolver.port}", "--tls-port", str(port))
    done = lab.run("validate", "nowhere.example.fr", *where, "--json", *options)
    assert not done.stderr
    return done.returncode, asked(done.stdout)


@pytest.mark.parametrize("options", ["opportunistic", "strict"])
def test_a_resolver_is_asked_over_tls_and_only_so(
    lab_53: Lab, unbound_with_tls: tuple[Resolver, int], options: str
) -> None:
    pinned = ("--tls-pin", pin(lab_53)) if options == "strict" else ()
    code, questions = forwarded(lab_53, unbound_with_tls, "--tls", options, *pinned)
    assert code == 0
    assert {over for _, over in questions} == {PIN if pinned else ANYBODY}


def test_a_resolver_with_another_key_is_refused(
    lab_53: Lab, unbound_with_tls: tuple[Resolver, int]
) -> None:
    other = base64.b64encode(bytes(32)).decode()
    code, questions = forwarded(lab_53, unbound_with_tls, "--tls", "strict", "--tls-pin", other)
    assert code == 12
    assert {over.partition(": ")[2][:7] for _, over in questions} == {"refused"}


def test_a_resolver_is_known_by_its_tlsa_records(lab_53: Lab, tmp_path: Path) -> None:
    # The owner name of the TLSA records has the port in it.
    port = next(one["port"] for one in lab_53.status["dot"] if one["name"] == "ns1.afnic.fr.")
    with running_unbound(lab_53, tmp_path, speaking_tls(lab_53, port)) as resolver:
        known, others = (
            forwarded(lab_53, (resolver, port), "--tls", "strict", "--tls-name", name)
            for name in ("ns1.afnic.fr", "www.example.fr")
        )
    assert known[0] == 0
    assert {over for _, over in known[1]} == {DANE}
    assert others[0] == 12
    assert "strict privacy wants" in others[1][0][1]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--tls-port", "853"), "mean nothing without --tls"),
        (("--tls", "strict", "--tls-name", "a.example"), "are about a resolver"),
        (("--tls", "strict", "--forward", "127.0.0.1"), "how is the resolver to be known?"),
        (
            ("--tls", "strict", "--forward", "127.0.0.1", "--tls-pin", "c2hvcnQ="),
            "takes a SHA-256 digest, not 5 octets",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    lab: Lab, options: tuple[str, ...], sentence: str
) -> None:
    done = lab.run("validate", "www.afnic.fr", *options)
    assert done.returncode == 3
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1

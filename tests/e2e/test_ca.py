"""`lab ca` in a running lab and beside none; OpenSSL reads what it prints."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.running import Lab, Tool, command, start, stop
from tests.e2e.test_openssl import s_client, tlsa_data

NAMES = ("-nameopt", "oneline,-esc_msb,utf8")


def lines(text: str) -> list[str]:
    return [one.rstrip() for one in text.splitlines()]


@pytest.mark.parametrize("which", ["tsp.ns", "afnic.root"])
def test_the_text_is_that_of_openssl(tool: Tool, lab: Lab, which: str) -> None:
    pem = lab.run("ca", "show", which, "--pem").stdout
    theirs = tool("openssl", "x509", "-text", "-noout", *NAMES, feed=pem, check=True).stdout
    ours = [one for one in lines(lab.run("ca", "show", which).stdout) if not one.startswith("#")]
    assert ours == lines(theirs)


def test_openssl_accepts_what_is_issued_until_the_next_list_has_it(
    tool: Tool, lab: Lab, tmp_path: Path
) -> None:
    name = "gateway.telecom-sudparis.eu"
    order = ("--name", name, "--profile", "client", "--key", "ed25519", "--json")
    made = json.loads(lab.run("ca", "issue", "tsp", *order).stdout)
    assert "PRIVATE" not in str(made)
    root, before, after = (tmp_path / one for one in ("root.pem", "before.pem", "after.pem"))
    root.write_text(lab.run("ca", "export", "tsp").stdout)
    before.write_text(lab.run("ca", "crl", "tsp").stdout)
    assert lab.run("ca", "revoke", name, "--reason", "keyCompromise").returncode == 0
    after.write_text(lab.run("ca", "crl", "tsp").stdout)

    def verified(purpose: str, crl: Path) -> bool:
        chain = ("-CAfile", str(root), "-untrusted", made["file"])
        options = ("-purpose", purpose, "-crl_check", "-CRLfile", str(crl))
        return tool("openssl", "verify", *chain, *options, made["file"]).returncode == 0

    assert verified("sslclient", before)
    assert not verified("sslserver", before)
    assert not verified("sslclient", after)
    assert made["serial"].upper() in tool("openssl", "crl", "-in", str(after), "-text").stdout


def test_a_running_server_shows_its_renewed_certificate_and_dane_still_holds(
    tool: Tool, lab: Lab
) -> None:
    record = tlsa_data(tool, lab, "afnic.js", "afnic.fr.")
    renewed = lab.run("ca", "renew", "afnic.js")
    assert "# in use from now on" in renewed.stdout
    pem = lab.run("ca", "show", "afnic.js", "--pem").stdout.strip().splitlines()
    output = s_client(tool, lab, "-dane_tlsa_domain", "js.afnic.fr", "-dane_tlsa_rrdata", record)
    assert "\n".join(pem[: pem.index("-----END CERTIFICATE-----")]) in output
    assert "Verify return code: 0 (ok)" in output


def test_a_running_lab_keeps_what_its_tlsa_records_name(lab: Lab) -> None:
    refused = lab.run("ca", "renew", "tsp.ns", "--new-key")
    assert refused.returncode == 4
    assert "the TLSA records of tsp.ns would not fit any more" in refused.stderr


def test_after_a_rollover_beside_no_lab_the_next_start_publishes_what_fits(
    tool: Tool, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    stop(start(state, "--port", "0", "--tls-port", "0"))
    for task in (
        ("renew", "afnic.root"),
        ("renew", "afnic.as"),
        ("renew", "afnic.js", "--new-key"),
    ):
        assert command("ca", *task, "--state", str(state)).returncode == 0
    again = start(state, "--port", "0", "--tls-port", "0")
    try:
        record = tlsa_data(tool, again, "afnic.js", "afnic.fr.")
        output = s_client(
            tool, again, "-dane_tlsa_domain", "js.afnic.fr", "-dane_tlsa_rrdata", record
        )
        assert "Verify return code: 0 (ok)" in output
    finally:
        stop(again)


def test_a_certificate_comes_as_der_too(tool: Tool, lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "as.der"
    options = ("--state", str(lab.state), "--der")
    program = [sys.executable, "-m", "lab", "ca", "show", "tsp.as", *options]
    file.write_bytes(subprocess.run(program, capture_output=True, check=True).stdout)
    read = ("x509", "-inform", "DER", "-in", str(file), "-noout", "-sha256", "-fingerprint")
    fingerprint = tool("openssl", *read, check=True).stdout.strip().partition("=")[2]
    shown = json.loads(lab.run("ca", "show", "tsp.as", "--json").stdout)
    assert fingerprint.replace(":", "").lower() == shown["sha256"]


def test_the_public_ca_says_why_not(lab: Lab) -> None:
    joineui = ".".join("f0d0c0b0a0908070") + ".joineuis.lora-alliance.org"
    refused = lab.run("ca", "order", joineui)
    assert refused.returncode == 1
    assert "19" in refused.stdout
    assert "as many labels as the CA accepts" in refused.stdout


def test_the_public_ca_finds_the_proof_in_the_zone(own_lab: Lab) -> None:
    name = "js.afnic.fr"
    first = json.loads(own_lab.run("ca", "order", name, "--json").stdout)
    (control,) = [
        one
        for part in first["parts"]
        for one in part["checks"]
        if one["rule"] == "issuance.control"
    ]
    record = f'_acme-challenge.{name}. 60 IN TXT "{control["facts"]["wanted"]}"'
    assert own_lab.run("record", "add", "afnic.fr", record).returncode == 0
    assert own_lab.run("ca", "order", name).returncode == 0
    assert own_lab.run("record", "add", "afnic.fr", '@ 60 IN CAA 0 issue ";"').returncode == 0
    forbidden = own_lab.run("ca", "order", name)
    assert forbidden.returncode == 1
    assert "nobody" in forbidden.stdout

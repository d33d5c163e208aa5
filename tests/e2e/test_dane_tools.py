"""The tools for TLSA records on a running lab: what they print, and their exit codes."""

import json
from pathlib import Path

import pytest

from tests.e2e.running import Lab, Tool, command, free_port, listening


def place(lab: Lab, identity: str) -> str:
    server = lab.tls(identity)
    return f"{server['host'].rstrip('.')}:{server['port']}"


def test_connect_tells_address_record_chain_and_verdict(lab: Lab) -> None:
    done = lab.run("connect", place(lab, "afnic.as"), "--dane", "--json")
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)["endpoints"]
    assert (found["verdict"], found["tlsa_status"]) == ("accept", "secure")
    assert [one["address"] for one in found["addresses"]] == [lab.tls("afnic.as")["address"]]
    assert [one["depth"] for one in found["addresses"][0]["chain"]] == [0, 1, 2]
    (record,) = found["records"]
    assert (record["fate"], record["depth"]) == ("match", 2)


def test_the_ends_of_a_lookup_have_exit_codes_of_their_own(own_lab: Lab) -> None:
    lab = own_lab
    port = lab.tls("afnic.js")["port"]
    lab.run("record", "add", "unsigned.example.fr.", "js 60 CNAME js.afnic.fr.")
    assert lab.run("connect", f"js.unsigned.example.fr:{port}", "--dane").returncode == 10
    assert lab.run("connect", f"js.afnic.fr:{free_port()}", "--dane").returncode == 14
    owner = lab.tls("afnic.js")["tlsa_owner"]
    lab.run("fault", "rrsig-tampered", f"owner={owner}", "type=TLSA")
    bogus = lab.run("tlsa", "check", place(lab, "afnic.js"))
    assert bogus.returncode == 11
    assert "bogus" in bogus.stdout
    lab.run("fault", "--clear")
    lab.run("fault", "tlsa-stale", f"owner={owner}")
    assert lab.run("tlsa", "check", place(lab, "afnic.js")).returncode == 13


def test_a_record_made_of_a_file_is_the_one_that_is_published(lab: Lab, tool: Tool) -> None:
    made = lab.run("tlsa", "create", "--identity", "afnic.js").stdout.splitlines()
    owner, _, _, _, *data = made[0].split()
    server = ("-p", str(lab.port), f"@{lab.address('afnic.fr.')}")
    output = tool("dig", *server, "+norec", "+short", owner, "TLSA").stdout.split()
    assert (output[:3], "".join(output[3:]).lower()) == (data[:3], data[3])
    chain = str(lab.state / "identities" / "afnic.js.pem")
    judged = command("verify-chain", chain, "--name", "js.afnic.fr", "--tlsa", made[1])
    assert judged.returncode == 0, judged.stderr
    wrong = made[0][:-1] + ("0" if made[0][-1] != "0" else "1")
    assert command("verify-chain", chain, "--name", "x.fr", "--tlsa", wrong).returncode == 13


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("tlsa", "create"), "either FILE.pem or --identity"),
        (("tlsa", "create", "README.md", "--host", "x.fr"), "expected a certificate or a key"),
        (("tlsa", "create", "--identity", "no.ns"), "unknown identity"),
        (("connect", "js.afnic.fr:99999"), "there is no port"),
        (("connect", ":443"), "expected the name of a host"),
    ],
)
def test_mistakes_are_one_sentence(lab: Lab, words: tuple[str, ...], told: str) -> None:
    done = lab.run(*words)
    assert done.returncode == 3
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_rolled_certificate_matches_before_and_after(own_lab: Lab) -> None:
    lab = own_lab
    before = lab.run("tlsa", "check", place(lab, "afnic.js"), "--json")
    rolled = lab.run("tlsa", "roll", "afnic.js", "--travel", "--json")
    stages = [json.loads(line) for line in rolled.stdout.splitlines()]
    assert [one["do"] for one in stages] == ["publish", "wait", "deploy", "remove"]
    assert stages[1]["seconds"] == 120
    after = lab.run("tlsa", "check", place(lab, "afnic.js"), "--json")
    assert (before.returncode, after.returncode) == (0, 0)
    (old,) = json.loads(before.stdout)["endpoints"][0]["records"]
    (new,) = json.loads(after.stdout)["endpoints"][0]["records"]
    assert [old["record"], new["record"]] == [stages[0]["tlsa"][0], stages[3]["tlsa"][0]]
    assert old["record"] != new["record"]


def test_a_mail_server_is_checked_after_starttls(lab: Lab, tmp_path: Path) -> None:
    port = free_port()
    pem = str(lab.state / "identities" / "afnic.js.pem")
    data = lab.run("tlsa", "create", "--identity", "afnic.js").stdout.split(" TLSA ", 1)[1]
    text = f"mail 60 A 127.0.0.1\n_{port}._tcp.mail 60 TLSA {data.splitlines()[0]}"
    assert lab.run("record", "add", "afnic.fr.", text).returncode == 0
    script = tmp_path / "smtp.py"
    script.write_text(SMTP)
    with listening(port, "python3", str(script), str(port), pem):
        done = lab.run("connect", f"mail.afnic.fr:{port}", "--starttls", "smtp", "--dane")
    assert done.returncode == 0, done.stdout
    assert "accept: authenticated as mail.afnic.fr" in done.stdout


@pytest.mark.parametrize("program", ["openssl", "gnutls-serv"])
def test_the_server_of_somebody_else_is_verified(
    lab: Lab, tool: Tool, tmp_path: Path, program: str
) -> None:
    port, host = free_port(), f"{program}.afnic.fr"
    key, pem = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    tool(
        "openssl",
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-subj", "/CN=made by openssl", "-keyout", key, "-out", pem),
        check=True,
    )
    made = lab.run("tlsa", "create", pem, "--host", host, "--port", str(port)).stdout
    text = f"{host}. 60 A 127.0.0.1\n{made.splitlines()[0]}"
    assert lab.run("record", "add", "afnic.fr.", text).returncode == 0
    options = {
        "openssl": ("s_server", "-quiet", "-accept", str(port), "-cert", pem, "-key", key),
        "gnutls-serv": ("--port", str(port), "--x509certfile", pem, "--x509keyfile", key),
    }
    with listening(port, program, *options[program]):
        done = lab.run("connect", f"{host}:{port}", "--dane", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = json.loads(done.stdout)["endpoints"]
    assert (found["verdict"], found["tlsa_status"]) == ("accept", "secure")


SMTP = """
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2])
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection, _ = listener.accept()
    try:
        connection.sendall(b"220 mail.afnic.fr ESMTP\\r\\n")
        if connection.recv(1000).startswith(b"EHLO"):
            connection.sendall(b"250-mail.afnic.fr\\r\\n250 STARTTLS\\r\\n")
            connection.recv(1000)
            connection.sendall(b"220 go ahead\\r\\n")
            context.wrap_socket(connection, server_side=True).recv(1)
    except OSError:
        pass
    finally:
        connection.close()
"""

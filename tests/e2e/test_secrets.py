"""No secret key leaves the files that only their owner may read.

A lab with every log on is made to say what it can, about mistakes, too. What was printed, and what
others could read, is searched for each secret of the state folder: as it is, and as hexadecimal,
Base64 and decimal numbers, as people write keys.
"""

import base64
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lab.cli.frame import main
from tests.e2e.running import Lab, start, stop

OWNER_ONLY = 0o077
MARK = b"PRIVATE KEY-----"
JOIN_SERVER = "js.afnic.fr"
# Zeros stand for a key that one does not have.
SESSION_KEY = re.compile(r'_key":"((?!0{32})[0-9a-f]{32})"')
RAW = (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey, mldsa.MLDSA44PrivateKey)


def secrets_of(state: Path) -> Iterator[bytes]:
    """Give the secret of each key of *state*: what must be known to use it."""
    yield from tls_and_dnssec(state)
    yield from lorawan(state)
    for file in state.glob("tsig/*.key"):
        yield base64.b64decode(file.read_text().partition('secret "')[2].partition('"')[0])
    yield bytes.fromhex((state / "cookie.secret").read_text())


def lorawan(state: Path) -> Iterator[bytes]:
    """Give root keys, key-encryption keys, and the keys of sessions."""
    for file in (state / "lorawan").iterdir():
        yield bytes.fromhex(file.read_text())
    with closing(sqlite3.connect(state / "lorawan.sqlite")) as memory:
        kept = "".join(value for (value,) in memory.execute("SELECT value FROM kept"))
    yield from map(bytes.fromhex, SESSION_KEY.findall(kept))


def tls_and_dnssec(state: Path) -> Iterator[bytes]:
    """Give the private keys."""
    for file in state.rglob("*.pem"):
        text = file.read_bytes()
        if MARK not in text:
            continue
        key = load_pem_private_key(text, None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            value = key.private_numbers().private_value
            yield value.to_bytes((key.key_size + 7) // 8, "big")
        elif isinstance(key, rsa.RSAPrivateKey):
            numbers = key.private_numbers()
            yield numbers.p.to_bytes(key.key_size // 16, "big")
            yield numbers.d.to_bytes(key.key_size // 8, "big")
        elif isinstance(key, RAW):
            yield key.private_bytes_raw()
        else:
            pytest.fail(f"the lab has keys of a kind that is not looked for: {file}")


def written(secret: bytes) -> Iterator[bytes]:
    """Give the ways to write *secret*; Base64 also where it stands inside of something longer."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    yield str(int.from_bytes(secret, "big")).encode()
    for before in range(3):
        # A group of four letters that holds octets of others may look like anything.
        yield base64.b64encode(bytes(before) + secret)[4 if before else 0 : -4]


def ways_to_tell(state: Path) -> list[bytes]:
    """Return every way to give a secret of *state* away."""
    return [MARK, *(way for secret in secrets_of(state) for way in written(secret))]


def found_in(places: dict[str, bytes], ways: list[bytes]) -> list[str]:
    """Return the places that hold one of *ways*."""
    return [name for name, text in places.items() if any(way in text for way in ways)]


def readable_by_others(state: Path) -> dict[str, bytes]:
    files = (one for one in state.rglob("*") if one.is_file() and one.stat().st_mode & OWNER_ONLY)
    return {str(one): one.read_bytes() for one in files}


def told_by(lab: Lab, folder: Path) -> dict[str, bytes]:
    """Return what the commands print, those that go wrong, too."""
    server = f"{JOIN_SERVER}:{lab.tls('afnic.js')['port']}"
    identity = lab.state / "identities" / "afnic.js.pem"
    broken = folder / "broken.pem"
    broken.write_bytes(identity.read_bytes().replace(b"M", b"!", 3))
    here = (
        (0, "status", "--json"),
        (0, "run", "self-signed", "--json"),
        (0, "keys", "show"),
        (0, "keys", "show", "afnic.fr", "--json"),
        (0, "keys", "roll", "afnic.fr", "--role", "zsk"),
        (0, "ca", "list", "--json"),
        (0, "ca", "show", "afnic.js"),
        (0, "ca", "show", "afnic.js", "--pem"),
        (0, "ca", "issue", "afnic", "--name", "new.afnic.fr", "--json"),
        (0, "ca", "renew", "afnic.js"),
        (0, "tlsa", "create", str(identity), "--host", JOIN_SERVER),
        (3, "tlsa", "create", str(broken), "--host", JOIN_SERVER),
        (0, "tsig", "list"),
        (0, "lorawan", "join", "meter", "--json"),
        (0, "lorawan", "send", "meter", "00d7", "--json"),
        (0, "lorawan", "devices", "--json"),
        (0, "lorawan", "frames", "--json"),
    )
    # These have an event loop of their own, of which a process has one.
    apart = (
        (0, "connect", server, "--dane", "--json"),
        (3, "connect", server, "--roots", str(broken)),
    )
    told = {" ".join(words): _here(lab, code, *words) for code, *words in here}
    return told | {" ".join(words): _apart(lab, code, *words) for code, *words in apart}


def _here(lab: Lab, code: int, *words: str) -> bytes:
    done = CliRunner().invoke(main, [*words, "--state", str(lab.state)])
    assert done.exit_code == code, (words, done.output)
    return done.output.encode()


def _apart(lab: Lab, code: int, *words: str) -> bytes:
    done = lab.run(*words)
    assert done.returncode == code, (words, done.stderr)
    return (done.stdout + done.stderr).encode()


def test_nothing_that_is_told_or_left_about_has_a_secret_key(tmp_path: Path) -> None:
    logs = {name: tmp_path / name for name in ("queries.jsonl", "queries.tap", "secrets.txt")}
    query_log, dnstap, keylog = map(str, logs.values())
    ports = ("--port", "0", "--tls-port", "0", "--gateway-port", "0")
    options = ("--query-log", query_log, "--dnstap", dnstap, "--keylog", keylog)
    lab = start(tmp_path / "state", *ports, *options)
    try:
        told = told_by(lab, tmp_path)
    finally:
        last = stop(lab).encode()
    told |= {name: file.read_bytes() for name, file in logs.items()}
    told |= {"stderr of the lab": last} | readable_by_others(lab.state)
    ways = ways_to_tell(lab.state)
    assert found_in(told, ways) == []
    # What a search that finds nothing is worth: it finds these, however they are written.
    for secret in (next(tls_and_dnssec(lab.state)), next(lorawan(lab.state))):
        for number, way in enumerate(written(secret)):
            assert found_in({"it": b"before " + way + b" after"}, ways) == ["it"], number
        inside = base64.b64encode(b"x" + secret + b"yz")
        assert found_in({"it": inside}, ways) == ["it"]

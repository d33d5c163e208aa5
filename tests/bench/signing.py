"""Sign: the bare operation, and a whole zone. `python -m tests.bench.signing --hosts 10000`.

It is a process of its own, with one core. What counts for the zone is everything from the text of
the master file to the last RRSIG, divided by the number of RRSIGs.
"""

import argparse
import json
import sys
import time
from statistics import median

import dns.name
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from dns.rdatatype import RdataType

from lab.dnssec.algorithms import by_mnemonic
from lab.dnssec.keys import KeyRole, KeySet, generate
from lab.nameserver.signer import Signer
from lab.nameserver.tree import plant
from lab.nameserver.whole import parts
from lab.nameserver.zone import load
from tests.bench.figures import Figures, Findings
from tests.bench.processes import SERVERS, output
from tests.bench.questions import APEX, zone
from tests.fakes import NOW

RAW = "cryptography, ECDSA P-256"
LAB = "the lab, a zone as a whole"
EACH = "us a signature"
READY = "us a signature, as in an RRSIG"
_ROUNDS, _SIGNS = 7, 1000


def raw() -> dict[str, float]:
    """Return the CPU time of one signature, in microseconds; and with the form of RFC 6605."""
    key, algorithm, octets = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(SHA256()), bytes(100)
    bare, ready = [], []
    for _ in range(_ROUNDS):
        began = time.process_time()
        for _ in range(_SIGNS):
            key.sign(octets, algorithm)
        middle = time.process_time()
        for _ in range(_SIGNS):
            r, s = decode_dss_signature(key.sign(octets, algorithm))
            assert len(r.to_bytes(32, "big") + s.to_bytes(32, "big")) == 64
        bare.append(middle - began)
        ready.append(time.process_time() - middle)
    return {EACH: median(bare) / _SIGNS * 1e6, READY: median(ready) / _SIGNS * 1e6}


def whole(hosts: int) -> dict[str, float]:
    """Return what signing a zone of so many hosts costs."""
    text, apex = zone(hosts), dns.name.from_text(APEX)
    algorithm = by_mnemonic("ECDSAP256SHA256")
    keys = KeySet(tuple(generate(apex, role, algorithm) for role in (KeyRole.KSK, KeyRole.ZSK)))
    began = time.process_time()
    signer = Signer(apex, keys)
    (served,) = plant({apex: load(text, apex, "bench")}, {apex: signer}).values()
    entries = [one for part in parts(served, NOW) for one in part]
    count = sum(len(one.rdatas) for one in entries if one.rdtype == RdataType.RRSIG)
    took = time.process_time() - began
    return {"signatures": count, "s": took, READY: took / count * 1e6}


def measure(hosts: int) -> Findings:
    """Measure both in a process of its own."""
    said = output([sys.executable, "-m", "tests.bench.signing", "--hosts", str(hosts)], SERVERS)
    return Findings(json.loads(said))


def main() -> None:
    """Print both as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.signing", description=__doc__)
    parser.add_argument("--hosts", type=int, default=10_000)
    found: Figures = {RAW: raw(), LAB: whole(parser.parse_args().hosts)}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()

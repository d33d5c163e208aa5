"""Run the lab's validator on one question from a shell: the contract of the shared cases.

Plain blocking sockets, one question at a time. Prints one JSON object; see `--help`.
"""

import argparse
import json
import struct
import sys
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha1
from itertools import pairwise
from pathlib import Path

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from dns.dnssecalgs.base import GenericPublicKey
from dns.dnssecalgs.dsa import PrivateDSA, PrivateDSANSEC3SHA1
from dns.dnssecalgs.rsa import PrivateRSASHA1, PrivateRSASHA1NSEC3SHA1
from dns.dnssectypes import Algorithm
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from lab.api import DNS_PORT
from lab.core.dialogue import answer_all
from lab.core.errors import InputError, TransportError
from lab.core.instant import Instant
from lab.core.question import Question, Response, Role, Server
from lab.core.status import SecurityStatus
from lab.dnssec.algorithms import ALGORITHMS, RSA_BITS, RSA_RANGE, SigningAlgorithm
from lab.net.entropy import SystemEntropy
from lab.net.plain_client import PlainClient
from lab.validator.anchor import TrustAnchor, parse_anchors
from lab.validator.resolve import Limits, Settings, Stub, Validation, resolve
from lab.validator.settings import Minimisation, Paths

_DIGEST_SIZES = {"1": 20, "2": 32, "4": 48}
_ITERATIONS = "val-nsec3-keysize-iterations"
_DOWNGRADE = "harden-algo-downgrade"


_DSA_OCTETS = 41


class PublicDsa(GenericPublicKey):
    """Verify as RFC 2536 and FIPS 186-2 say: `cryptography` refuses keys as short as the cases'."""

    algorithm = Algorithm.DSA

    def __init__(self, key: tuple[int, int, int, int]) -> None:
        self.q, self.p, self.g, self.y = key

    @classmethod
    def from_dnskey(cls, key: DNSKEY) -> "PublicDsa":
        # RFC 2536 section 2: T, then Q of 20 octets, then P, G and Y of 64 + 8 T octets each.
        size = 64 + 8 * key.key[0]
        ends = (1, 21, *(21 + n * size for n in (1, 2, 3)))
        q, p, g, y = (int.from_bytes(key.key[a:b], "big") for a, b in pairwise(ends))
        return cls((q, p, g, y))

    def verify(self, signature: bytes, data: bytes) -> None:
        # RFC 2536 section 3: T, R and S. The cases of 2007 have DER, as ldns wrote in those days.
        if len(signature) == _DSA_OCTETS:
            r, s = (int.from_bytes(signature[a : a + 20], "big") for a in (1, 21))
        else:
            r, s = decode_dss_signature(signature)
        if not (0 < r < self.q and 0 < s < self.q):
            raise InvalidSignature
        digest = int.from_bytes(sha1(data, usedforsecurity=False).digest(), "big")
        w = pow(s, -1, self.q)
        found = pow(self.g, digest * w % self.q, self.p) * pow(self.y, r * w % self.q, self.p)
        if found % self.p % self.q != r:
            raise InvalidSignature

    def encode_key_bytes(self) -> bytes:
        raise NotImplementedError

    to_pem = encode_key_bytes

    @classmethod
    def from_pem(cls, public_pem: bytes) -> "PublicDsa":
        raise NotImplementedError


class PublicDsaNsec3(PublicDsa):
    algorithm = Algorithm.DSANSEC3SHA1


class _Dsa(PrivateDSA):
    public_cls = PublicDsa  # type: ignore[assignment]  # only the public half is used


class _DsaNsec3(PrivateDSANSEC3SHA1):
    public_cls = PublicDsaNsec3  # type: ignore[assignment]  # only the public half is used


_RETIRED = (PrivateRSASHA1, PrivateRSASHA1NSEC3SHA1, _Dsa, _DsaNsec3)


def add_retired_algorithms() -> frozenset[int]:
    """Enter rows for DSA and RSA/SHA-1, which the lab does not support; return all numbers."""
    for private in _RETIRED:
        number = private.public_cls.algorithm
        if int(number) not in ALGORITHMS:
            row = SigningAlgorithm(
                number, number.name, private, partial(private.generate, RSA_BITS)
            )
            ALGORITHMS.add(int(number), row)
            # RFC 3110 section 2; the cases have keys as short as in its days.
            RSA_RANGE[number] = range(512, 4097)
    return frozenset(ALGORITHMS)


@dataclass(frozen=True)
class Sockets:
    """Ask over loopback: an address met in the data really listens elsewhere."""

    listens: dict[str, tuple[str, int]]
    client: PlainClient

    def ask(self, question: Question) -> Response:
        where = self.listens.get(question.server.address)
        if where is None:
            raise TransportError(f"{question.server} is unreachable")
        address, port = where
        there = replace(question, server=replace(question.server, address=address, port=port))
        return replace(self.client.ask(there), server=question.server)


def make_settings(
    zones: list[tuple[str, Server]],
    anchors: tuple[TrustAnchor, ...],
    options: dict[str, str],
    algorithms: frozenset[int],
) -> Settings:
    """Return settings; *zones* has the known servers of each zone, those of the root included."""
    servers: dict[dns.name.Name, list[Server]] = {}
    for zone, server in zones:
        servers.setdefault(dns.name.from_text(zone), []).append(server)
    root = tuple(servers.pop(dns.name.root, []))
    known = tuple(Stub(apex, tuple(own)) for apex, own in servers.items())
    limits = Limits()
    if _ITERATIONS in options:
        # Unbound's list is "key size, iterations, …": the last number is the loosest limit.
        limits = replace(limits, nsec3_iterations=int(options[_ITERATIONS].split()[-1]))
    paths = Paths.EVERY_ALGORITHM if options.get(_DOWNGRADE) == "yes" else Paths.ANY
    # The canned servers have answers for whole names only.
    whole = Minimisation.OFF
    return Settings(
        root, anchors, known, algorithms, limits=limits, paths=paths, minimisation=whole
    )


def authoritative(zone: str, address: str) -> tuple[str, Server]:
    return zone, Server(dns.name.from_text(zone), address)


def recursive(zone: str, address: str) -> tuple[str, Server]:
    return zone, Server(dns.name.from_text(zone), address, Role.RECURSIVE)


def verdict_of(validation: Validation) -> dict[str, object]:
    """Return the JSON object of the contract.

    Without a trust anchor an answer is indeterminate in the words of RFC 4033 section 5, and given
    out as if unsigned: the contract calls that insecure.
    """
    verdict = validation.status.value
    answered = validation.rcode != dns.rcode.SERVFAIL
    if validation.status is SecurityStatus.INDETERMINATE and answered:
        verdict = SecurityStatus.INSECURE.value
    return {
        "verdict": verdict,
        "rcode": dns.rcode.to_text(validation.rcode),
        "ede": [int(one) for one in validation.ede],
        "chain": [f"{link.apex} {link.status.value}" for link in validation.chain.links],
    }


def read_anchors(lines: list[str]) -> tuple[TrustAnchor, ...]:
    """Return the anchors; a DS whose digest has the wrong length becomes one that fits no key.

    The lab itself refuses such a line, but cases hold one and want to see what follows from it.
    """
    return parse_anchors("\n".join(_readable(line) for line in lines), "anchors")


def _readable(line: str) -> str:
    try:
        parse_anchors(line, "anchor")
    except InputError:
        owner, _, fields = line.partition(" DS ")
        if fields.startswith("\\#"):
            octets = bytes.fromhex("".join(fields.split()[2:]))
            fields = "{} {} {}".format(*struct.unpack("!HBB", octets[:4]))
        tag, algorithm, digest_type = fields.split()[:3]
        digest = bytes(_DIGEST_SIZES[digest_type]).hex()
        return f"{owner} DS {tag} {algorithm} {digest_type} {digest}"
    return line


def _split(pair: str) -> tuple[str, str]:
    name, _, value = pair.rpartition("=")
    return name, value


def _socket_address(text: str) -> tuple[str, int]:
    address, _, port = text.rpartition("@")
    return address, int(port)


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--anchor", required=True, type=Path)
    parser.add_argument("--now", required=True, type=int)
    for repeated in ("root", "stub", "forward", "map", "option"):
        parser.add_argument(f"--{repeated}", action="append", default=[])
    parser.add_argument("--recursor", help="asked if no other server is named")
    parser.add_argument("--forward-only", action="store_true", help="ask the recursor alone")
    parser.add_argument("--allow-deprecated", action="store_true")
    parser.add_argument("qname")
    parser.add_argument("qtype")
    return parser.parse_args(argv)


def _known(given: argparse.Namespace) -> list[tuple[str, Server]]:
    """Return the servers to start at; the recursive one only if nothing else may be asked."""
    if given.forward_only:
        return [recursive(".", given.recursor)]
    zones = [authoritative(".", address) for address in given.root]
    zones += [authoritative(*_split(one)) for one in given.stub]
    zones += [recursive(*_split(one)) for one in given.forward]
    if not zones and given.recursor:
        zones = [recursive(".", given.recursor)]
    return zones


def judge(given: argparse.Namespace) -> dict[str, object]:
    """Return the verdict on what the command line asks."""
    zones = _known(given)
    listens = {server.address: _socket_address(server.address) for _, server in zones}
    listens |= {canned: _socket_address(real) for canned, real in map(_split, given.map)}
    retired = given.allow_deprecated
    algorithms = add_retired_algorithms() if retired else frozenset(ALGORITHMS)
    settings = make_settings(
        zones,
        read_anchors(given.anchor.read_text().splitlines()),
        dict(one.split("=", 1) for one in given.option),
        algorithms,
    )
    qname, qtype = dns.name.from_text(given.qname), dns.rdatatype.from_text(given.qtype)
    dialogue = resolve(qname, qtype, settings, Instant(given.now))
    return verdict_of(
        answer_all(dialogue, Sockets(listens, PlainClient(DNS_PORT, SystemEntropy())).ask).result
    )


def main(argv: list[str]) -> None:
    given = _arguments(argv)
    try:
        said = judge(given)
    except Exception as error:  # noqa: BLE001 the contract: one JSON object, whatever happens
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        said = {"verdict": "indeterminate", "rcode": "SERVFAIL", "ede": [], "chain": []}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

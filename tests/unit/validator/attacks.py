"""Zones written to make validators work: each breaks no rule of form, and multiplies tries."""

import sys
import time
from dataclasses import dataclass, replace
from unittest.mock import patch

import dns.flags
import dns.message
import dns.rrset
from dns.dnssectypes import DSDigest
from dns.message import Message
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.dialogue import answer_all
from lab.core.question import Question, Response
from lab.core.rrsets import RRset
from lab.dnssec.algorithms import verify
from lab.dnssec.delegation import make_ds
from lab.dnssec.keys import key_tag
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.validator.resolve import Validation, resolve
from tests.unit.validator.scenes import WORLD, zones
from tests.unit.validator.world import World, build
from tests.unit.validator.zone import NOW, TTL, ZoneText, key_of, name

APEX = name("example.fr.")
ADDRESS = "127.53.2.1"
KEYS, SIGNATURES = 60, 60
RSA_OCTETS = 256
ALL = frozenset({RdataType.A, RdataType.NSEC, RdataType.SOA, RdataType.DS})


def colliding(count: int, mnemonic: str) -> tuple[DNSKEY, ...]:
    """Return keys with one tag: RFC 4034 appendix B adds 16-bit words, so that words may move."""
    real = key_of(name("evil."), mnemonic).dnskey
    made = []
    for n in range(count):
        octets = bytearray(real.key)
        at = len(octets) - 2 * (n % 14) - 4
        by = at - 2 * (1 + n // 14)
        octets[at : at + 2], octets[by : by + 2] = octets[by : by + 2], octets[at : at + 2]
        made.append(real.replace(key=bytes(octets)))
    keys = tuple(one for one in made if isinstance(one, DNSKEY))
    assert {key_tag(one) for one in keys} == {key_tag(real)}
    return keys


def trapped(trap: tuple[DNSKEY, ...], rdtypes: frozenset[RdataType]) -> World:
    """Return a world in which *rdtypes* of example.fr. have many bad RRSIGs by the keys *trap*."""
    made = build(zones())
    node = made.zones[APEX].nodes[APEX]
    dnskey = node[RdataType.DNSKEY]
    node[RdataType.DNSKEY] = replace(dnskey, rdatas=(*dnskey.rdatas, *trap))

    def multiply(question: Question, message: Message) -> Message:
        if question.server.address == ADDRESS:
            for section in (message.answer, message.authority):
                for one in section:
                    if one.rdtype == RdataType.RRSIG and one.covers in rdtypes:
                        _replace_signatures(one, trap[0])
        return message

    made.tamper = multiply
    return made


def keytrap(mnemonic: str, rdtypes: frozenset[RdataType]) -> World:
    """Return such a world with many keys of one tag (CVE-2023-50387)."""
    return trapped(colliding(KEYS, mnemonic), rdtypes)


def _replace_signatures(rrsigs: dns.rrset.RRset, trap: DNSKEY) -> None:
    (honest,) = rrsigs
    assert isinstance(honest, RRSIG)
    length = 64 if len(trap.key) == 32 else RSA_OCTETS
    rrsigs.clear()
    for n in range(SIGNATURES):
        signature = n.to_bytes(2, "big") + b"\x01" * (length - 2)
        changed = honest.replace(
            algorithm=trap.algorithm, key_tag=key_tag(trap), signature=signature
        )
        rrsigs.add(changed)


def strangers() -> World:
    """Return a world in which every RRset of example.fr. has many RRSIGs by keys that it lacks."""

    def multiply(question: Question, message: Message) -> Message:
        if question.server.address == ADDRESS:
            for one in (one for section in message.sections[1:] for one in section):
                if one.rdtype == RdataType.RRSIG and one.covers != RdataType.DNSKEY:
                    (honest,) = one
                    one.clear()
                    for tag in range(SIGNATURES):
                        one.add(honest.replace(key_tag=tag))
        return message

    made = build(zones())
    made.tamper = multiply
    return made


def slow_exponent() -> World:
    """Return a world whose RSA key has an exponent as long as its modulus (RFC 3110 section 2)."""
    real = key_of(name("evil."), "RSASHA256").dnskey
    modulus = real.key[-RSA_OCTETS:]
    exponent = bytes([modulus[0] >> 1, *modulus[1:-1], 1])
    slow = real.replace(key=b"\x00" + RSA_OCTETS.to_bytes(2, "big") + exponent + modulus)
    assert isinstance(slow, DNSKEY)
    return trapped((slow,), ALL)


def hash_trap() -> World:
    """Return a world whose h.fr. asks for as many hashes as RFC 9276 lets pass."""
    hashed = ZoneText("www A 192.0.2.1", "127.53.3.1", hashed=Nsec3Parameters(150, b"\xab" * 200))
    return build(zones(h_fr=hashed))


def deep(count: int, apex: str) -> str:
    """Return a name of *count* labels below *apex*."""
    return "a." * count + apex


def digest_trap() -> World:
    """Return a world with many DS that name the tag of colliding keys, and none of the keys."""
    made = build(zones())
    trap = colliding(KEYS, "ED25519")
    node = made.zones[APEX].nodes[APEX]
    node[RdataType.DNSKEY] = replace(node[RdataType.DNSKEY], rdatas=trap)
    ds = make_ds(APEX, trap[0], DSDigest.SHA256)
    many = tuple(ds.replace(digest=n.to_bytes(2, "big") + ds.digest[2:]) for n in range(KEYS))
    fr = made.zones[name("fr.")].nodes[APEX]
    fr[RdataType.DS] = RRset(APEX, RdataType.DS, TTL, many)
    return made


def many_keys() -> World:
    """Return a world whose example.fr. has more keys than a zone can need."""
    made = build(zones())
    node = made.zones[APEX].nodes[APEX]
    dnskey = node[RdataType.DNSKEY]
    real = key_of(APEX).dnskey
    more = tuple(real.replace(key=n.to_bytes(2, "big") * 16) for n in range(400))
    node[RdataType.DNSKEY] = replace(dnskey, rdatas=(*dnskey.rdatas, *more))
    return made


def fan_out(width: int) -> World:
    """Return a world that delegates below example.fr. to *width* unknown names (NXNSAttack)."""

    def scatter(question: Question, message: Message) -> Message:
        if question.server.address == ADDRESS and question.rdtype != RdataType.DNSKEY:
            at = question.qname
            hosts = [f"ns{n}.{at.to_text()[:20].strip('.')}.h.fr." for n in range(width)]
            return _referral(message, at, *hosts)
        return message

    made = build(zones())
    made.tamper = scatter
    return made


def _referral(message: Message, child: Name, *hosts: str) -> Message:
    message.flags &= ~dns.flags.AA
    message.answer, message.additional = [], []
    message.authority = [dns.rrset.from_text(child, TTL, "IN", "NS", *hosts)]
    return message


def endless_alias() -> World:
    """Return a world in which every name of example.fr. is an alias of the next one."""

    def lead_on(question: Question, message: Message) -> Message:
        if question.server.address == ADDRESS and question.rdtype == RdataType.A:
            number = int(question.qname.labels[0][1:]) + 1
            alias = dns.rrset.from_text(question.qname, TTL, "IN", "CNAME", f"n{number}.{APEX}")
            message.answer, message.authority = [alias], []
            message.set_rcode(Rcode.NOERROR)
            return message
        return message

    made = build(zones(example_fr=ZoneText("", ADDRESS, signed=False)))
    made.tamper = lead_on
    return made


@dataclass(frozen=True)
class Cost:
    """Tell what one resolution costs: its verdict, questions, and signatures computed with."""

    found: Validation
    questions: int
    verifications: int
    milliseconds: float


def measure(made: World, qname: str, rdtype: str = "A", runs: int = 5) -> Cost:
    """Return the cost of asking *made*; answers are kept as octets, decoding them is counted."""
    kept: dict[Question, bytes] = {}
    asked: list[Question] = []

    def answer(question: Question) -> Response:
        asked.append(question)
        if question not in kept:
            kept[question] = made.answer(question).message.to_wire(max_size=65535)
        return Response(dns.message.from_wire(kept[question]), question.server)

    def run() -> Validation:
        dialogue = resolve(name(qname), RdataType.from_text(rdtype), made.settings(), NOW)
        return answer_all(dialogue, answer).result

    with patch("lab.dnssec.rrsig.verify", wraps=verify) as counted:
        found, spent = run(), []
    count = len(asked)
    for _ in range(runs):
        before = time.process_time()
        run()
        spent.append(time.process_time() - before)
    return Cost(found, count, counted.call_count, min(spent) * 1000)


HONEST = "www.example.fr."
ATTACKS = [
    ("KeyTrap by RSA", keytrap("RSASHA256", ALL), HONEST, "rrsig.effort"),
    ("KeyTrap by Ed25519", keytrap("ED25519", ALL), HONEST, "rrsig.effort"),
    ("KeyTrap in a denial", keytrap("RSASHA256", ALL), f"nope.{HONEST}", "effort.bounded"),
    ("KeyTrap in the keys", keytrap("ED25519", frozenset({RdataType.DNSKEY})), HONEST, None),
    ("hashes of a deep name", hash_trap(), deep(100, "nope.h.fr."), "nsec3.effort"),
    ("RRSIGs by strangers", strangers(), HONEST, "rrsig.dnskey"),
    ("a slow exponent", slow_exponent(), HONEST, "dnskey.well-formed"),
    ("digests of keys", digest_trap(), HONEST, "effort.bounded"),
    ("many keys", many_keys(), HONEST, "effort.bounded"),
]


def main() -> None:
    """Print how many honest walks each attack costs, in computing time, side by side."""
    for title, made, qname, _ in ATTACKS:
        pairs = [(measure(made, qname), measure(WORLD, HONEST)) for _ in range(5)]
        ratios = sorted(attack.milliseconds / honest.milliseconds for attack, honest in pairs)
        sys.stdout.write(f"{title:24} {ratios[2]:5.1f} honest walks (median of 5 pairs)\n")


if __name__ == "__main__":
    main()

"""The small modules of the core: status, registry, rules, seams, errors, entropy, rrsets."""

from dataclasses import dataclass
from typing import Any

import dns.message
import dns.rrset
import pytest
from dns.name import from_text
from dns.rdatatype import RdataType

from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError, PeerError, ScenarioError
from lab.core.instant import Instant
from lab.core.question import Question, Server
from lab.core.registry import Registry
from lab.core.rrsets import RRset, SignedRRset, group
from lab.core.rules import RULES
from lab.core.seams import Hooks, Seam
from lab.core.status import NotProvenError, Proven, SecurityStatus, worst
from lab.dnssec import rules as dnssec_rules
from lab.validator import rules as validator_rules

SECURE, INSECURE = SecurityStatus.SECURE, SecurityStatus.INSECURE
INDETERMINATE, BOGUS = SecurityStatus.INDETERMINATE, SecurityStatus.BOGUS


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), SECURE),
        ((SECURE, SECURE), SECURE),
        ((SECURE, INSECURE), INSECURE),
        ((INDETERMINATE, INSECURE), INDETERMINATE),
        ((BOGUS, INDETERMINATE, SECURE), BOGUS),
    ],
)
def test_a_whole_is_as_weak_as_its_weakest_part(
    parts: tuple[SecurityStatus, ...], expected: SecurityStatus
) -> None:
    assert worst(parts) is expected


def test_a_proven_value_is_read_by_naming_what_is_good_enough() -> None:
    value = Proven(INSECURE, "value")
    assert value.require(SECURE, INSECURE) == "value"
    with pytest.raises(NotProvenError, match="insecure, not secure"):
        value.require(SECURE)


def test_a_registry_keeps_the_order_and_takes_each_key_once() -> None:
    table: Registry[str, int] = Registry("number")
    table.add("two", 2)
    table.add("one", 1)
    assert dict(table) == {"two": 2, "one": 1}
    assert len(table) == 2
    with pytest.raises(AssertionError, match="defined twice"):
        table.add("one", 3)


def test_every_rule_names_its_rfc_section() -> None:
    assert dnssec_rules.RRSIG_EXPIRATION is RULES["rrsig.expiration"]
    assert validator_rules.SERVER_ANSWERS is RULES["walk.server-answers"]
    for rule in RULES.values():
        assert rule.sentence
        assert rule.section, rule.id


def test_hooks_apply_the_faults_of_their_seam_in_order() -> None:
    number: Seam[int] = Seam("number")

    @dataclass(frozen=True)
    class Add:
        amount: int
        seams: tuple[Seam[Any], ...] = (number,)

        def acts_in(self, _apex: object) -> bool:
            return True

        def apply(self, value: int, now: Instant) -> int:
            return value * 10 + self.amount + int(now)

    other = Add(9, (Seam("other"),))
    hooks = Hooks().plus(Add(1)).plus(other).plus(Add(2))
    assert hooks.at(number, 0, Instant(0)) == 12
    assert Hooks().at(number, 5, Instant(0)) == 5


def test_errors_say_where_and_what() -> None:
    error = InputError("no such zone", "lab.toml:7")
    assert str(error) == "lab.toml:7: no such zone"
    assert str(InputError("bad")) == "bad"
    assert str(ScenarioError([error, InputError("bad")])) == "lab.toml:7: no such zone\nbad"
    peer = PeerError("short", b"\x00" * 99, "127.0.0.1")
    assert (str(peer), len(peer.wire)) == ("127.0.0.1: short", 2 * PeerError.SHOWN)


def test_one_seed_gives_one_stream() -> None:
    first, second, other = SeededEntropy("a"), SeededEntropy("a"), SeededEntropy("b")
    drawn = [first.bytes(8), first.bytes(8)]
    assert drawn == [second.bytes(8), second.bytes(8)]
    assert drawn[0] != drawn[1]
    assert other.bytes(8) not in drawn


def test_a_question_reads_well() -> None:
    server = Server(from_text("a.nic.fr."), "127.53.1.1")
    question = Question(from_text("www.fr."), RdataType.A, server)
    assert str(question) == "www.fr. A @ a.nic.fr. (127.53.1.1)"


SECTION = """www.fr. 60 IN A 192.0.2.1
www.fr. 60 IN A 192.0.2.2
www.fr. 50 IN RRSIG A 13 2 60 20300101000000 20200101000000 1 fr. AAAA
www.fr. 50 IN RRSIG AAAA 13 2 60 20300101000000 20200101000000 1 fr. AAAA
"""


def section() -> list[dns.rrset.RRset]:
    text = f"id 1\nopcode QUERY\n;QUESTION\nwww.fr. IN A\n;ANSWER\n{SECTION}"
    return dns.message.from_text(text).answer


def test_signatures_go_to_the_rrset_of_their_owner_and_type() -> None:
    signed, stray = group(section())
    assert str(signed.rrset) == "www.fr. A"
    assert len(signed.rrset.rdatas) == 2
    assert [int(one.type_covered) for one in signed.rrsigs] == [int(RdataType.A)]
    assert signed.rrsig_ttl == 50
    assert stray.rrset.rdtype == RdataType.RRSIG


def test_a_signed_rrset_survives_the_way_through_a_message() -> None:
    signed = group(section())[0]
    assert group(signed.to_dns()) == (signed,)
    unsigned = SignedRRset(signed.rrset)
    assert group(unsigned.to_dns()) == (unsigned,)


def test_an_rrset_gives_a_fresh_copy() -> None:
    rrset = group(section())[0].rrset
    copy = rrset.to_dns()
    copy.clear()
    assert len(rrset.rdatas) == 2
    assert RRset.from_dns(rrset.owner, rrset.to_dns()) == rrset

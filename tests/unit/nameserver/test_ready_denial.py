"""What is written about missing names without asking the nameserver again."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from dns.name import Name

from lab.core.instant import DAY, Instant
from lab.core.seams import Hooks, Seam
from lab.dnssec.keys import KeyRole, KeySet, generate
from lab.nameserver import ready_denial
from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.nameserver.lookup import OUTCOME
from lab.nameserver.ready_answer import ReadyAnswer
from lab.nameserver.ready_denial import ReadyDenials
from lab.nameserver.ready_question import pull_question
from lab.nameserver.server import NameServer
from lab.nameserver.signer import Signer
from lab.nameserver.tree import ServedZone, plant
from lab.nameserver.zone import load
from tests.fakes import NOW, PEER, keys_of, name, query, served

TEXT = """
@        60 SOA ns hostmaster 1 2 3 4 60
@        60 NS  ns
ns       60 A   192.0.2.1
www      60 A   192.0.2.2
*.wild   60 TXT "made"
child    60 NS  ns
"""
CHILD = "@ 60 SOA ns.example. h 1 2 3 4 60\n@ 60 NS ns.example.\n"


def server(mode: DenialMode = DenialMode.NSEC) -> NameServer:
    texts = {"example.": TEXT, "alone.example.": CHILD}
    return NameServer(served(texts, denial=DenialPolicy(mode)))


def told(
    write: ReadyDenials, qname: str, rdtype: str = "A", *, payload: int = 1232, now: Instant = NOW
) -> ReadyAnswer | None:
    question = pull_question(query(qname, rdtype, payload=payload).to_wire())
    assert question is not None
    return write(question, now)


@pytest.mark.parametrize("mode", [DenialMode.NSEC, DenialMode.NSEC3])
def test_names_in_one_gap_have_one_answer(mode: DenialMode) -> None:
    write = ReadyDenials(server(mode))
    answers = [told(write, f"n{number:03}.www.example.") for number in range(99)]
    assert None not in answers
    # Six hashes have seven gaps, one of which goes around the end.
    assert len({id(answer) for answer in answers}) <= (7 if mode.hashes else 1)


def test_a_deeper_name_gets_the_answer_of_its_next_closer_name() -> None:
    write = ReadyDenials(server())
    near, far = told(write, "b.a.www.example."), told(write, "bbb.www.example.")
    assert near is not None
    assert far is not None
    assert near.body is far.body


def test_the_two_sides_of_a_name_have_two_answers() -> None:
    write = ReadyDenials(server())
    assert told(write, "va.example.") is not told(write, "xa.example.")


def test_a_gap_ends_at_a_name_that_only_the_soa_record_mentions() -> None:
    write = ReadyDenials(server())
    before, after = told(write, "gg.example."), told(write, "ii.example.")
    assert before is not after
    assert told(write, "ij.example.") is after
    assert told(write, "hostmaster.example.") is not None


def test_a_zone_that_nobody_delegated_lies_in_no_gap() -> None:
    write = ReadyDenials(server())
    told(write, "al.example.")
    parents = told(write, "ap.example.")
    child = told(write, "al.alone.example.")
    assert parents is not None
    assert child is not None
    assert child.flags == parents.flags
    assert child.body != parents.body
    assert told(write, "alone.example.", "DS") is None


def test_a_name_has_one_answer_for_all_types_that_it_lacks() -> None:
    write = ReadyDenials(server())
    assert told(write, "www.example.", "AAAA") is told(write, "www.example.", "TYPE65280")
    assert told(write, "www.example.", "A") is None


def test_a_wildcard_answers_by_type() -> None:
    write = ReadyDenials(server())
    made, lacking = told(write, "x.wild.example.", "TXT"), told(write, "x.wild.example.")
    assert made is not None
    assert lacking is not None
    assert made.counts[0] == 2
    assert lacking.counts[0] == 0
    assert told(write, "y.wild.example.", "TXT") is made


def test_an_answer_is_made_anew_when_its_signatures_are() -> None:
    write = ReadyDenials(server())
    first = told(write, "no.example.")
    assert first is not None
    assert told(write, "no.example.", now=Instant(first.until - 1)) is first
    later = told(write, "no.example.", now=first.until)
    assert later is not None
    assert later.until > first.until
    earlier = told(write, "no.example.", now=NOW - 9 * DAY)
    assert earlier is not None
    assert earlier.until < first.until


def test_what_does_not_fit_is_left_to_the_nameserver() -> None:
    write = ReadyDenials(server(DenialMode.NSEC3))
    assert told(write, "no.example.") is not None
    assert told(write, "no.example.", payload=512) is None


@pytest.mark.parametrize("mode", [DenialMode.NSEC_MINIMAL, DenialMode.NSEC3_MINIMAL])
def test_records_that_are_made_for_one_name_are_not_written_for_another(mode: DenialMode) -> None:
    assert told(ReadyDenials(server(mode)), "no.example.") is None


def test_compact_denial_signs_for_each_name_by_every_key() -> None:
    """RFC 9824 section 3.1."""
    (csk,) = keys_of(name("example.")).keys
    other = generate(csk.owner, KeyRole.ZSK, csk.algorithm)
    zone = load(TEXT, csk.owner, "zone")
    signer = Signer(csk.owner, KeySet((csk, other)), denial=DenialPolicy(DenialMode.COMPACT))
    names = NameServer(plant({csk.owner: zone}, {csk.owner: signer}))
    write = ReadyDenials(names)
    before = len(signer.cache)
    for qname in ("a.No.example.", "bcd.no.example.", "x.WWW.eXample."):
        wire = query(qname).to_wire()
        question = pull_question(wire)
        assert question is not None
        answer = write(question, NOW)
        assert answer is not None
        kept = len(signer.cache)
        assert answer.counts == (0, 6, 1)
        assert wire[:2] + answer.octets(question) == names.respond(wire, PEER, NOW)
        assert write(question, NOW) == answer
        assert len(signer.cache) <= kept + 2
    assert before == 0


@pytest.mark.parametrize("qname", ["www.example.", "WWW.example.", "eXample.", "wild.example."])
def test_compact_denial_signs_for_a_name_that_is_there_which_types_it_has(qname: str) -> None:
    """RFC 9824 section 3.2."""
    names = server(DenialMode.COMPACT)
    write = ReadyDenials(names)
    for asked in (qname, qname, qname.swapcase()):
        wire = query(asked, "SRV").to_wire()
        question = pull_question(wire)
        assert question is not None
        answer = write(question, NOW)
        assert answer is not None
        assert wire[:2] + answer.octets(question) == names.respond(wire, PEER, NOW)


@pytest.mark.parametrize(
    "qname", ["*.example.", f"{'x' * 61}.{'y' * 60}.{'y' * 60}.{'z' * 60}.example."]
)
def test_names_that_are_special_in_compact_denial_are_left_to_the_nameserver(qname: str) -> None:
    write = ReadyDenials(server(DenialMode.COMPACT))
    assert told(write, "a.example.") is not None
    assert told(write, qname) is None


@dataclass(frozen=True)
class Idle:
    """A fault that changes nothing yet."""

    seams: tuple[Seam[Any], ...] = (OUTCOME,)

    def acts_in(self, _apex: Name) -> bool:
        return True

    def apply(self, value: object, _now: Instant) -> object:
        return value


def test_where_a_fault_acts_nothing_is_written() -> None:
    zones = dict(server().zones)
    own = zones[name("example.")]
    assert own.signer is not None
    faulty = ServedZone(own.zone, replace(own.signer, hooks=Hooks((Idle(),))))
    write = ReadyDenials(NameServer({own.apex: faulty}))
    assert told(write, "no.example.") is None


def test_what_is_known_of_a_zone_outlives_a_change_of_another() -> None:
    names = server()
    write = ReadyDenials(names)
    first, other = told(write, "no.example."), told(write, "no.alone.example.")
    own = names.zones[name("example.")]
    changed = {**names.zones, own.apex: ServedZone(own.zone.with_serial(7), own.signer)}
    later = write.followed_by(NameServer(changed))
    assert told(later, "no.alone.example.") is other
    assert told(later, "no.example.") not in {None, first}


def test_nothing_is_known_where_a_zone_has_come() -> None:
    names = server()
    own = names.zones[name("example.")]
    write = ReadyDenials(NameServer({own.apex: own}))
    above = told(write, "a.alone.example.")
    later = write.followed_by(names)
    below = told(later, "a.alone.example.")
    assert above is not None
    assert below is not None
    assert below.body != above.body


def test_when_there_is_no_room_left_it_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready_denial, "CAPACITY", 2)
    write = ReadyDenials(server())
    first = told(write, "a.www.example.")
    assert told(write, "a.www.example.") is first
    told(write, "ab.example.")
    assert told(write, "a.www.example.") is first
    told(write, "zz.example.")
    assert told(write, "a.www.example.") is not first

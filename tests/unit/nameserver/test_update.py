"""Dynamic update, rule by rule (RFC 2136)."""

from collections.abc import Callable

import dns.message
import dns.rdata
import dns.rrset
import pytest
from dns.name import Name
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.update import UpdateMessage

from lab.core.rules import Ede
from lab.nameserver import update as module
from lab.nameserver.update import Outcome, update
from lab.nameserver.zone import Zone, load
from tests.fakes import name

APEX = name("z.")
ZONE = load(
    """
@ 60 SOA ns h 10 2 3 4 60
@ 60 NS ns
@ 60 NS ns2
@ 60 TXT "apex"
ns 60 A 192.0.2.1
a 60 A 192.0.2.1
a 60 A 192.0.2.2
a 60 TXT "t"
c 60 CNAME a
deep.b 60 A 192.0.2.1
* 60 TXT "w"
""",
    APEX,
    "z.zone",
)
Fill = Callable[[UpdateMessage], object]


def anything(_owner: Name, _rdtype: RdataType) -> bool:
    return True


def ask(fill: Fill, zone: Zone = ZONE, may: module.May = anything) -> Outcome:
    """Return the outcome of a message that went over the wire."""
    message = UpdateMessage("z.")
    fill(message)
    pulled = dns.message.from_wire(message.to_wire())
    assert isinstance(pulled, UpdateMessage)
    return update(zone, pulled, may)


def change_of(fill: Fill) -> list[str]:
    outcome = ask(fill)
    assert outcome.rcode == Rcode.NOERROR, outcome.reason
    return [
        f"{sign} {one.owner} {one.ttl} {RdataType.to_text(one.rdtype)} {rdata}"
        for sign, side in (("-", outcome.change.removed), ("+", outcome.change.added))
        for one in side
        for rdata in one.rdatas
    ]


@pytest.mark.parametrize(
    ("fill", "expected"),
    [
        (lambda m: m.present("a.z."), Rcode.NOERROR),
        (lambda m: m.present("b.z."), Rcode.NXDOMAIN),
        (lambda m: m.present("no.z."), Rcode.NXDOMAIN),
        (lambda m: m.absent("no.z."), Rcode.NOERROR),
        (lambda m: m.absent("b.z."), Rcode.NOERROR),
        (lambda m: m.absent("a.z."), Rcode.YXDOMAIN),
        (lambda m: m.present("a.z.", "A"), Rcode.NOERROR),
        (lambda m: m.present("a.z.", "AAAA"), Rcode.NXRRSET),
        (lambda m: m.absent("a.z.", "AAAA"), Rcode.NOERROR),
        (lambda m: m.absent("a.z.", "A"), Rcode.YXRRSET),
        (lambda m: m.present("a.z.", "A", "192.0.2.2", "192.0.2.1"), Rcode.NOERROR),
        (lambda m: m.present("a.z.", "A", "192.0.2.1"), Rcode.NXRRSET),
        (lambda m: m.present("a.z.", "A", "192.0.2.1", "192.0.2.2", "192.0.2.3"), Rcode.NXRRSET),
        (lambda m: m.present("no.z.", "A", "192.0.2.1"), Rcode.NXRRSET),
        (lambda m: m.present("a.elsewhere."), Rcode.NOTZONE),
        (lambda m: m.absent("a.elsewhere.", "A"), Rcode.NOTZONE),
        (lambda m: m.present("a.z.", "AXFR"), Rcode.FORMERR),
        (
            lambda m: m.prerequisite.append(dns.rrset.from_text("a.z.", 5, "IN", "A", "192.0.2.1")),
            Rcode.FORMERR,
        ),
        (
            lambda m: m.prerequisite.append(dns.rrset.from_text("a.z.", 0, "CH", "TXT", "x")),
            Rcode.FORMERR,
        ),
    ],
)
def test_a_prerequisite_holds_or_has_its_rcode(fill: Fill, expected: Rcode) -> None:
    def both(message: UpdateMessage) -> None:
        fill(message)
        message.add("new.z.", 60, "A", "192.0.2.9")

    outcome = ask(both)
    assert outcome.rcode == expected
    assert bool(outcome.change) == (expected == Rcode.NOERROR)
    assert bool(outcome.reason) == (expected != Rcode.NOERROR)


@pytest.mark.parametrize(
    ("fill", "expected"),
    [
        (lambda m: m.add("new.z.", 9, "A", "192.0.2.9"), ["+ new.z. 9 A 192.0.2.9"]),
        (lambda m: m.add("a.z.", 60, "A", "192.0.2.1"), []),
        (lambda m: m.add("a.z.", 60, "A", "192.0.2.3"), ["+ a.z. 60 A 192.0.2.3"]),
        (
            lambda m: m.add("a.z.", 9, "TXT", "t"),
            ['- a.z. 60 TXT "t"', '+ a.z. 9 TXT "t"'],
        ),
        (
            lambda m: m.add("a.z.", 9, "TXT", "u"),
            ['- a.z. 60 TXT "t"', '+ a.z. 9 TXT "t"', '+ a.z. 9 TXT "u"'],
        ),
        (lambda m: m.add("a.z.", 60, "CNAME", "ns.z."), []),
        (lambda m: m.add("c.z.", 60, "A", "192.0.2.1"), []),
        (
            lambda m: m.add("c.z.", 60, "CNAME", "ns.z."),
            ["- c.z. 60 CNAME a.z.", "+ c.z. 60 CNAME ns.z."],
        ),
        (lambda m: m.delete("a.z.", "TXT"), ['- a.z. 60 TXT "t"']),
        (lambda m: m.delete("a.z.", "A", "192.0.2.1"), ["- a.z. 60 A 192.0.2.1"]),
        (lambda m: m.delete("a.z.", "A", "192.0.2.77"), []),
        (lambda m: m.delete("a.z.", "MX"), []),
        (lambda m: m.delete("no.z."), []),
        (
            lambda m: m.delete("a.z."),
            ["- a.z. 60 A 192.0.2.1", "- a.z. 60 A 192.0.2.2", '- a.z. 60 TXT "t"'],
        ),
        (
            lambda m: m.replace("a.z.", 60, "A", "192.0.2.2"),
            ["- a.z. 60 A 192.0.2.1"],
        ),
        (lambda m: m.delete("z."), ['- z. 60 TXT "apex"']),
        (lambda m: m.delete("z.", "SOA"), []),
        (lambda m: m.delete("z.", "NS"), []),
        (lambda m: m.delete("z.", "SOA", "ns.z. h.z. 10 2 3 4 60"), []),
        (lambda m: m.delete("z.", "NS", "ns2.z."), ["- z. 60 NS ns2.z."]),
        (lambda m: m.delete("z.", "NS", "ns.z.", "ns2.z."), ["- z. 60 NS ns.z."]),
        (lambda m: m.add("z.", 60, "SOA", "ns.z. h.z. 10 9 3 4 60"), []),
        (lambda m: m.add("z.", 60, "SOA", "ns.z. h.z. 9 9 3 4 60"), []),
        (lambda m: m.add("a.z.", 60, "SOA", "ns.z. h.z. 99 9 3 4 60"), []),
        (
            lambda m: m.add("z.", 60, "SOA", "ns.z. h.z. 11 9 3 4 60"),
            ["- z. 60 SOA ns.z. h.z. 10 2 3 4 60", "+ z. 60 SOA ns.z. h.z. 11 9 3 4 60"],
        ),
        (lambda m: (m.delete("c.z."), m.add("c.z.", 60, "A", "192.0.2.1"))[0], None),
        (lambda m: (m.add("x.z.", 60, "A", "192.0.2.1"), m.delete("x.z."))[0], []),
    ],
)
def test_an_update_changes_what_the_rfc_says_and_ignores_the_rest(
    fill: Fill, expected: list[str] | None
) -> None:
    if expected is None:
        expected = ["- c.z. 60 CNAME a.z.", "+ c.z. 60 A 192.0.2.1"]
    assert change_of(fill) == expected


@pytest.mark.parametrize(
    ("fill", "expected", "ede"),
    [
        (lambda m: m.add("new.elsewhere.", 60, "A", "192.0.2.1"), Rcode.NOTZONE, None),
        (lambda m: m.delete("elsewhere."), Rcode.NOTZONE, None),
        (lambda m: m.delete("a.z.", "AXFR"), Rcode.FORMERR, None),
        (
            lambda m: m.update.append(dns.rrset.from_text("a.z.", 5, "CH", "TXT", "x")),
            Rcode.FORMERR,
            None,
        ),
        (lambda m: m.delete("a.z.", "RRSIG"), Rcode.REFUSED, Ede.NOT_SUPPORTED),
        (lambda m: m.delete("z.", "DNSKEY"), Rcode.REFUSED, Ede.NOT_SUPPORTED),
        (lambda m: m.add("z.", 60, "NSEC3PARAM", "1 0 0 -"), Rcode.REFUSED, Ede.NOT_SUPPORTED),
        (lambda m: m.add("*.a.z.", 60, "NS", "ns.z."), Rcode.REFUSED, Ede.OTHER),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_done(
    fill: Fill, expected: Rcode, ede: Ede | None
) -> None:
    def both(message: UpdateMessage) -> None:
        message.add("new.z.", 60, "A", "192.0.2.9")
        fill(message)

    outcome = ask(both)
    assert (outcome.rcode, outcome.ede) == (expected, ede)
    assert not outcome.change
    assert outcome.reason


def test_a_record_to_delete_has_no_ttl() -> None:
    def fill(message: UpdateMessage) -> None:
        message.delete("a.z.", "A", "192.0.2.1")
        message.update[0].ttl = 60

    assert ask(fill).rcode == Rcode.FORMERR


def only_tlsa(owner: Name, rdtype: RdataType) -> bool:
    return rdtype == RdataType.TLSA and owner.is_subdomain(name("dev.z."))


@pytest.mark.parametrize(
    ("fill", "expected"),
    [
        (lambda m: m.add("x.dev.z.", 60, "TLSA", "3 1 0 aa"), Rcode.NOERROR),
        (lambda m: m.delete("x.dev.z.", "TLSA"), Rcode.NOERROR),
        (lambda m: m.add("x.dev.z.", 60, "A", "192.0.2.1"), Rcode.REFUSED),
        (lambda m: m.add("x.z.", 60, "TLSA", "3 1 0 aa"), Rcode.REFUSED),
        (lambda m: m.delete("a.z."), Rcode.REFUSED),
        (lambda m: m.delete("x.dev.z."), Rcode.REFUSED),
    ],
)
def test_a_sender_changes_only_what_was_granted(fill: Fill, expected: Rcode) -> None:
    outcome = ask(fill, may=only_tlsa)
    assert outcome.rcode == expected
    assert outcome.ede == (None if expected == Rcode.NOERROR else Ede.PROHIBITED)


def test_an_rrset_that_fits_into_no_message_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RRSET_OCTETS", 1000)

    def fill(message: UpdateMessage) -> None:
        message.add("t.z.", 60, "TXT", *(f'"{number}" "{"x" * 200}"' for number in range(5)))

    outcome = ask(fill)
    assert (outcome.rcode, outcome.reason) == (
        Rcode.REFUSED,
        "t.z. TXT would not fit into a message",
    )


def test_a_zone_does_not_grow_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OWNERS_LIMIT", 6)
    outcome = ask(lambda m: m.add("one-more.z.", 60, "A", "192.0.2.1"))
    assert (outcome.rcode, outcome.reason) == (Rcode.REFUSED, "z. is full")


def test_the_same_update_twice_changes_nothing_the_second_time() -> None:
    def fill(message: UpdateMessage) -> None:
        message.delete("a.z.", "A")
        message.add("a.z.", 9, "A", "192.0.2.5")

    once = ask(fill).change.applied_to(ZONE)
    assert not ask(fill, once).change


def test_a_large_rrset_is_updated_in_little_time() -> None:
    many = [f"198.51.{number // 256}.{number % 256}" for number in range(1000)]
    outcome = ask(lambda m: m.add("many.z.", 60, "A", *many))
    rdata = dns.rdata.from_text(RdataClass.IN, RdataType.A, many[-1])
    assert rdata in outcome.change.added[0].rdatas
    assert len(outcome.change.added[0].rdatas) == len(many)

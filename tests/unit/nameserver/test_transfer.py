"""RFC 5936 and RFC 1995: dnspython's secondary takes what we send."""

from dataclasses import replace

import dns.edns
import dns.flags
import dns.message
import pytest
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.instant import DAY, HOUR
from lab.core.rrsets import RRset
from lab.core.seams import Hooks
from lab.faults.rrsigs import RrsigMissing
from lab.nameserver.exchange import Exchange
from lab.nameserver.history import STEPS_LIMIT, History, Publications, Snapshot
from lab.nameserver.signer import Signer
from lab.nameserver.transfer import MESSAGE_SIZE, transfer
from lab.nameserver.tree import ServedZone, plant
from lab.nameserver.zone import Zone, load
from tests.fakes import NOW, PEER, TCP_PEER, keys_of, name, query
from tests.transfers import answers, contents, empty, feed, held, xfr_query

APEX = name("example.")
TEXT = """\
@ 60 SOA ns h. 7 3600 900 604800 60
@ 60 NS ns
ns 60 A 127.53.1.1
child 60 NS ns.child
ns.child 60 A 127.53.1.2
a.b 60 TXT "x"
""" + "".join(f"host{number} 60 A 192.0.2.{number}\n" for number in range(20))
ZONE = load(TEXT, APEX, "example.zone")


def serve(zone: Zone, *, signed: bool = True) -> ServedZone:
    signers = {APEX: Signer(APEX, keys_of(APEX))} if signed else {}
    return plant({APEX: zone}, signers)[APEX]


def edited(zone: Zone, text: str, serial: int) -> Zone:
    return zone.with_records(text, "edit").with_serial(serial)


def three_versions(*, signed: bool = True) -> tuple[Publications, list[History]]:
    publications = Publications()
    second = edited(ZONE, 'new 60 A 127.53.1.9\na.b 60 TXT "y"\n', 8)
    third = edited(second.without(name("a.b.example."), RdataType.TXT), "@ 30 NS ns2\n", 9)
    zones = [serve(one, signed=signed) for one in (ZONE, second, third)]
    return publications, [publications.of(one, NOW) for one in zones]


def test_axfr_brings_the_whole_zone_between_two_soas() -> None:
    history = Publications().of(serve(ZONE), NOW)
    (message,) = answers(xfr_query("example."), history)
    assert message.flags & dns.flags.AA
    assert message.answer[0].rdtype == message.answer[-1].rdtype == RdataType.SOA
    assert message.answer[0] == message.answer[-1]
    secondary = empty("example.")
    feed(secondary, [message], None)
    assert held(secondary) == contents(history.latest.rrsets)
    rdtypes = {one.rdtype for one in history.latest.rrsets}
    assert {RdataType.DNSKEY, RdataType.RRSIG, RdataType.NSEC} <= rdtypes


def test_an_unsigned_zone_is_transferred_as_it_is() -> None:
    history = Publications().of(serve(ZONE, signed=False), NOW)
    secondary = empty("example.")
    feed(secondary, answers(xfr_query("example."), history), None)
    everything = [one for owner in ZONE.version.nodes for one in ZONE.rrsets(owner)]
    assert held(secondary) == contents(everything)
    assert history.latest.expires is None
    assert not history.latest.is_due(NOW)


def test_a_large_zone_takes_several_messages_with_one_question() -> None:
    many = "".join(f'n{number} 60 TXT "{"x" * 200}"\n' for number in range(300))
    history = Publications().of(serve(edited(ZONE, many, 8)), NOW)
    exchange = Exchange(xfr_query("example."), TCP_PEER, NOW)
    wires = list(transfer(exchange, history))
    assert len(wires) > 3
    assert all(MESSAGE_SIZE <= len(one) < MESSAGE_SIZE + 1000 for one in wires[:-1])
    messages = [dns.message.from_wire(one, xfr=True) for one in wires]
    assert [len(one.question) for one in messages] == [1] + [0] * (len(wires) - 1)
    secondary = empty("example.")
    feed(secondary, messages, None)
    assert held(secondary) == contents(history.latest.rrsets)


def test_an_rrset_larger_than_a_message_is_cut_between_records() -> None:
    strings = " ".join([f'"{"x" * 250}"'] * 16)
    big = "".join(f'big 60 TXT "{number}" {strings}\n' for number in range(20))
    history = Publications().of(serve(edited(ZONE, big, 8), signed=False), NOW)
    messages = answers(xfr_query("example."), history)
    assert len(messages) > 3
    secondary = empty("example.")
    feed(secondary, messages, None)
    assert held(secondary) == contents(history.latest.rrsets)


def test_edns_is_answered_in_the_first_message() -> None:
    asked = query("example.", "AXFR")
    asked.use_edns(0, 0, 1232, options=[dns.edns.NSIDOption(b"")])
    (message,) = answers(asked, Publications().of(serve(ZONE), NOW))
    assert message.edns == 0


@pytest.mark.parametrize("signed", [True, False])
def test_ixfr_brings_every_older_version_to_the_newest(*, signed: bool) -> None:
    _, histories = three_versions(signed=signed)
    newest = histories[-1]
    for older in histories[:-1]:
        secondary = empty("example.")
        feed(secondary, answers(xfr_query("example."), older), None)
        serial = older.latest.serial
        messages = answers(xfr_query("example.", serial), newest)
        feed(secondary, messages, serial)
        assert held(secondary) == contents(newest.latest.rrsets)


def test_ixfr_is_incremental_and_says_soa_old_soa_new() -> None:
    _, histories = three_versions(signed=False)
    (message,) = answers(xfr_query("example.", 8), histories[-1])
    serials = [one[0].serial for one in message.answer if one.rdtype == RdataType.SOA]
    assert serials == [9, 8, 9, 9]


def test_what_did_not_change_keeps_its_signature() -> None:
    _, histories = three_versions()
    step = histories[-1].since(8)
    assert step is not None
    ns = [one for one in step[0].removed if one.owner == name("ns.example.")]
    assert ns == []


@pytest.mark.parametrize(("serial", "count"), [(9, 1), (10, 1), (2**31 + 8, 1)])
def test_who_is_up_to_date_gets_one_soa(serial: int, count: int) -> None:
    _, histories = three_versions()
    (message,) = answers(xfr_query("example.", serial), histories[-1])
    assert len(message.answer) == count
    assert message.answer[0][0].serial == 9


def test_who_has_an_unknown_serial_gets_the_whole_zone() -> None:
    _, histories = three_versions()
    messages = answers(xfr_query("example.", 3), histories[-1])
    secondary = empty("example.")
    feed(secondary, messages, 3)
    assert held(secondary) == contents(histories[-1].latest.rrsets)


def test_ixfr_without_the_serial_of_the_asker_is_malformed() -> None:
    history = Publications().of(serve(ZONE), NOW)
    (message,) = answers(query("example.", "IXFR"), history)
    assert message.rcode() == Rcode.FORMERR


def test_ixfr_over_udp_is_whole_if_it_fits_and_one_soa_otherwise() -> None:
    _, unsigned = three_versions(signed=False)
    (message,) = answers(xfr_query("example.", 8), unsigned[-1], PEER)
    assert len(message.answer) > 1
    _, signed = three_versions()
    (message,) = answers(xfr_query("example.", 7), signed[-1], PEER)
    assert len(message.answer) == 1


def test_steps_are_forgotten_when_they_are_many_or_longer_than_the_zone() -> None:
    publications, zone = Publications(), ZONE
    history = publications.of(serve(zone, signed=False), NOW)
    for serial in range(8, 10 + STEPS_LIMIT):
        zone = zone.with_serial(serial)
        history = publications.of(serve(zone, signed=False), NOW)
        assert len(history.steps) <= STEPS_LIMIT
        assert sum(one.size for one in history.steps) <= history.latest.size
    assert history.since(7) is None
    assert history.since(8 + STEPS_LIMIT) is not None


def test_a_serial_that_goes_back_begins_a_new_history() -> None:
    publications, _ = three_versions()
    history = publications.of(serve(ZONE.with_serial(1)), NOW)
    assert history.steps == ()
    assert history.latest.serial == 1


def test_one_serial_has_one_content_whatever_the_time() -> None:
    publications = Publications()
    first = publications.of(serve(ZONE), NOW)
    assert publications.of(serve(ZONE), NOW + DAY) is first
    assert APEX in publications
    assert name("org.") not in publications


def test_signatures_are_made_anew_under_a_new_serial_when_they_are_due() -> None:
    publications = Publications()
    first = publications.of(serve(ZONE), NOW).latest
    assert publications.due(NOW + 4 * DAY) == ()
    assert publications.due(NOW + 12 * DAY) == (APEX,)
    assert publications.due(NOW - HOUR) == (APEX,)
    later = publications.of(serve(ZONE.with_serial(8)), NOW + 12 * DAY).latest
    assert publications.due(NOW + 12 * DAY) == ()
    assert later.expires is not None
    assert first.expires is not None
    assert later.expires > first.expires


def test_faults_do_not_travel() -> None:
    served = serve(ZONE)
    assert served.signer is not None
    fault = RrsigMissing(owner=name("ns.example."), type=RdataType.A)
    broken = replace(served, signer=replace(served.signer, hooks=Hooks().plus(fault)))
    latest = Publications().of(broken, NOW).latest
    assert _has_signature(latest, name("ns.example."))


def _has_signature(snapshot: Snapshot, owner: Name) -> bool:
    def covers_a(rrset: RRset) -> bool:
        return rrset.rdtype == RdataType.RRSIG and rrset.rdatas[0].covers() == RdataType.A

    return any(one.owner == owner and covers_a(one) for one in snapshot.rrsets)

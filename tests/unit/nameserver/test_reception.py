"""Who calls, what do they want, who deals with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_network

import dns.flags
import dns.message
import dns.opcode
import dns.tsig
import pytest
from dns.message import Message
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from dns.tsig import Key
from dns.update import UpdateMessage

from lab.core.rules import Ede
from lab.nameserver.access import Access, Caller, Grant, Permit
from lab.nameserver.exchange import Exchange
from lab.nameserver.query import Peer, Transport
from lab.nameserver.reception import Desk, Reception
from lab.nameserver.server import NameServer
from lab.nameserver.update import May, Outcome
from tests.fakes import NOW, PEER, TCP_PEER, name, query, served

KEY = Key("lab-key.", b"0123456789abcdef0123456789abcdef", dns.tsig.HMAC_SHA256)
APEX = name("example.")
ZONE = """\
@ 60 SOA ns h. 7 3600 900 604800 60
@ 60 NS ns
ns 60 A 127.53.1.1
child 60 NS ns
big 60 TXT {}
""".format(" ".join(['"' + "x" * 200 + '"'] * 5))
LOOPBACK = ip_network("127.0.0.0/8")
WITH_KEY = Grant(keys=(KEY.name,))


@dataclass
class Clerk:
    """Write down what came to the desk."""

    seen: list[object] = field(default_factory=list)

    def transfer(self, exchange: Exchange, caller: Caller) -> Iterable[bytes]:
        self.seen.append(("transfer", caller.key))
        response = dns.message.make_response(exchange.query).to_wire()
        return (response, response)

    def notified(self, apex: Name, rdtype: RdataType, _caller: Caller) -> None:
        self.seen.append(("notify", apex, rdtype))

    def update(self, _message: UpdateMessage, may: May) -> Outcome:
        self.seen.append(("update", may(name("www.example."), RdataType.A)))
        return Outcome(Rcode.NXRRSET)

    @property
    def desk(self) -> Desk:
        return Desk(self.transfer, self.notified, self.update)


def reception(clerk: Clerk, access: Access | None = None) -> Reception:
    lists = Access(transfer=WITH_KEY, update=(Permit(WITH_KEY),)) if access is None else access
    names = NameServer(served({"example.": ZONE}))
    return Reception(names, {APEX: lists}, {KEY.name: KEY}, clerk.desk)


def call(
    at: Reception, asked: Message, peer: Peer = TCP_PEER, late: int = 0, key: Key | None = None
) -> list[Message]:
    if key is not None:
        asked.use_tsig(key)
    wire = asked.to_wire()
    now = int(asked.tsig[0].time_signed) if asked.tsig else 0
    context, messages = None, []
    for answer in at.receive(wire, peer, NOW, now + late):
        read = dns.message.from_wire(
            answer,
            keyring=False if key is None else key,
            request_mac=asked.mac if asked.tsig else b"",
            multi=True,
            tsig_ctx=context,
        )
        context = read.tsig_ctx
        messages.append(read)
    return messages


def notify(qname: str, rdtype: str = "SOA") -> Message:
    asked = query(qname, rdtype, edns=None)
    asked.set_opcode(dns.opcode.NOTIFY)
    return dns.message.from_wire(asked.to_wire())


def update(apex: str = "example.") -> Message:
    return UpdateMessage(apex)


def errors_of(message: Message) -> list[int]:
    return [int(one.code) for one in message.extended_errors()]


def test_an_ordinary_query_goes_to_the_nameserver() -> None:
    (answer,) = call(reception(Clerk()), query("ns.example."), PEER)
    assert answer.answer[0].rdtype == RdataType.A


def test_the_answer_to_a_signed_query_is_signed() -> None:
    (answer,) = call(reception(Clerk()), query("ns.example."), PEER, key=KEY)
    assert answer.had_tsig
    assert answer.answer[0].rdtype == RdataType.A


def test_a_signed_answer_that_does_not_fit_into_a_datagram_is_truncated() -> None:
    (plain,) = call(reception(Clerk()), query("big.example.", "TXT"), PEER)
    assert not plain.flags & dns.flags.TC
    (answer,) = call(reception(Clerk()), query("big.example.", "TXT"), PEER, key=KEY)
    assert answer.had_tsig
    assert answer.flags & dns.flags.TC
    assert not answer.answer


def test_a_wrong_signature_is_notauth_and_nothing_is_done() -> None:
    clerk = Clerk()
    asked = query("example.", "AXFR")
    asked.use_tsig(Key("lab-key.", b"another secret", KEY.algorithm))
    (wire,) = reception(clerk).receive(asked.to_wire(), TCP_PEER, NOW, 1)
    read = dns.message.from_wire(wire, keyring=False)
    assert (read.rcode(), read.tsig_error) == (Rcode.NOTAUTH, Rcode.BADSIG)
    assert clerk.seen == []


def test_a_message_with_two_tsigs_is_malformed() -> None:
    asked = query("example.", "AXFR")
    asked.use_tsig(KEY)
    wire = bytearray(asked.to_wire())
    wire[11] += 1
    (answer,) = reception(Clerk()).receive(bytes(wire), TCP_PEER, NOW, 0)
    assert dns.message.from_wire(answer).rcode() == Rcode.FORMERR


def test_a_response_is_never_answered() -> None:
    response = dns.message.make_response(query("example."))
    assert not list(reception(Clerk()).receive(response.to_wire(), PEER, NOW, 0))
    assert not list(reception(Clerk()).receive(b"short", PEER, NOW, 0))


def test_a_transfer_with_the_key_is_served_in_several_messages() -> None:
    clerk = Clerk()
    answers = call(reception(clerk), query("example.", "AXFR"), key=KEY)
    assert [one.had_tsig for one in answers] == [True, True]
    assert clerk.seen == [("transfer", KEY.name)]


def test_a_transfer_without_the_key_is_prohibited() -> None:
    clerk = Clerk()
    (answer,) = call(reception(clerk), query("example.", "AXFR"))
    assert answer.rcode() == Rcode.REFUSED
    assert errors_of(answer) == [Ede.PROHIBITED]
    assert clerk.seen == []


@pytest.mark.parametrize(
    ("asked", "peer", "rcode"),
    [
        (query("child.example.", "AXFR"), TCP_PEER, Rcode.NOTAUTH),
        (query("example.", "AXFR"), PEER, Rcode.FORMERR),
        (query("example.", "AXFR", edns=1), TCP_PEER, Rcode.BADVERS),
    ],
)
def test_an_impossible_transfer_is_told_why(asked: Message, peer: Peer, rcode: Rcode) -> None:
    (answer,) = call(reception(Clerk()), asked, peer, key=KEY)
    assert answer.rcode() == rcode


@pytest.mark.parametrize(
    ("grant", "key", "host", "allowed"),
    [
        (Grant(), KEY.name, "127.0.0.1", False),
        (WITH_KEY, KEY.name, "10.0.0.1", True),
        (WITH_KEY, None, "127.0.0.1", False),
        (WITH_KEY, name("other."), "127.0.0.1", False),
        (Grant(networks=(LOOPBACK,)), None, "127.9.9.9", True),
        (Grant(networks=(LOOPBACK,)), None, "128.0.0.1", False),
        (Grant(networks=(LOOPBACK,)), None, "::1", False),
        (Grant(networks=(LOOPBACK,)), None, "", False),
        (Grant((KEY.name,), (LOOPBACK,)), KEY.name, "127.0.0.1", True),
        (Grant((KEY.name,), (LOOPBACK,)), KEY.name, "10.0.0.1", False),
        (Grant((KEY.name,), (LOOPBACK,)), None, "127.0.0.1", False),
    ],
)
def test_a_grant_wants_all_that_it_names(
    grant: Grant, key: Name | None, host: str, *, allowed: bool
) -> None:
    assert grant.allows(Caller(Peer(host, 53, Transport.TCP), key)) is allowed


@pytest.mark.parametrize(
    ("asked", "rcode", "seen"),
    [
        (notify("example."), Rcode.NOERROR, [("notify", APEX, RdataType.SOA)]),
        (
            notify("child.example.", "CDS"),
            Rcode.NOERROR,
            [("notify", name("child.example."), RdataType.CDS)],
        ),
        (notify("child.example."), Rcode.NOTAUTH, []),
        (notify("example.", "CDS"), Rcode.NOTAUTH, []),
        (notify("org."), Rcode.NOTAUTH, []),
    ],
)
def test_a_notify_is_acknowledged_if_it_concerns_us(
    asked: Message, rcode: Rcode, seen: list[object]
) -> None:
    clerk = Clerk()
    (answer,) = call(reception(clerk), asked, PEER)
    assert (answer.rcode(), answer.opcode()) == (rcode, dns.opcode.NOTIFY)
    assert bool(answer.flags & dns.flags.AA) is (rcode == Rcode.NOERROR)
    assert clerk.seen == seen


def test_an_update_with_the_key_is_done_and_its_rcode_returned() -> None:
    clerk = Clerk()
    (answer,) = call(reception(clerk), update(), key=KEY)
    assert (answer.rcode(), answer.opcode()) == (Rcode.NXRRSET, dns.opcode.UPDATE)
    assert clerk.seen == [("update", True)]


def test_an_update_without_the_key_is_refused() -> None:
    clerk = Clerk()
    (answer,) = call(reception(clerk), update())
    assert answer.rcode() == Rcode.REFUSED
    assert clerk.seen == []


def test_an_update_of_somebody_elses_zone_is_notauth() -> None:
    (answer,) = call(reception(Clerk()), update("org."), key=KEY)
    assert answer.rcode() == Rcode.NOTAUTH


def test_an_opcode_that_we_do_not_have_is_not_implemented() -> None:
    asked = query("example.", edns=None)
    asked.set_opcode(dns.opcode.STATUS)
    (answer,) = call(reception(Clerk()), asked, PEER)
    assert answer.rcode() == Rcode.NOTIMP


def test_a_desk_that_nobody_staffs_refuses() -> None:
    lists = Access(WITH_KEY, (Permit(WITH_KEY),))
    at = Reception(NameServer(served({"example.": ZONE})), {APEX: lists}, {KEY.name: KEY})
    assert call(at, query("example.", "AXFR"), key=KEY)[0].rcode() == Rcode.REFUSED
    assert call(at, update(), key=KEY)[0].rcode() == Rcode.NOTIMP
    assert call(at, notify("example."), key=KEY)[0].rcode() == Rcode.NOERROR


def test_what_a_permit_does_not_name_may_not_be_changed() -> None:
    permit = Permit(WITH_KEY, name("_device.example."), (RdataType.TLSA,))
    lists = Access(update=(permit,))
    caller = Caller(PEER, KEY.name)
    assert lists.may_change(caller, name("x._device.example."), RdataType.TLSA)
    assert not lists.may_change(caller, name("x._device.example."), RdataType.A)
    assert not lists.may_change(caller, name("www.example."), RdataType.TLSA)
    assert not lists.may_change(Caller(PEER), name("x._device.example."), RdataType.TLSA)


def test_a_refusal_of_the_desk_says_why() -> None:
    def prohibited(_message: UpdateMessage, _may: May) -> Outcome:
        return Outcome(Rcode.REFUSED, ede=Ede.PROHIBITED)

    asked = update()
    asked.use_edns(0)
    lists = {APEX: Access(update=(Permit(WITH_KEY),))}
    at = Reception(reception(Clerk()).names, lists, {KEY.name: KEY}, Desk(update=prohibited))
    (answer,) = call(at, asked, key=KEY)
    assert answer.rcode() == Rcode.REFUSED
    assert [int(one.code) for one in answer.extended_errors()] == [int(Ede.PROHIBITED)]


@pytest.mark.parametrize(("protocol", "rcode"), [("", Rcode.REFUSED), ("dot", Rcode.NOERROR)])
def test_a_transfer_over_tls_needs_the_protocol_dot(protocol: str, rcode: Rcode) -> None:
    peer = Peer("127.0.0.1", 4711, Transport.TLS, protocol)
    answer, *_ = call(reception(Clerk()), query("example.", "AXFR"), peer, key=KEY)
    assert answer.rcode() == rcode
    assert errors_of(answer) == ([Ede.NOT_SUPPORTED] if rcode else [])

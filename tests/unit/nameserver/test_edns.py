"""What stands in the OPT record of a response, and when."""

from dataclasses import replace

import dns.message
import pytest
from dns.edns import (
    CookieOption,
    EDECode,
    EDEOption,
    GenericOption,
    NSIDOption,
    Option,
    OptionType,
)
from dns.message import Message
from dns.opcode import Opcode
from dns.rcode import Rcode

from lab.core.rules import Ede
from lab.nameserver.cookies import server_cookie
from lab.nameserver.edns import PADDING_BLOCK, begin, finish
from lab.nameserver.exchange import CookiePolicy, Exchange, Service
from lab.nameserver.query import Peer, Transport, push_failure
from lab.nameserver.server import NameServer
from lab.nameserver.size import fitted, room
from tests.fakes import NOW, PEER, TCP_PEER, query, served, tell

SECRET = bytes(range(16))
CLIENT = b"client!!"
TLS_PEER = Peer("127.0.0.1", 4711, Transport.TLS)
SERVICE = Service("ns1.example", "lab", (SECRET,), idle_s=12.5)
ZONES = served({"example.": "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nns 60 A 127.0.0.1\n"})
SERVER = NameServer(ZONES, SERVICE)
STRICT = NameServer(ZONES, replace(SERVICE, cookies=CookiePolicy.REQUIRED))
GOOD = CookieOption(CLIENT, server_cookie(CLIENT, PEER.host, NOW, SECRET))
BAD = CookieOption(CLIENT, bytes(16))
NEW = CookieOption(CLIENT, b"")


def ask(*options: Option, qname: str = "ns.example.", rdtype: str = "A", edns: int = 0) -> Message:
    asked = query(qname, rdtype)
    asked.use_edns(edns, 0, 1232, options=list(options))
    return asked


def option(message: Message, number: OptionType) -> Option | None:
    return next((one for one in message.options if one.otype == number), None)


def empty(number: int) -> Option:
    return GenericOption(OptionType(number), b"")


def test_unknown_options_are_ignored() -> None:
    message = tell(SERVER, ask(GenericOption(OptionType.make(65001), b"anything"), empty(65002)))
    assert message.rcode() == Rcode.NOERROR
    assert message.answer
    assert not message.options


def test_the_server_names_itself_to_those_who_ask() -> None:
    assert option(tell(SERVER, ask(empty(3))), OptionType.NSID) == NSIDOption(b"ns1.example")
    assert option(tell(SERVER, ask()), OptionType.NSID) is None
    assert option(tell(NameServer(ZONES), ask(empty(3))), OptionType.NSID) is None


KEEPALIVE = {
    # transport: what the option says, in tenths of a second
    Transport.UDP: None,
    Transport.TCP: (125).to_bytes(2, "big"),
    Transport.TLS: (125).to_bytes(2, "big"),
}


@pytest.mark.parametrize("transport", KEEPALIVE)
def test_keepalive_is_told_where_there_is_a_connection(transport: Transport) -> None:
    peer = Peer("127.0.0.1", 4711, transport)
    found = option(tell(SERVER, ask(empty(11)), peer), OptionType.KEEPALIVE)
    assert (None if found is None else found.to_wire()) == KEEPALIVE[transport]
    assert option(tell(SERVER, ask(), peer), OptionType.KEEPALIVE) is None


PADDED = {
    # transport, whether the query was padded: whether the response is
    (Transport.TLS, True): True,
    (Transport.TLS, False): False,
    (Transport.TCP, True): False,
    (Transport.UDP, True): False,
}


@pytest.mark.parametrize(("transport", "asked"), PADDED)
def test_padding_answers_padding_where_nobody_reads_along(
    transport: Transport,
    asked: bool,  # noqa: FBT001 a case
) -> None:
    options = (GenericOption(OptionType.PADDING, bytes(20)),) if asked else ()
    peer = Peer("127.0.0.1", 4711, transport)
    wire = SERVER.respond(ask(*options).to_wire(), peer, NOW)
    assert wire is not None
    padding = option(dns.message.from_wire(wire), OptionType.PADDING)
    assert (padding is not None) == PADDED[transport, asked]
    assert (len(wire) % PADDING_BLOCK == 0) == PADDED[transport, asked]


COOKIES = {
    # policy, cookie sent, transport: RCODE; an answer?
    ("offered", "new", Transport.UDP): (Rcode.NOERROR, True),
    ("offered", "bad", Transport.UDP): (Rcode.NOERROR, True),
    ("offered", "good", Transport.UDP): (Rcode.NOERROR, True),
    ("required", "new", Transport.UDP): (Rcode.BADCOOKIE, False),
    ("required", "bad", Transport.UDP): (Rcode.BADCOOKIE, False),
    ("required", "good", Transport.UDP): (Rcode.NOERROR, True),
    ("required", "bad", Transport.TCP): (Rcode.NOERROR, True),
}
SENT = {"new": NEW, "bad": BAD, "good": GOOD}


@pytest.mark.parametrize(("policy", "sent", "transport"), COOKIES)
def test_a_cookie_is_answered_with_a_good_one(policy: str, sent: str, transport: Transport) -> None:
    server = {"offered": SERVER, "required": STRICT}[policy]
    message = tell(server, ask(SENT[sent]), Peer("127.0.0.1", 4711, transport))
    assert (message.rcode(), bool(message.answer)) == COOKIES[policy, sent, transport]
    assert option(message, OptionType.COOKIE) == GOOD


def test_without_a_cookie_even_a_strict_server_answers() -> None:
    assert tell(STRICT, ask()).answer


def test_without_secrets_there_are_no_cookies() -> None:
    message = tell(NameServer(ZONES), ask(NEW))
    assert message.answer
    assert not message.options


def cookie_only(*options: Option) -> Message:
    asked = dns.message.Message(id=1)
    asked.use_edns(0, 0, 1232, options=list(options))
    return asked


COOKIE_ONLY = {"new": Rcode.NOERROR, "bad": Rcode.BADCOOKIE, "good": Rcode.NOERROR}


@pytest.mark.parametrize("sent", COOKIE_ONLY)
def test_a_query_may_ask_for_a_cookie_alone(sent: str) -> None:
    message = tell(SERVER, cookie_only(SENT[sent]))
    assert message.rcode() == COOKIE_ONLY[sent]
    assert message.sections == [[], [], [], []]
    assert option(message, OptionType.COOKIE) == GOOD


def test_a_query_for_nothing_is_malformed() -> None:
    message = tell(SERVER, cookie_only(empty(3)))
    assert message.rcode() == Rcode.FORMERR
    assert message.edns == 0


@pytest.mark.parametrize("octets", [b"short", b"client!!short", bytes(41)])
def test_a_cookie_of_impossible_length_is_malformed(octets: bytes) -> None:
    message = tell(SERVER, ask(GenericOption(OptionType.COOKIE, octets)))
    assert message.rcode() == Rcode.FORMERR
    assert message.edns == 0
    assert message.question


def test_another_version_gets_a_cookie_too() -> None:
    message = tell(SERVER, ask(NEW, edns=1))
    assert message.rcode() == Rcode.BADVERS
    assert option(message, OptionType.COOKIE) == GOOD


ERRORS = {
    # question: RCODE and the reason
    ("ns.test.", "A"): (Rcode.REFUSED, Ede.NOT_AUTHORITATIVE),
    ("example.", "AXFR"): (Rcode.REFUSED, Ede.PROHIBITED),
    ("example.", "IXFR"): (Rcode.REFUSED, Ede.PROHIBITED),
    ("example.", "MAILB"): (Rcode.NOTIMP, Ede.NOT_SUPPORTED),
}


@pytest.mark.parametrize(("qname", "rdtype"), ERRORS)
def test_a_refusal_gives_its_reason(qname: str, rdtype: str) -> None:
    rcode, error = ERRORS[qname, rdtype]
    message = tell(SERVER, ask(qname=qname, rdtype=rdtype), TCP_PEER)
    assert message.rcode() == rcode
    assert message.options == (EDEOption(EDECode(error)),)


@pytest.mark.parametrize("opcode", [Opcode.NOTIFY, Opcode.STATUS, Opcode.IQUERY])
def test_another_opcode_gives_its_reason(opcode: Opcode) -> None:
    asked = ask()
    asked.set_opcode(opcode)
    message = tell(SERVER, asked)
    assert message.rcode() == Rcode.NOTIMP
    assert message.extended_errors() == [EDEOption(EDECode.NOT_SUPPORTED)]


def test_a_failure_without_edns_has_no_opt_record() -> None:
    wire = push_failure(query("example.", edns=None).to_wire(), Rcode.SERVFAIL, Ede.OTHER)
    message = dns.message.from_wire(wire)
    assert (message.rcode(), message.edns) == (Rcode.SERVFAIL, -1)


def test_a_response_made_elsewhere_gets_the_same_options() -> None:
    exchange = Exchange(ask(empty(3), NEW), PEER, NOW, SERVICE)
    response = begin(exchange)
    response.set_rcode(Rcode.BADCOOKIE)
    finish(exchange, response, Ede.PROHIBITED)
    message = dns.message.from_wire(fitted(response, room(exchange)))
    assert message.rcode() == Rcode.BADCOOKIE
    assert [one.otype for one in message.options] == [
        OptionType.NSID,
        OptionType.COOKIE,
        OptionType.EDE,
    ]


def test_the_longest_name_and_all_options_fit_into_512_octets() -> None:
    server = NameServer(ZONES, replace(SERVICE, identity="i" * 255))
    asked = ask(empty(3), NEW, qname=f"{'.'.join(['a' * 60] * 4)}.example.")
    exchange = Exchange(asked, PEER, NOW, server.service)
    response = begin(exchange)
    finish(exchange, response, Ede.NOT_AUTHORITATIVE)
    assert len(fitted(response, 512)) <= 512

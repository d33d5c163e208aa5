"""How many answers of a kind a network gets, and who is exempt."""

from collections import Counter
from dataclasses import replace

import dns.flags
import dns.message
import dns.name
from dns.edns import CookieOption
from dns.message import Message
from dns.name import Name
from dns.rcode import Rcode

from lab.nameserver.cookies import server_cookie
from lab.nameserver.event import QueryEvent
from lab.nameserver.query import Peer, Transport, push_failure
from lab.nameserver.rrl import RateLimit, RateLimiter, Verdict
from lab.nameserver.server import NameServer
from tests.fakes import NOW, PEER, name, query, served

RATE = 5
LIMIT = RateLimit(RATE, 20, window_s=3, accounts=50)
SECRETS = (bytes(16),)
SERVER = NameServer(
    served({"example.": "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\n* 60 A 127.0.0.1\nx 60 TXT x\n"})
)


def zone_of(qname: Name) -> Name | None:
    return name("example.") if qname.is_subdomain(name("example.")) else None


def event(
    asked: Message, host: str = "192.0.2.1", time: float = 0.0, peer: Peer | None = None
) -> QueryEvent:
    wire = asked.to_wire()
    who = peer or Peer(host, 53, Transport.UDP)
    answer = SERVER.respond(wire, who, NOW)
    assert answer is not None
    return QueryEvent(time, "127.53.0.1", 53, who, wire, answer, 1, len(answer))


def limiter() -> RateLimiter:
    return RateLimiter(LIMIT, zone_of)


def verdicts(limits: RateLimiter, *events: QueryEvent) -> Counter[Verdict]:
    return Counter(limits.judge(one) for one in events)


def test_the_same_answer_is_sent_a_few_times_a_second() -> None:
    same = event(query("a.example."))
    assert verdicts(limiter(), *[same] * (RATE + 4)) == {
        Verdict.SEND: RATE,
        Verdict.DROP: 2,
        Verdict.SLIP: 2,
    }


def test_patience_is_rewarded() -> None:
    limits, same = limiter(), event(query("a.example."))
    verdicts(limits, *[same] * RATE)
    assert limits.judge(same) is not Verdict.SEND
    assert limits.judge(replace(same, time=1.0)) is Verdict.SEND


def test_excess_is_remembered_for_a_while() -> None:
    limits, same = limiter(), event(query("a.example."))
    verdicts(limits, *[same] * 1000)
    assert limits.judge(replace(same, time=LIMIT.window_s - 0.1)) is not Verdict.SEND
    assert limits.judge(replace(same, time=LIMIT.window_s + 1.0)) is Verdict.SEND


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    limits, same = limiter(), event(query("a.example."), time=100.0)
    verdicts(limits, *[same] * RATE)
    assert limits.judge(replace(same, time=0.0)) is not Verdict.SEND


def test_networks_have_accounts_of_their_own() -> None:
    limits = limiter()
    verdicts(limits, *[event(query("a.example."))] * RATE)
    assert limits.judge(event(query("a.example."), "192.0.2.200")) is not Verdict.SEND
    assert limits.judge(event(query("a.example."), "192.0.3.1")) is Verdict.SEND
    verdicts(limits, *[event(query("a.example."), "2001:db8:0:100::1")] * RATE)
    assert limits.judge(event(query("a.example."), "2001:db8:0:1ff::2")) is not Verdict.SEND
    assert limits.judge(event(query("a.example."), "2001:db8:0:200::1")) is Verdict.SEND


def test_answers_of_another_kind_go_on_until_there_are_too_many() -> None:
    limits = limiter()
    names = [event(query(f"n{number}.example.")) for number in range(30)]
    assert verdicts(limits, *names)[Verdict.SEND] == LIMIT.all_per_second


def test_names_that_do_not_exist_are_of_one_kind() -> None:
    limits = limiter()
    names = [event(query(f"n{number}.x.example.", "A")) for number in range(RATE + 1)]
    assert {one.rcode for one in names} == {Rcode.NXDOMAIN}
    assert verdicts(limits, *names)[Verdict.SEND] == RATE


def test_refusals_are_of_one_kind() -> None:
    names = [event(query(f"n{number}.test.")) for number in range(RATE + 1)]
    assert verdicts(limiter(), *names)[Verdict.SEND] == RATE


def test_what_slips_is_empty_and_sends_the_asker_to_tcp() -> None:
    limits, same = limiter(), event(query("a.example."))
    sent = [limits.passed(same, SECRETS, NOW) for _ in range(RATE + 2)]
    assert sent[:RATE] == [same.answer] * RATE
    assert sent[RATE] is None
    slipped = sent[RATE + 1]
    assert slipped is not None
    assert len(slipped) <= len(same.query)
    message = dns.message.from_wire(slipped)
    assert message.flags & dns.flags.TC
    assert message.question == dns.message.from_wire(same.query).question
    assert not message.answer
    assert limits.counts == {"drop": 1, "slip": 1}


def exempt(one: QueryEvent) -> bool:
    limits = limiter()
    return all(limits.passed(one, SECRETS, NOW) == one.answer for _ in range(3 * RATE))


def with_cookie(server: bytes) -> Message:
    asked = query("a.example.")
    asked.use_edns(0, 0, 1232, options=[CookieOption(b"client!!", server)])
    return asked


def test_who_has_a_server_cookie_is_exempt() -> None:
    good = server_cookie(b"client!!", "192.0.2.1", NOW, SECRETS[0])
    assert exempt(event(with_cookie(good)))
    assert not exempt(event(with_cookie(bytes(16))))
    limits = limiter()
    for _ in range(3 * RATE):
        limits.passed(event(with_cookie(good)), SECRETS, NOW)
    assert limits.judge(event(query("a.example."))) is Verdict.SEND
    assert not exempt(event(with_cookie(b"")))


def test_who_came_over_tcp_is_exempt() -> None:
    assert exempt(event(query("a.example."), peer=replace(PEER, transport=Transport.TCP)))


def test_who_has_a_key_is_exempt_if_it_was_right() -> None:
    one = event(query("a.example."))
    asked = query("a.example.")
    asked.use_tsig({dns.name.from_text("key."): b"secret"})
    signed = replace(one, query=asked.to_wire())
    assert exempt(signed)
    assert not exempt(replace(signed, answer=push_failure(signed.query, Rcode.NOTAUTH)))


def test_silence_stays_silence() -> None:
    silent = replace(event(query("a.example.")), answer=None)
    assert limiter().passed(silent, SECRETS, NOW) is None


def test_strangers_cannot_make_the_table_grow() -> None:
    limits = limiter()
    for number in range(500):
        limits.judge(event(query("a.example."), f"192.0.{number % 256}.{number % 250}"))
    assert len(limits._balances) <= LIMIT.accounts

"""RFC 9018 appendix A: server cookies of four clients; and the vector of SipHash-2-4's paper."""

import pytest
from dns.edns import CookieOption

from lab.core.instant import Instant
from lab.nameserver.cookies import Standing, cookie_for, judge_cookie, server_cookie
from lab.nameserver.siphash import siphash24

SECRET = bytes.fromhex("e5e973e5a6b2a43f48e7dc849e37bfcf")
OLD_SECRET = bytes.fromhex("dd3bdf9344b678b185a6f5cb60fca715")
NEW_SECRET = bytes.fromhex("445536bcd2513298075a5d379663c962")
V6 = "2001:db8:220:1:59de:d0f4:8769:82b8"

LEARNT = {
    # section: client cookie, address, server cookie that was sent, secrets, time, what comes back
    "A.1": (
        ("2464c4abcf10c957", "198.51.100.100", ""),
        ((SECRET,), 1559731985, "010000005cf79f111f8130c3eee29480"),
    ),
    "A.2": (
        ("2464c4abcf10c957", "198.51.100.100", "010000005cf79f111f8130c3eee29480"),
        ((SECRET,), 1559734385, "010000005cf7a871d4a564a1442aca77"),
    ),
    "A.3": (
        ("fc93fc62807ddb86", "203.0.113.203", "01abcdef5cf78f71a314227b6679ebf5"),
        ((SECRET,), 1559734700, "010000005cf7a9acf73a7810aca2381e"),
    ),
    "A.4": (
        ("22681ab97d52c298", V6, "010000005cf7c57926556bd0934c72f8"),
        ((NEW_SECRET, OLD_SECRET), 1559741961, "010000005cf7c609a6bb79d16625507a"),
    ),
}


@pytest.mark.parametrize("section", LEARNT)
def test_a_client_learns_the_cookie_of_the_appendix(section: str) -> None:
    (client, host, sent), (secrets, now, learnt) = LEARNT[section]
    asked = CookieOption(bytes.fromhex(client), bytes.fromhex(sent))
    answered = cookie_for(asked, host, Instant(now), secrets)
    assert answered.client.hex() == client
    assert answered.server.hex() == learnt


SENT = {
    # section: the moment at which the cookie of that section is judged
    "A.2": 1559734385,
    "A.3": 1559727985,
    "A.4": 1559741961,
}


@pytest.mark.parametrize("section", SENT)
def test_the_cookie_that_was_sent_is_valid(section: str) -> None:
    (client, host, sent), (secrets, _, _) = LEARNT[section]
    asked = CookieOption(bytes.fromhex(client), bytes.fromhex(sent))
    assert judge_cookie(asked, host, Instant(SENT[section]), secrets) is Standing.VALID


def test_reserved_octets_are_hashed_as_they_came() -> None:
    client, host = bytes.fromhex("fc93fc62807ddb86"), "203.0.113.203"
    made = server_cookie(client, host, Instant(0x5CF78F71), SECRET, bytes.fromhex("abcdef"))
    assert made.hex() == "01abcdef5cf78f71a314227b6679ebf5"


def test_siphash_of_the_paper() -> None:
    # Appendix A of "SipHash: a fast short-input PRF": key 00…0f, message 00…0e.
    value = siphash24(bytes(range(16)), bytes(range(15)))
    assert int.from_bytes(value, "little") == 0xA129CA6149BE45E5

"""When a server cookie is good, and when it is renewed."""

import pytest
from dns.edns import CookieOption

from lab.core.instant import Instant
from lab.nameserver.cookies import Standing, cookie_for, judge_cookie, server_cookie
from tests.fakes import NOW

SECRET = bytes(range(16))
CLIENT = b"client!!"
HOST = "127.0.0.1"


def made(age: int, host: str = HOST, secret: bytes = SECRET) -> CookieOption:
    return CookieOption(CLIENT, server_cookie(CLIENT, host, Instant(NOW - age), secret))


STANDINGS: dict[str, tuple[CookieOption | None, Standing]] = {
    "no option": (None, Standing.NONE),
    "a client cookie": (CookieOption(CLIENT, b""), Standing.CLIENT_ONLY),
    "fresh": (made(0), Standing.VALID),
    "an hour old": (made(3600), Standing.VALID),
    "more than an hour old": (made(3601), Standing.INVALID),
    "five minutes ahead": (made(-300), Standing.VALID),
    "more than five minutes ahead": (made(-301), Standing.INVALID),
    "for another address": (made(0, host="127.0.0.2"), Standing.INVALID),
    "with another secret": (made(0, secret=bytes(16)), Standing.INVALID),
    "of another length": (CookieOption(CLIENT, made(0).server + b"x"), Standing.INVALID),
    "of another version": (CookieOption(CLIENT, b"\x02" + made(0).server[1:]), Standing.INVALID),
    "for another client": (CookieOption(b"stranger", made(0).server), Standing.INVALID),
}


@pytest.mark.parametrize("case", STANDINGS)
def test_a_cookie_proves_what_it_should(case: str) -> None:
    cookie, standing = STANDINGS[case]
    assert judge_cookie(cookie, HOST, NOW, (SECRET,)) is standing


def test_a_fresh_cookie_comes_back_as_it_is() -> None:
    assert cookie_for(made(1799), HOST, NOW, (SECRET,)).server == made(1799).server


def test_a_cookie_of_half_an_hour_is_renewed() -> None:
    assert cookie_for(made(1800), HOST, NOW, (SECRET,)).server == made(0).server


def test_a_cookie_of_an_earlier_secret_is_valid_and_renewed() -> None:
    earlier = made(0, secret=bytes(16))
    secrets = (SECRET, bytes(16))
    assert judge_cookie(earlier, HOST, NOW, secrets) is Standing.VALID
    assert cookie_for(earlier, HOST, NOW, secrets).server == made(0).server


def test_times_are_serial_numbers() -> None:
    before, after = Instant(2**32 - 10), Instant(2**32 + 10)
    old = CookieOption(CLIENT, server_cookie(CLIENT, HOST, before, SECRET))
    assert judge_cookie(old, HOST, after, (SECRET,)) is Standing.VALID

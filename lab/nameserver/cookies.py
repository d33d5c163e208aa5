"""DNS Cookies: proof that an asker receives what is sent to its address (RFC 7873, RFC 9018).

Decides: is this server cookie one of ours, for this client and address, and still good? Not: what
happens to those who have none (server, rrl).
"""

import struct
from enum import Enum
from hmac import compare_digest
from ipaddress import ip_address

from dns.edns import CookieOption

from lab.core.instant import Instant
from lab.nameserver.siphash import siphash24

SECRET_OCTETS = 16

_VERSION = 1
# RFC 9018 section 4: version, reserved, timestamp; then the hash of eight octets.
_HEAD = struct.Struct("!B3sI")
_SERVER_OCTETS = _HEAD.size + 8
# RFC 9018 section 4.3: at most an hour old and five minutes ahead, renewed after half an hour.
_OLDEST_S = 3600
_AHEAD_S = 300
_RENEWED_S = 1800
_SERIAL_BITS = 32


class Standing(Enum):
    """Tell what a cookie option proves."""

    NONE = "no cookie"
    CLIENT_ONLY = "a client cookie only"
    INVALID = "a server cookie that is not ours, or too old"
    VALID = "a server cookie of ours"


def server_cookie(
    client: bytes, host: str, now: Instant, secret: bytes, reserved: bytes = bytes(3)
) -> bytes:
    """Return the server cookie for a client (RFC 9018 section 4).

    Args:
        client: its client cookie, 8 octets.
        host: its address, as text.
        now: when the cookie is made.
        secret: 16 octets that only we know.
        reserved: zero in cookies that we make; others are hashed as they came.
    """
    head = _HEAD.pack(_VERSION, reserved, int(now) % (1 << _SERIAL_BITS))
    # RFC 9018 section 4.4: the client's port takes no part, its address does.
    return head + siphash24(secret, client + head + ip_address(host).packed)


def judge_cookie(
    cookie: CookieOption | None, host: str, now: Instant, secrets: tuple[bytes, ...]
) -> Standing:
    """Return what *cookie* proves about the client at *host*.

    Args:
        cookie: of the query; None if it had none.
        host: address of the client, as text.
        now: the moment of judgement.
        secrets: the present one first, then earlier ones (RFC 9018 section 5).
    """
    if cookie is None:
        return Standing.NONE
    if not cookie.server:
        return Standing.CLIENT_ONLY
    if len(cookie.server) != _SERVER_OCTETS:
        return Standing.INVALID
    version, reserved, made_at = _HEAD.unpack_from(cookie.server)
    # RFC 9018 section 4.3: times are serial numbers.
    if version != _VERSION or not -_AHEAD_S <= _age(made_at, now) <= _OLDEST_S:
        return Standing.INVALID
    made = Instant(made_at)
    expected = (server_cookie(cookie.client, host, made, one, reserved) for one in secrets)
    is_ours = any(compare_digest(cookie.server, one) for one in expected)
    return Standing.VALID if is_ours else Standing.INVALID


def cookie_for(
    cookie: CookieOption, host: str, now: Instant, secrets: tuple[bytes, ...]
) -> CookieOption:
    """Return the option to answer *cookie* with: the same while it is fresh, else a new one."""
    if judge_cookie(cookie, host, now, secrets[:1]) is Standing.VALID:
        made_at: int = _HEAD.unpack_from(cookie.server)[2]
        if _age(made_at, now) < _RENEWED_S:
            return cookie
    return CookieOption(cookie.client, server_cookie(cookie.client, host, now, secrets[0]))


def _age(made_at: int, now: Instant) -> int:
    """Return seconds since *made_at*, negative if that is ahead (RFC 1982)."""
    half = 1 << _SERIAL_BITS - 1
    return (int(now) - made_at + half) % (2 * half) - half

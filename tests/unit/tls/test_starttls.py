"""STARTTLS of SMTP, line by line."""

import pytest

from lab.core.errors import PeerError
from lab.tls.starttls import SmtpStartTls, Stage

GREETING = b"220-mail.example.fr\r\n220 ESMTP\r\n"
OFFER = b"250-mail.example.fr\r\n250-starttls\r\n250 SIZE 1000\r\n"
GO = b"220 ready\r\n"


def test_the_dialogue_ends_where_tls_begins() -> None:
    smtp = SmtpStartTls()
    assert smtp.feed(GREETING) == b"EHLO localhost\r\n"
    assert smtp.feed(OFFER) == b"STARTTLS\r\n"
    assert not smtp.is_ready
    assert smtp.feed(GO) == b""
    assert smtp.is_ready


def test_octets_may_come_one_by_one() -> None:
    smtp = SmtpStartTls("me.example")
    said = b"".join(smtp.feed(bytes([one])) for one in GREETING + OFFER + GO)
    assert said == b"EHLO me.example\r\nSTARTTLS\r\n"
    assert smtp.stage is Stage.READY


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        ([b"554 go away\r\n"], "the greeting"),
        ([b"HTTP/1.1 400 Bad Request\r\n"], "the greeting"),
        ([GREETING, b"250 mail.example.fr\r\n"], "does not offer STARTTLS"),
        ([GREETING, b"250-x\r\n250 STARTTLSX\r\n"], "does not offer STARTTLS"),
        ([GREETING, OFFER, b"454 not now\r\n"], "the answer to STARTTLS"),
        ([b"220" + b"-" * 9000], "more than"),
    ],
)
def test_a_server_that_will_not_is_told_apart(heard: list[bytes], told: str) -> None:
    smtp = SmtpStartTls()
    for octets in heard[:-1]:
        smtp.feed(octets)
    with pytest.raises(PeerError, match=told):
        smtp.feed(heard[-1])


def test_what_is_said_in_clear_after_the_reply_is_not_taken_for_tls() -> None:
    smtp = SmtpStartTls()
    smtp.feed(GREETING)
    smtp.feed(OFFER)
    with pytest.raises(PeerError, match="in clear"):
        smtp.feed(GO + b"250 injected\r\n")

"""What other programs want of a device is read with care."""

from typing import Any

import pytest

from lab.app.application_servers import outgoing_of
from lab.backend.application_server import Outgoing
from lab.core.errors import InputError


@pytest.mark.parametrize(
    ("document", "outgoing"),
    [
        ({"payload": "00FF"}, Outgoing(1, b"\x00\xff")),
        ({"payload": "", "port": 223, "confirmed": True}, Outgoing(223, b"", confirmed=True)),
        ({"payload_base64": "yv4=", "port": 2}, Outgoing(2, b"\xca\xfe")),
    ],
)
def test_a_payload_may_be_written_in_two_ways(document: Any, outgoing: Outgoing) -> None:  # noqa: ANN401 JSON
    assert outgoing_of(document) == outgoing


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({}, "a payload is written as"),
        ({"payload": "0"}, "a payload is written as"),
        ({"payload": 0}, "a payload is written as"),
        ({"payload_base64": "yv4"}, "a payload is written as"),
        ({"payload_base64": ["yv4="]}, "a payload is written as"),
        ({"payload": "00", "port": 0}, "a port from 1 to 223, not 0"),
        ({"payload": "00", "port": True}, "a port from 1 to 223, not True"),
        ({"payload": "00", "port": "9" * 1000}, "a port from 1 to 223, not '9999999999999999999$"),
        ({"payload": "00", "confirmed": 1}, "true or false, not 1"),
        ({"payload": "00" * 223}, "more than 222 octets"),
    ],
)
def test_what_is_wrong_with_one_is_said(document: Any, why: str) -> None:  # noqa: ANN401 JSON
    with pytest.raises(InputError, match=why):
        outgoing_of(document)

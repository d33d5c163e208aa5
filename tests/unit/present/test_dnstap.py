"""dnstap, read back by a reader of its own: frames, then the fields of protobuf."""

from collections.abc import Iterator

from lab.nameserver.event import QueryEvent
from lab.nameserver.query import Peer, Transport
from lab.present.dnstap import CONTENT_TYPE, Kind, frames, start_frame, stop_frame

EVENT = QueryEvent(
    1_795_000_000.25,
    "127.53.0.1",
    53,
    Peer("127.0.0.1", 4711, Transport.TLS),
    bytes(12),
    b"answer" * 50,
    1,
    300,
)
UPDATE = b"\x00\x01\x28\x00" + bytes(8)


def fields(octets: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            octet = octets[at]
            at += 1
            value |= (octet & 0x7F) << shift
            shift += 7
            if not octet & 0x80:
                return value

    while at < len(octets):
        tag = varint()
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            yield number, varint()
            continue
        size = varint() if kind == 2 else 4
        value = octets[at : at + size]
        at += size
        yield number, value if kind == 2 else int.from_bytes(value, "little")


def messages(event: QueryEvent) -> list[dict[int, int | bytes]]:
    found = []
    for frame in frames(event, b"lab", b"1"):
        assert int.from_bytes(frame[:4], "big") == len(frame) - 4
        told = dict(fields(frame[4:]))
        assert (told[1], told[2], told[15]) == (b"lab", b"1", 1)
        message = told[14]
        assert isinstance(message, bytes)
        found.append(dict(fields(message)))
    return found


def test_query_and_answer_are_two_messages() -> None:
    query, answer = messages(EVENT)
    assert (query[1], answer[1]) == (Kind.AUTH_QUERY, Kind.AUTH_RESPONSE)
    assert query[10] == EVENT.query
    assert answer[14] == EVENT.answer
    for one in (query, answer):
        assert (one[2], one[3]) == (1, 3)
        assert (one[4], one[5]) == (b"\x7f\x00\x00\x01", b"\x7f\x35\x00\x01")
        assert (one[6], one[7]) == (4711, 53)
        assert (one[8], one[9]) == (1_795_000_000, 250_000_000)


def test_silence_is_a_query_alone() -> None:
    silent = QueryEvent(1.0, "127.53.0.1", 53, EVENT.peer, b"", None, 0, 0)
    assert [one[1] for one in messages(silent)] == [Kind.AUTH_QUERY]


def test_updates_have_types_of_their_own() -> None:
    update = QueryEvent(1.0, "::1", 53, Peer("::1", 1, Transport.TCP), UPDATE, b"x", 1, 1)
    found = messages(update)
    assert [one[1] for one in found] == [Kind.UPDATE_QUERY, Kind.UPDATE_RESPONSE]
    assert [(one[2], one[3]) for one in found] == [(2, 2)] * 2


def test_a_file_begins_with_its_content_type_and_ends() -> None:
    start = start_frame()
    assert start[:4] == bytes(4)
    assert int.from_bytes(start[4:8], "big") == len(start) - 8
    assert start.endswith(CONTENT_TYPE)
    assert stop_frame() == bytes.fromhex("00000000 00000004 00000003")

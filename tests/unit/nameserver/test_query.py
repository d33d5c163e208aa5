import dns.flags
import dns.message
import dns.opcode
import dns.tsig
import pytest
from dns.message import Message
from dns.rcode import Rcode

from lab.core.errors import PeerError
from lab.nameserver.query import pull_query, push_failure, push_refusal
from tests.fakes import query

HEADER = bytes.fromhex("12340100 0001 0000 0000 0000")
QUESTION = b"\x03www\x07example\x00\x00\x01\x00\x01"
WIRE = HEADER + QUESTION
OPT = b"\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00"


def with_counts(*counts: int) -> bytes:
    return HEADER[:4] + b"".join(one.to_bytes(2, "big") for one in counts)


def with_flags(flags: int) -> bytes:
    return HEADER[:2] + flags.to_bytes(2, "big") + HEADER[4:] + QUESTION


def signed_with_tsig() -> bytes:
    asked = query("www.example.")
    asked.use_tsig({dns.name.from_text("key."): b"secret"})
    return asked.to_wire()


MALFORMED: dict[str, tuple[bytes, Rcode, bool]] = {
    # octets, code, whether the question comes back
    "no question": (with_counts(0, 0, 0, 0), Rcode.FORMERR, False),
    "two questions": (with_counts(2, 0, 0, 0) + QUESTION * 2, Rcode.FORMERR, False),
    "no name": (HEADER, Rcode.FORMERR, False),
    "half a name": (WIRE[:-8], Rcode.FORMERR, False),
    "half a type": (WIRE[:-3], Rcode.FORMERR, False),
    "trailing octets": (WIRE + b"\x00", Rcode.FORMERR, True),
    "a loop of compression": (HEADER + b"\xc0\x0c\x00\x01\x00\x01", Rcode.FORMERR, False),
    "a jump forward": (HEADER + b"\xc0\x20\x00\x01\x00\x01", Rcode.FORMERR, False),
    "a jump into the header": (HEADER + b"\xc0\x04\x00\x01\x00\x01\x00", Rcode.FORMERR, False),
    "a label of 64 octets": (HEADER + b"\x40" + b"a" * 64 + QUESTION, Rcode.FORMERR, False),
    "a name of 256 octets": (HEADER + b"\x01a" * 128 + b"\x00" * 5, Rcode.FORMERR, False),
    "a missing record": (with_counts(1, 0, 0, 1) + QUESTION, Rcode.FORMERR, True),
    "two OPT records": (with_counts(1, 0, 0, 2) + QUESTION + OPT * 2, Rcode.FORMERR, True),
    "OPT of another owner": (
        with_counts(1, 0, 0, 1) + QUESTION + b"\x01x" + OPT,
        Rcode.FORMERR,
        True,
    ),
    "a record after the TSIG": (
        with_counts(1, 0, 0, 2) + signed_with_tsig()[12:] + OPT,
        Rcode.FORMERR,
        True,
    ),
    "an option longer than its record": (
        with_counts(1, 0, 0, 1) + QUESTION + OPT[:-1] + b"\x04\x00\x03\x00\x09",
        Rcode.FORMERR,
        True,
    ),
    "OPT in a wrong section": (with_counts(1, 0, 1, 0) + QUESTION + OPT, Rcode.FORMERR, True),
    "TSIG": (signed_with_tsig(), Rcode.FORMERR, True),
    "NOTIFY": (with_flags(0x2000), Rcode.NOTIMP, True),
    "UPDATE": (
        with_flags(0x2800).replace(b"\x00\x01\x00\x01", b"\x00\x06\x00\x01"),
        Rcode.NOTIMP,
        True,
    ),
    "IQUERY": (with_flags(0x0800), Rcode.NOTIMP, True),
    "opcode 15": (with_flags(0x7800), Rcode.NOTIMP, True),
    "UPDATE of nothing": (b"\x12\x34\x28\x00" + bytes(8), Rcode.NOTIMP, False),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_query_is_refused_with_its_code(case: str) -> None:
    wire, rcode, echoed = MALFORMED[case]
    with pytest.raises(PeerError):
        pull_query(wire)
    refusal = push_refusal(wire)
    assert refusal is not None
    assert refusal[:2] == wire[:2]
    assert (len(refusal) > 12) == echoed
    answer = dns.message.from_wire(refusal)
    assert answer.rcode() == rcode
    assert answer.opcode() == dns.opcode.from_flags(int.from_bytes(wire[2:4], "big"))
    assert answer.flags & dns.flags.QR


SILENT = {
    "nothing": b"",
    "half a header": WIRE[:11],
    "a response": with_flags(0x8000),
    "a response to NOTIFY": with_flags(0xA000),
}


@pytest.mark.parametrize("case", SILENT)
def test_silence_is_the_answer_to_what_is_no_request(case: str) -> None:
    with pytest.raises(PeerError):
        pull_query(SILENT[case])
    assert push_refusal(SILENT[case]) is None


READABLE = {
    "plain": WIRE,
    "EDNS": with_counts(1, 0, 0, 1) + QUESTION + OPT,
    "flags that mean nothing here": with_flags(0x07B0),
    "class CHAOS": HEADER + QUESTION[:-1] + b"\x03",
    "the root": HEADER + b"\x00\x00\x02\x00\x01",
    "octets that are no letters": HEADER + b"\x03\x00\xff.\x00\x00\x01\x00\x01",
}


@pytest.mark.parametrize("case", READABLE)
def test_a_query_is_read(case: str) -> None:
    assert isinstance(pull_query(READABLE[case]), Message)


def test_a_failure_repeats_id_question_and_rd() -> None:
    answer = dns.message.from_wire(push_failure(WIRE, Rcode.SERVFAIL))
    assert answer.rcode() == Rcode.SERVFAIL
    assert answer.id == 0x1234
    assert answer.flags & ~0xF == dns.flags.QR | dns.flags.RD
    assert answer.question == dns.message.from_wire(WIRE).question


def test_an_error_shows_the_start_of_what_came() -> None:
    with pytest.raises(PeerError) as caught:
        pull_query(WIRE + b"junk")
    assert caught.value.wire.startswith("1234")

"""Ask a server some questions one by one, and judge what it says: is what is fast also right?"""

import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
from dns.message import Message
from dns.name import Name
from dns.node import Node
from dns.rcode import Rcode
from dns.rdataset import Rdataset
from dns.rdatatype import RdataType
from dns.rrset import RRset

from tests.bench.questions import APEX, Asked, absent, hot

_ADDRESS = "127.0.0.1"
_POLL_S = 0.002
_START_S = 60.0
_WAIT_S = 5.0
_APEX = dns.name.from_text(APEX)


@dataclass(frozen=True, slots=True)
class Sample:
    """Hold what a sample showed.

    Attributes:
        positive: how many RRSIGs each answer has that has data, at least.
        negative: how many RRSIGs each answer has that denies a name, at least.
        wrong: sentences about answers that are not as they must be; none is good.
    """

    positive: int
    negative: int
    wrong: tuple[str, ...]


def ask(port: int, asked: Asked, timeout: float = _WAIT_S) -> Message:
    """Ask the server at *port*; over TCP if its answer is cut short."""
    query = dns.message.make_query(*asked, want_dnssec=True, payload=1232)
    query.flags &= ~dns.flags.RD
    return dns.query.udp_with_fallback(query, _ADDRESS, timeout, port)[0]


def signatures(message: Message) -> int:
    """Return how many RRSIGs are in answer and authority."""
    every = (*message.answer, *message.authority)
    return sum(len(one) for one in every if one.rdtype == RdataType.RRSIG)


def first_answer(port: int, least: tuple[int, int]) -> float:
    """Wait for the first signed answer, and then for the first signed denial.

    Returns:
        When the answer came, by `time.perf_counter`.

    Raises:
        TimeoutError: there was none in time.
    """
    answered = until(port, next(hot()), least[0])
    until(port, next(absent(0)), least[1])
    return answered


def until(port: int, asked: Asked, least: int) -> float:
    """Ask again and again until an answer has so many RRSIGs, and return when that was.

    Raises:
        TimeoutError: there was none in time.
    """
    wire = dns.message.make_query(*asked, want_dnssec=True).to_wire()
    end = time.perf_counter() + _START_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.5)
        asking.connect((_ADDRESS, port))
        while time.perf_counter() < end:
            try:
                asking.send(wire)
                message = dns.message.from_wire(asking.recv(65535))
            except OSError:
                time.sleep(_POLL_S)  # Nobody listens yet.
                continue
            now = time.perf_counter()
            if signatures(message) >= least and message.rcode() in {Rcode.NOERROR, Rcode.NXDOMAIN}:
                return now
            time.sleep(_POLL_S)
    raise TimeoutError(f"no signed answer in {_START_S:.0f} s")


def sample(port: int, absence: Rcode, seed: int, count: int = 50) -> Sample:
    """Ask for what is there and for what is not, *count* of each, and judge the answers.

    Args:
        port: of the server.
        absence: what it has to say of names that are not there.
        seed: of those names.
        count: how many questions of each kind.
    """
    keys, wrong = keys_of(port), list[str]()
    least = []
    for questions, rcode in ((hot(), Rcode.NOERROR), (absent(seed), absence)):
        counts = []
        for asked in islice(questions, count):
            try:
                message = ask(port, asked)
            except (dns.exception.DNSException, OSError) as error:
                wrong.append(f"{asked[0]} {asked[1]}: no answer: {error}")
                continue
            wrong += _judged(message, asked, rcode, keys)
            counts.append(signatures(message))
        least.append(min(counts, default=0))
    positive, negative = least
    return Sample(positive, negative, tuple(wrong))


def keys_of(port: int) -> RRset | None:
    """Return the DNSKEY RRset; none if the zone is not signed."""
    message = ask(port, (APEX, "DNSKEY"))
    return next((one for one in message.answer if one.rdtype == RdataType.DNSKEY), None)


def _judged(message: Message, asked: Asked, rcode: Rcode, keys: RRset | None) -> list[str]:
    name, rdtype = asked
    said = [f"{name} {rdtype}: {message.rcode().name}"] if message.rcode() != rcode else []
    if keys is None:
        return said
    now = time.time()  # noqa: TID251 that of the servers
    return said + [f"{name} {rdtype}: {one}" for one in failures(message, keys, (now,))]


def failures(message: Message, keys: RRset, times: Iterable[float]) -> list[str]:
    """Return which RRsets of our zone no signature verifies at any of *times*."""
    every = (*message.answer, *message.authority)
    signed = {(one.name, one.covers): one for one in every if one.rdtype == RdataType.RRSIG}
    held: dict[Name, Node | Rdataset] = {_APEX: keys}
    return [
        f"{one.name} {RdataType.to_text(one.rdtype)}"
        for one in every
        if one.rdtype != RdataType.RRSIG
        and not any(_verifies(one, signed.get((one.name, one.rdtype)), held, at) for at in times)
    ]


def _verifies(
    rrset: RRset,
    rrsig: RRset | None,
    keys: dict[Name, Node | Rdataset],
    at: float,
) -> bool:
    if rrsig is None:
        return False
    try:
        dns.dnssec.validate(rrset, rrsig, keys, now=at)
    except dns.exception.DNSException:
        return False
    return True

"""Octets that are no queries: the server drops or refuses them, and goes on."""

import os
import random
import socket

import dns.message
import dns.rcode

from tests.e2e.running import Lab

PACKETS = 20_000 if os.environ.get("CI") else 2_000
BATCH = 50


def valid_query() -> bytes:
    return dns.message.make_query("www.example.fr.", "A", want_dnssec=True).to_wire()


def mangled(chance: random.Random) -> bytes:
    """Return noise, or a query with a few octets changed, cut short or continued."""
    kind = chance.randrange(5)
    if kind == 0:
        return chance.randbytes(chance.randrange(0, 600))
    octets = bytearray(valid_query())
    for _ in range(chance.randrange(1, 8)):
        octets[chance.randrange(len(octets))] = chance.randrange(256)
    if kind == 1:
        return bytes(octets[: chance.randrange(len(octets))])
    if kind == 2:
        return bytes(octets) + chance.randbytes(chance.randrange(1, 64))
    if kind == 3:
        # The counts of the header, where parsers believe most.
        octets[4:12] = chance.randbytes(8)
    return bytes(octets)


def is_answered(server: tuple[str, int]) -> bool:
    query = dns.message.make_query("www.example.fr.", "A")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(5)
        asker.connect(server)
        asker.send(query.to_wire())
        response = dns.message.from_wire(asker.recv(4096))
    return query.is_response(response) and response.rcode() == dns.rcode.NOERROR


def test_malformed_datagrams_change_nothing(own_lab: Lab) -> None:
    server = (own_lab.address("example.fr."), own_lab.port)
    chance = random.Random(53)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(server)
        for number in range(PACKETS):
            sender.send(mangled(chance))
            if number % BATCH == 0:
                # Also keeps the pace: the socket buffer of the server must not overflow.
                assert is_answered(server), f"after packet {number}"
    assert is_answered(server)
    assert own_lab.process.poll() is None


def test_malformed_streams_change_nothing(own_lab: Lab) -> None:
    server = (own_lab.address("example.fr."), own_lab.port)
    chance = random.Random(7766)
    for _ in range(200):
        with socket.create_connection(server, timeout=5) as stream:
            octets = mangled(chance)
            length = len(octets) if chance.randrange(2) else chance.randrange(65536)
            stream.sendall(length.to_bytes(2, "big") + octets)
    assert is_answered(server)
    assert own_lab.process.poll() is None


def test_a_malformed_request_on_the_control_socket_is_one_sentence(own_lab: Lab) -> None:
    with socket.socket(socket.AF_UNIX) as asker:
        asker.connect(own_lab.status["control_socket"])
        asker.sendall(b"not json\n")
        assert b"expected a JSON object" in asker.recv(4096)

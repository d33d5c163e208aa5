"""Trees of a test's own: from the start of a fixture to the first validated answer."""

import dns.flags
import dns.message
import dns.query

from lab.testing import Lab

NAME = "www.shop.example"


def _opened(lab: Lab) -> None:
    lab.zone("shop.example").add("www A 192.0.2.80")


async def by_call(count: int) -> None:
    """Open a lab, and ask its validator."""
    for _ in range(count):
        with Lab() as lab:
            _opened(lab)
            assert lab.validate(NAME).secure


async def by_udp(count: int) -> None:
    """Open a lab, and ask its resolver as a client does."""
    query = dns.message.make_query(NAME, "A", want_dnssec=True)
    for _ in range(count):
        with Lab() as lab:
            _opened(lab)
            answer = dns.query.udp(query, lab.resolver.address, port=lab.port, timeout=30)
            assert answer.flags & dns.flags.AD

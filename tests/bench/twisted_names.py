"""Serve our master file by twisted.names, as it comes: `twisted_names FILE PORT`.

Its own reader of master files does not know TLSA; what it does with questions is untouched.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from twisted.internet import reactor
from twisted.names import dns
from twisted.names.authority import FileAuthority
from twisted.names.server import DNSServerFactory

from tests.bench.questions import APEX

_TTL = 3600
_TLSA = 52
_MAKERS: dict[str, Callable[..., dns.IEncodableRecord]] = {
    "A": lambda address: dns.Record_A(address, _TTL),
    "AAAA": lambda address: dns.Record_AAAA(address, _TTL),
    "MX": lambda preference, name: dns.Record_MX(int(preference), name, _TTL),
    "NS": lambda name: dns.Record_NS(_absolute(name), _TTL),
    "SOA": lambda mname, rname, serial, refresh, retry, expire, minimum: dns.Record_SOA(
        _absolute(mname),
        _absolute(rname),
        int(serial),
        int(refresh),
        int(retry),
        int(expire),
        int(minimum),
        _TTL,
    ),
    "TLSA": lambda *fields: _unknown(_TLSA, fields),
}


def _absolute(name: str) -> str:
    return APEX.rstrip(".") if name == "@" else f"{name}.{APEX}".rstrip(".")


def _unknown(rdtype: int, fields: Sequence[str]) -> dns.UnknownRecord:
    *numbers, digest = fields
    record = dns.UnknownRecord(bytes(map(int, numbers)) + bytes.fromhex(digest), _TTL)
    record.TYPE = rdtype  # type: ignore[assignment] # Twisted says so in words only
    return record


class Authority(FileAuthority):
    """Answer from a master file of one record a line."""

    # Twisted declares both as None, and fills them as we do.
    soa: tuple[bytes, dns.IEncodableRecord]  # type: ignore[assignment]
    records: dict[bytes, list[dns.IEncodableRecord]]  # type: ignore[assignment]

    def loadFile(self, filename: str) -> None:  # noqa: N802 Twisted's name
        """Read the file."""
        self.records = {}
        for line in Path(filename).read_text().splitlines():
            owner, rdtype, *fields = line.split()
            if owner.startswith("$"):
                continue
            name, record = _absolute(owner).lower().encode(), _MAKERS[rdtype](*fields)
            self.records.setdefault(name, []).append(record)
            if rdtype == "SOA":
                self.soa = name, record


def main() -> None:
    """Serve until the end."""
    file, port = sys.argv[1:]
    factory = DNSServerFactory(authorities=[Authority(file)])  # type: ignore[no-untyped-call] # as above
    reactor.listenUDP(int(port), dns.DNSDatagramProtocol(factory), interface="127.0.0.1")  # type: ignore[attr-defined] # a module that is an object
    reactor.run()


if __name__ == "__main__":
    main()

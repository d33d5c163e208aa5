"""What a server tells about itself in class CH."""

import dns.flags
import dns.message
import pytest
from dns.rcode import Rcode
from dns.rdataclass import RdataClass

from lab.nameserver.exchange import Service
from lab.nameserver.server import NameServer
from tests.fakes import query, served, tell

ZONES = served({"example.": "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nns 60 A 127.0.0.1\n"})
SERVER = NameServer(ZONES, Service("ns1.example", "lab"))

TOLD: dict[tuple[str, str], tuple[Rcode, list[str]]] = {
    ("version.bind.", "TXT"): (Rcode.NOERROR, ['"lab"']),
    ("VERSION.server.", "TXT"): (Rcode.NOERROR, ['"lab"']),
    ("id.server.", "TXT"): (Rcode.NOERROR, ['"ns1.example"']),
    ("hostname.bind.", "ANY"): (Rcode.NOERROR, ['"ns1.example"']),
    ("hostname.bind.", "A"): (Rcode.NOERROR, []),
    ("authors.bind.", "TXT"): (Rcode.REFUSED, []),
    ("example.", "TXT"): (Rcode.REFUSED, []),
}


def ask(server: NameServer, qname: str, rdtype: str) -> dns.message.Message:
    asked = query(qname, rdtype)
    asked.question[0].rdclass = RdataClass.CH
    return tell(server, asked)


@pytest.mark.parametrize(("qname", "rdtype"), TOLD)
def test_class_ch_has_a_few_names(qname: str, rdtype: str) -> None:
    rcode, texts = TOLD[qname, rdtype]
    message = ask(SERVER, qname, rdtype)
    assert message.rcode() == rcode
    assert [rdata.to_text() for rrset in message.answer for rdata in rrset] == texts
    assert all(rrset.rdclass == RdataClass.CH and rrset.ttl == 0 for rrset in message.answer)
    assert bool(message.flags & dns.flags.AA) == (rcode == Rcode.NOERROR)


def test_a_server_without_a_name_does_not_tell_it() -> None:
    assert ask(NameServer(ZONES), "id.server.", "TXT").rcode() == Rcode.REFUSED

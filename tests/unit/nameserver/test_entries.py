"""RRsets as octets, and back."""

import pytest
from dns.rdatatype import RdataType

from lab.core.rrsets import RRset
from lab.dnssec.canonical import published_octets, rdata_octets
from lab.nameserver.entries import Entry, entry_of
from lab.nameserver.publication import publication
from lab.nameserver.zone import load
from tests.fakes import NOW, name, served

TEXT = """
@ 60 SOA Ns H 1 2 3 4 30
@ 60 NS  Ns
Ns 60 A 192.0.2.1
Six 60 AAAA 2001:db8::1
six-mapped 60 AAAA ::ffff:192.0.2.1
six-none 60 AAAA ::
six-full 60 AAAA 2001:db8:1:2:3:4:5:6
six-end 60 AAAA 2001:db8:1::
mx 60 MX 10 Mail.Example.
ptr 60 PTR Host.Example.
srv 60 SRV 1 2 3 Host.Example.
naptr 60 NAPTR 1 2 "U" "X" "!a!B!" Next.Example.
rp 60 RP Mbox.Example. Txt.Example.
afsdb 60 AFSDB 1 Host.Example.
kx 60 KX 1 Host.Example.
svcb 60 SVCB 1 Host.Example. alpn=h2
alias 60 CNAME Host.Example.
below 60 DNAME Other.Example.
txt 60 TXT "Some Text"
tlsa 60 TLSA 3 1 1 4142434445464748494a4b4c4d4e4f505152535455565758595a414243444546
ipseckey 60 IPSECKEY 1 3 2 Host.Example. AQNRU3mG
hinfo 60 HINFO "CPU" "OS"
"""
ZONE = load(TEXT, name("example."), "example.zone")
EVERY = [one for _, leaf in ZONE.walk() for one in leaf.rrsets]


@pytest.mark.parametrize("rrset", EVERY, ids=str)
def test_rdata_is_written_as_dnspython_writes_it(rrset: RRset) -> None:
    for rdata in rrset.rdatas:
        assert published_octets(rdata) == rdata.to_wire()
        assert rdata_octets(rdata) == rdata.to_digestable()


def test_an_entry_becomes_the_rrset_that_it_was_made_of() -> None:
    for rrset in publication(served({"example.": TEXT})[name("example.")], NOW):
        again = entry_of(rrset).rrset()
        assert again == rrset
        assert str(again.owner) == str(rrset.owner)


def test_only_signatures_cover_something_and_expire() -> None:
    address = Entry(b"\1a\0", RdataType.A, 60, (bytes(4),))
    assert (address.covered, list(address.expirations)) == (b"", [])
    signature = Entry(b"\1A\0", RdataType.RRSIG, 60, (bytes((0, 1, *range(2, 18))),))
    assert signature.key == (b"\1a\0", RdataType.RRSIG, b"\0\1")
    assert signature.expirations == [0x08090A0B]

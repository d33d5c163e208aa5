"""RFC 5155 appendix B: which NSEC3 records the responses of its example zone hold."""

import pytest
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC3 import NSEC3

from lab.dnssec.nsec import types
from lab.dnssec.nsec3 import Nsec3Parameters, to_label
from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.nameserver.lookup import look_up
from lab.nameserver.tree import ServedZone
from tests.fakes import name, served

# Appendix A, without its signatures; c is an insecure delegation.
TEXT = """
@      3600 SOA   ns1 bugs.x.w 1 3600 300 3600000 3600
@      3600 NS    ns1
@      3600 NS    ns2
@      3600 MX    1 xx
2t7b4g4vsa5smi47k61mv5bv1a22bojr 3600 A 192.0.2.127
a      3600 NS    ns1.a
a      3600 NS    ns2.a
a      3600 DS    58470 5 1 3079f1593ebad6dc121e202a8b766a6a4837206c
ns1.a  3600 A     192.0.2.5
ns2.a  3600 A     192.0.2.6
ai     3600 A     192.0.2.9
ai     3600 HINFO "KLH-10" "ITS"
ai     3600 AAAA  2001:db8::f00:baa9
c      3600 NS    ns1.c
c      3600 NS    ns2.c
ns1.c  3600 A     192.0.2.7
ns2.c  3600 A     192.0.2.8
ns1    3600 A     192.0.2.1
ns2    3600 A     192.0.2.2
*.w    3600 MX    1 ai
x.w    3600 MX    1 xx
x.y.w  3600 MX    1 xx
xx     3600 A     192.0.2.10
xx     3600 HINFO "KLH-10" "TOPS-20"
xx     3600 AAAA  2001:db8::f00:baaa
"""
POLICY = DenialPolicy(
    DenialMode.NSEC3, Nsec3Parameters(12, bytes.fromhex("aabbccdd")), opt_out=True
)
# The whole chain of appendix A: the first label of each owner, and what stands in its bitmap.
CHAIN = {
    "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom": "NS SOA MX DNSKEY NSEC3PARAM RRSIG",
    "2t7b4g4vsa5smi47k61mv5bv1a22bojr": "A RRSIG",
    "2vptu5timamqttgl4luu9kg21e0aor3s": "MX RRSIG",
    "35mthgpgcu1qg68fab165klnsnk3dpvl": "NS DS RRSIG",
    "b4um86eghhds6nea196smvmlo4ors995": "MX RRSIG",
    "gjeqe526plbf1g8mklp59enfd789njgi": "A HINFO AAAA RRSIG",
    "ji6neoaepv8b5o6k4ev33abha8ht9fgc": "",
    "k8udemvp1j2f7eg6jebps17vp3n8i58h": "",
    "kohar7mbb8dc2ce8a9qvl8hon4k53uhi": "A RRSIG",
    "q04jkcevqvmu85r014c7dkba38o0ji5r": "A RRSIG",
    "r53bq7cc2uvmubfu5ocmm6pers9tk9en": "MX RRSIG",
    "t644ebqk9bibcna874givr6joj62mlhv": "A HINFO AAAA RRSIG",
}
# Section to question, and the first digits of the owners shown there.
RESPONSES = {
    "B.1 name error": ("a.c.x.w", "A", {"0p9mhave", "b4um86eg", "35mthgpg"}),
    "B.2 no data": ("ns1", "MX", {"2t7b4g4v"}),
    "B.2.1 empty non-terminal": ("y.w", "A", {"ji6neoae"}),
    "B.3 opt-out referral": ("mc.c", "MX", {"35mthgpg", "0p9mhave"}),
    "B.4 wildcard": ("a.z.w", "MX", {"q04jkcev"}),
    "B.5 wildcard no data": ("a.z.w", "AAAA", {"k8udemvp", "q04jkcev", "r53bq7cc"}),
    "B.6 DS at the apex of a child": ("", "DS", {"0p9mhave"}),
}


@pytest.fixture(scope="module")
def zone() -> ServedZone:
    return served({"example.": TEXT}, denial=POLICY)[name("example.")]


def test_the_chain_is_that_of_appendix_a(zone: ServedZone) -> None:
    assert zone.denial is not None
    chain = list(zone.denial.chain())
    assert [one.owner.labels[0].decode() for one in chain] == list(CHAIN)
    following = [*list(CHAIN)[1:], next(iter(CHAIN))]
    for rrset, after, bitmap in zip(chain, following, CHAIN.values(), strict=True):
        (rdata,) = rrset.rdatas
        assert isinstance(rdata, NSEC3)
        assert to_label(rdata.next).decode() == after
        assert types(rdata) == {RdataType.from_text(one) for one in bitmap.split()}
        assert rdata.flags == 1


@pytest.mark.parametrize("section", RESPONSES)
def test_a_response_holds_the_records_of_the_rfc(zone: ServedZone, section: str) -> None:
    relative, rdtype, shown = RESPONSES[section]
    assert zone.denial is not None
    qname = name(f"{relative}.example." if relative else "example.")
    proof = zone.denial.prove(look_up(zone.zone, qname, RdataType.from_text(rdtype)))
    assert {one.owner.labels[0].decode()[:8] for one in proof} == shown

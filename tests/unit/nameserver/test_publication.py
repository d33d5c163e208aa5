"""What a transfer of a zone carries."""

from dataclasses import replace

import pytest
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rdtypes.ANY.ZONEMD import ZONEMD
from dns.zonetypes import DigestHashAlgorithm

from lab.dnssec.algorithms import by_mnemonic
from lab.dnssec.keys import KeyRole, KeySet, generate
from lab.dnssec.nsec3 import to_label
from lab.dnssec.zonemd import zone_digest
from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.nameserver.history import Publications
from lab.nameserver.publication import publication
from lab.nameserver.server import NameServer
from lab.nameserver.signer import Signer
from lab.nameserver.tree import plant
from lab.nameserver.zone import load
from tests.fakes import NOW, name, query, served, tell

TEXT = f"""
@       60 SOA ns h 1 2 3 4 30
@       60 NS  ns
ns      60 A   127.0.0.2
a       60 NS  ns.a
ns.a    60 A   127.0.0.3
d       60 NS  ns.d.test.
d       60 DS  1 13 2 {"ab" * 32}
"""
ZONE = served({"example.": TEXT})[name("example.")]
EVERYTHING = publication(ZONE, NOW)


def test_the_soa_comes_first_and_once() -> None:
    assert EVERYTHING[0] == ZONE.zone.soa
    assert [one.rdtype for one in EVERYTHING].count(RdataType.SOA) == 1


def test_each_rrset_stands_there_once_with_its_signatures_apart() -> None:
    plain = [(one.owner, one.rdtype) for one in EVERYTHING if one.rdtype != RdataType.RRSIG]
    assert len(set(plain)) == len(plain)
    signed = {
        (one.owner, one.rdatas[0].type_covered)  # type: ignore[attr-defined]  # rdata of an RRSIG RRset
        for one in EVERYTHING
        if one.rdtype == RdataType.RRSIG
    }
    cut, below, secure = name("a.example."), name("ns.a.example."), name("d.example.")
    unsigned = {(cut, RdataType.NS), (below, RdataType.A), (secure, RdataType.NS)}
    assert set(plain) - signed == unsigned


@pytest.mark.parametrize("mode", DenialMode)
def test_whoever_has_no_keys_gets_a_whole_chain(mode: DenialMode) -> None:
    zone = served({"example.": TEXT}, denial=DenialPolicy(mode))[name("example.")]
    rrsets = publication(zone, NOW)
    wanted = RdataType.NSEC3 if mode.hashes else RdataType.NSEC
    owners = {one.owner for one in rrsets if one.rdtype == wanted}
    following = {
        Name((to_label(rdata.next), *zone.apex.labels)) if isinstance(rdata, NSEC3) else rdata.next  # type: ignore[attr-defined]  # rdata of an NSEC RRset
        for one in rrsets
        if one.rdtype == wanted
        for rdata in one.rdatas
    }
    assert owners == following
    assert len(owners) == 4


def test_the_digest_is_that_of_the_zone_with_it() -> None:
    assert ZONE.signer is not None
    signer = replace(ZONE.signer, zonemd=DigestHashAlgorithm.SHA384)
    source = load(TEXT, ZONE.apex, "example.zone")
    zone = plant({ZONE.apex: source}, {ZONE.apex: signer})[ZONE.apex]
    rrsets = publication(zone, NOW)
    (zonemd,) = (one for one in rrsets if one.rdtype == RdataType.ZONEMD)
    (rdata,) = zonemd.rdatas
    assert isinstance(rdata, ZONEMD)
    assert rdata.serial == 1
    assert rdata.digest == zone_digest(zone.apex, rrsets)
    told = tell(NameServer({zone.apex: zone}), query("example.", "ZONEMD"))
    assert [one.rdtype for one in told.answer] == [RdataType.ZONEMD, RdataType.RRSIG]
    assert any(told.answer[0][0].digest)


def test_the_digest_is_over_the_signatures_that_are_sent_though_no_two_are_alike() -> None:
    key = generate(ZONE.apex, KeyRole.CSK, by_mnemonic("MLDSA44"))
    signer = Signer(ZONE.apex, KeySet((key,)), zonemd=DigestHashAlgorithm.SHA384)
    source = load(TEXT, ZONE.apex, "example.zone")
    zone = plant({ZONE.apex: source}, {ZONE.apex: signer})[ZONE.apex]
    rrsets = Publications().of(zone, NOW).latest.rrsets
    (zonemd,) = (one for one in rrsets if one.rdtype == RdataType.ZONEMD)
    (rdata,) = zonemd.rdatas
    assert isinstance(rdata, ZONEMD)
    assert rdata.digest == zone_digest(zone.apex, rrsets)

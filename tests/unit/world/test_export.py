import dns.dnssec
import dns.rdatatype
import dns.zone
import pytest
from dns.name import Name
from dns.node import Node
from dns.rdataset import Rdataset
from dns.rdatatype import RdataType

from lab.nameserver.zone import load
from lab.validator.anchor import parse_anchors
from lab.world.build import build
from lab.world.export import (
    anchor_dnskey_text,
    anchor_ds_text,
    anchor_named_conf_text,
    hints_text,
    signed_zone_text,
)
from tests.fakes import NOW, name, served
from tests.unit.world.small import materials

APEX = name("example.")
WORLD = build(materials())
ANCHOR = WORLD.anchor


def test_an_anchor_can_be_read_back() -> None:
    (ds,) = parse_anchors(anchor_ds_text(ANCHOR), "anchor.ds")
    (dnskey,) = parse_anchors(anchor_dnskey_text(ANCHOR), "anchor.key")
    assert (ds.ds, dnskey.dnskeys) == (ANCHOR.ds, ANCHOR.dnskeys)


def test_bind_gets_its_own_syntax() -> None:
    text = anchor_named_conf_text(ANCHOR)
    assert text.startswith("trust-anchors {\n    . static-key 257 3 13 ")
    assert text.endswith('";\n};\n')


def test_hints_hold_names_and_addresses() -> None:
    zone = dns.zone.from_text(hints_text(WORLD.hints), ".", relativize=False, check_origin=False)
    assert zone.get_rrset(".", "NS") is not None
    assert [one.address for one in zone.find_rrset("ns.root.", "A")] == ["127.53.0.1"]


TEXT = """
@       60 SOA ns h 1 2 3 4 30
@       60 NS  ns
ns      60 A   127.0.0.2
a       60 NS  ns.a
a       60 A   192.0.2.1
ns.a    60 A   127.0.0.3
d       60 NS  ns.d.test.
d       60 DS  1 13 2 {ds}
h.ent   60 A   192.0.2.2
*.w     60 TXT "wild"
""".format(ds="ab" * 32)


def exported(*unsigned: str) -> dns.zone.Zone:
    own = served({"example.": TEXT}, *unsigned)[APEX]
    text = signed_zone_text(own, NOW)
    assert text.startswith("example. 60 IN SOA ")
    return dns.zone.from_text(text, "example.", relativize=False)


def test_a_signed_zone_verifies_with_dnspython() -> None:
    zone = exported()
    keys: dict[Name, Node | Rdataset] = {APEX: zone.find_rdataset(APEX, "DNSKEY")}
    signatures = 0
    for owner, node in zone.nodes.items():
        for rrsigs in node.rdatasets:
            if rrsigs.rdtype != RdataType.RRSIG:
                continue
            rdataset = node.find_rdataset(rrsigs.rdclass, rrsigs.covers)
            dns.dnssec.validate((owner, rdataset), (owner, rrsigs), keys, now=float(NOW))
            signatures += 1
    assert signatures == 13  # 6 NSEC, 3 at the apex, 4 below


NODES = {
    "example.": {"SOA", "NS", "DNSKEY", "NSEC", "RRSIG"},
    "ns.example.": {"A", "NSEC", "RRSIG"},
    "a.example.": {"NS", "A", "NSEC", "RRSIG"},
    "ns.a.example.": {"A"},
    "d.example.": {"NS", "DS", "NSEC", "RRSIG"},
    "h.ent.example.": {"A", "NSEC", "RRSIG"},
    "*.w.example.": {"TXT", "NSEC", "RRSIG"},
}


@pytest.mark.parametrize("owner", NODES)
def test_only_what_the_zone_is_authoritative_for_is_signed(owner: str) -> None:
    zone = exported()
    node = zone.find_node(owner)
    assert {dns.rdatatype.to_text(one.rdtype) for one in node.rdatasets} == NODES[owner]
    assert set(zone.nodes) == {name(one) for one in NODES}


def test_an_unsigned_zone_is_what_its_master_file_says() -> None:
    own = served({"example.": TEXT}, "example.")[APEX]
    again = load(signed_zone_text(own, NOW), APEX, "again")
    assert {one: again.rrsets(one) for one in again.owners()} == {
        one: own.zone.rrsets(one) for one in own.zone.owners()
    }

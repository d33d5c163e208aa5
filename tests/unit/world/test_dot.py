"""Which nameservers offer DNS over TLS, and what pins their keys."""

from dataclasses import replace

from dns.rdatatype import RdataType

from lab.core.entropy import SeededEntropy
from lab.dane.tlsa import association_data, parse_parameters
from lab.pki.ca import CertificateAuthority
from lab.pki.profiles import Purpose
from lab.world.build import build
from lab.world.dot import servers_with_dot
from tests.fakes import NOW, name
from tests.unit.world.small import materials

ENTROPY = SeededEntropy("dot")
IDENTITY = CertificateAuthority.create("Operator", NOW, ENTROPY).issue(
    ("ns.op",), Purpose.SERVER, NOW, ENTROPY
)
GIVEN = replace(materials(), dot_identities={name("ns.op."): IDENTITY}, dot_port=8853)


def test_nameservers_of_operators_zones_offer_it() -> None:
    given = materials()
    found = servers_with_dot(given.configs, given.operators)
    assert [(operator.name, str(server.name)) for operator, server in found] == [("op", "ns.op.")]


def test_the_key_is_pinned_where_the_port_says() -> None:
    world = build(GIVEN)
    (server,) = world.dot
    assert str(server.tlsa_owner) == "_8853._tcp.ns.op."
    rrset = world.sources[name("op.")].rrset(server.tlsa_owner, RdataType.TLSA)
    assert rrset is not None
    form = parse_parameters("3 1 1")
    digest = association_data(IDENTITY.leaf, form.selector, form.matching)
    assert [one.to_text() for one in rrset.rdatas] == [f"3 1 1 {digest.hex()}"]


def test_without_certificates_nobody_offers_it() -> None:
    assert build(materials()).dot == ()

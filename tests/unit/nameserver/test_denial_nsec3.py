"""NSEC3 chains that leave out insecure delegations, and gaps of one hash."""

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC3 import NSEC3

from lab.core.rrsets import RRset
from lab.dnssec.nsec import types
from lab.dnssec.nsec3 import Nsec3Parameters, covers, from_label
from lab.nameserver.denial_nsec3 import MinimalNsec3Denial, Nsec3Denial
from lab.nameserver.lookup import look_up
from lab.nameserver.zone import load
from tests.fakes import name

APEX = name("example.")
ZONE = load(
    f"""
@        60 SOA ns1 h 1 2 3 4 30
@        60 NS  ns1
a        60 NS  ns.a
a        60 DS  1 13 2 {"ab" * 32}
ns.a     60 A   192.0.2.5
cut.ent  60 NS  ns.test.
ns1      60 A   192.0.2.1
""",
    APEX,
    "example.zone",
)
PLAIN = Nsec3Parameters()


def rdata(rrset: RRset) -> NSEC3:
    (nsec3,) = rrset.rdatas
    assert isinstance(nsec3, NSEC3)
    return nsec3


def start(rrset: RRset) -> bytes:
    digest = from_label(rrset.owner.labels[0])
    assert digest is not None
    return digest


def owners_of(*names: str) -> set[Name]:
    return {PLAIN.owner(name(one), APEX) for one in names}


def test_without_opt_out_every_name_that_exists_is_in_the_chain() -> None:
    chain = {one.owner: rdata(one) for one in Nsec3Denial(ZONE).chain()}
    existing = ("example.", "a.example.", "cut.ent.example.", "ent.example.", "ns1.example.")
    assert set(chain) == owners_of(*existing)
    # The NS of a cut is not signed here, and an empty non-terminal has nothing to list.
    insecure, empty = (PLAIN.owner(name(f"{one}.example."), APEX) for one in ("cut.ent", "ent"))
    assert types(chain[insecure]) == {RdataType.NS}
    assert types(chain[empty]) == set()


def test_opt_out_leaves_out_insecure_delegations_only() -> None:
    denial = Nsec3Denial(ZONE, opt_out=True)
    chain = list(denial.chain())
    assert {one.owner for one in chain} == owners_of(
        "example.", "a.example.", "ent.example.", "ns1.example."
    )
    assert {rdata(one).flags for one in chain} == {1}
    cut = name("cut.ent.example.")
    for rdtype in ("DS", "A"):
        encloser, gap = denial.prove(look_up(ZONE, cut, RdataType.from_text(rdtype)))
        assert encloser.owner == PLAIN.owner(cut.parent(), APEX)
        assert covers(start(gap), rdata(gap).next, PLAIN.hash(cut))


def test_the_chain_is_made_once_for_a_version_of_a_zone() -> None:
    denial = Nsec3Denial(ZONE)
    assert denial._hashes is denial._hashes
    (first,) = denial.prove(look_up(ZONE, name("ns1.example."), RdataType.MX))
    assert first in set(denial.chain())


def test_a_white_lie_covers_one_hash() -> None:
    denial = MinimalNsec3Denial(ZONE)
    qname = name("nowhere.example.")
    encloser, gap, wildcard = denial.prove(look_up(ZONE, qname, RdataType.A))
    assert encloser.owner == PLAIN.owner(APEX, APEX)
    for rrset, covered in ((gap, qname), (wildcard, name("*.example."))):
        middle = int.from_bytes(PLAIN.hash(covered), "big")
        assert int.from_bytes(start(rrset), "big") == middle - 1
        assert int.from_bytes(rdata(rrset).next, "big") == middle + 1
        assert types(rdata(rrset)) == set()
    # What goes to secondaries is the whole chain all the same.
    assert list(denial.chain()) == list(Nsec3Denial(ZONE).chain())

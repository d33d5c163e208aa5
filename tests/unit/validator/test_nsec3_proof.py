"""What NSEC3 RRs prove: a zone is hashed, and only some of its records are shown."""

import pytest
from dns.name import Name, from_text
from dns.rdatatype import RdataType

from lab.dnssec.nsec3 import Nsec3Parameters, make_nsec3
from lab.validator import nsec3_proof
from lab.validator.nsec3_proof import HashedZone, Nsec3Record
from lab.validator.proof import Finding

APEX = from_text("example.")
HASHING = Nsec3Parameters(2, b"\xaa")
ZONE = {
    "example.": "NS SOA DNSKEY NSEC3PARAM RRSIG",
    "a.example.": "A",
    "cut.example.": "NS",
    "signed.example.": "NS DS RRSIG",
    "tree.example.": "DNAME",
    "alias.example.": "CNAME",
    "ent.example.": "",
    "x.ent.example.": "A",
    "w.example.": "",
    "*.w.example.": "A",
    "gone.example.": "NXNAME RRSIG",
}
PROVEN, UNPROVEN = Finding.PROVEN, Finding.UNPROVEN
NO_CUT, NO_NAME, OPT_OUT = Finding.NO_CUT, Finding.NO_NAME, Finding.OPT_OUT


def shown(*names: str, opt_out: bool = False, zone: dict[str, str] = ZONE) -> HashedZone:
    """Return the records that match or cover *names*."""
    chain = sorted((HASHING.hash(from_text(owner)), types) for owner, types in zone.items())
    records = {}
    for name in names:
        digest = HASHING.hash(from_text(name))
        at = max((i for i, (one, _) in enumerate(chain) if one <= digest), default=-1)
        following = chain[(at + 1) % len(chain)][0]
        rdtypes = [RdataType.from_text(one) for one in chain[at][1].split()]
        rdata = make_nsec3(following, rdtypes, HASHING, opt_out=opt_out)
        records[chain[at][0]] = Nsec3Record(chain[at][0], rdata)
    return HashedZone(APEX, tuple(records.values()), 32)


NODATA = [
    ("it lists neither", "a.example.", "TXT", ["a.example."], PROVEN),
    ("it lists the type", "a.example.", "A", ["a.example."], UNPROVEN),
    ("it lists CNAME", "alias.example.", "A", ["alias.example."], UNPROVEN),
    ("an empty non-terminal", "ent.example.", "A", ["ent.example."], PROVEN),
    ("a delegation", "cut.example.", "A", ["cut.example."], UNPROVEN),
    ("no DS at a delegation", "cut.example.", "DS", ["cut.example."], PROVEN),
    ("a child apex is silent on DS", "example.", "DS", ["example."], UNPROVEN),
    (
        "a wildcard without the type",
        "q.w.example.",
        "TXT",
        ["w.example.", "q.w.example.", "*.w.example."],
        PROVEN,
    ),
    (
        "a wildcard with the type",
        "q.w.example.",
        "A",
        ["w.example.", "q.w.example.", "*.w.example."],
        UNPROVEN,
    ),
    ("no such name", "no.example.", "A", ["example.", "no.example."], UNPROVEN),
    ("it is not there", "gone.example.", "A", ["gone.example."], NO_NAME),
    ("it has an RRSIG", "gone.example.", "RRSIG", ["gone.example."], UNPROVEN),
    ("nothing that fits", "no.example.", "A", ["x.ent.example."], UNPROVEN),
]


@pytest.mark.parametrize(("why", "name", "rdtype", "names", "finding"), NODATA)
def test_no_type(why: str, name: str, rdtype: str, names: list[str], finding: Finding) -> None:
    rdtypes = RdataType.from_text(rdtype)
    proof = nsec3_proof.no_type(shown(*names), from_text(name), rdtypes)
    assert proof.finding is finding, why


def test_no_ds_may_hide_in_an_opt_out_span_and_nothing_else() -> None:
    name = from_text("no.example.")
    zone = shown("example.", "no.example.", opt_out=True)
    assert nsec3_proof.no_type(zone, name, RdataType.DS).finding is OPT_OUT
    assert nsec3_proof.no_type(zone, name, RdataType.A).finding is UNPROVEN


def test_a_wildcard_under_opt_out_is_not_secure() -> None:
    names = ["w.example.", "q.w.example.", "*.w.example."]
    proof = nsec3_proof.no_type(
        shown(*names, opt_out=True), from_text("q.w.example."), RdataType.TXT
    )
    assert proof.finding is OPT_OUT


NXDOMAIN = [
    ("complete", "no.example.", ["example.", "no.example.", "*.example."], PROVEN),
    ("deep", "x.y.no.example.", ["example.", "no.example.", "*.example."], PROVEN),
    ("no encloser", "no.ent.example.", ["no.ent.example.", "*.ent.example."], UNPROVEN),
    ("the wildcard exists", "q.w.example.", ["w.example.", "q.w.example."], UNPROVEN),
    ("the name exists", "a.example.", ["example.", "a.example.", "*.example."], UNPROVEN),
    (
        "below a delegation",
        "x.cut.example.",
        ["cut.example.", "x.cut.example.", "*.cut.example."],
        UNPROVEN,
    ),
    (
        "below a DNAME",
        "x.tree.example.",
        ["tree.example.", "x.tree.example.", "*.tree.example."],
        UNPROVEN,
    ),
]


@pytest.mark.parametrize(("why", "name", "names", "finding"), NXDOMAIN)
def test_no_name(why: str, name: str, names: list[str], finding: Finding) -> None:
    assert nsec3_proof.no_name(shown(*names), from_text(name)).finding is finding, why


def test_no_name_under_opt_out_is_not_secure() -> None:
    zone = shown("example.", "no.example.", "*.example.", opt_out=True)
    assert nsec3_proof.no_name(zone, from_text("no.example.")).finding is OPT_OUT


NO_DS = [
    ("an unsigned cut", "cut.example.", ["cut.example."], PROVEN),
    ("a signed cut", "signed.example.", ["signed.example."], UNPROVEN),
    ("no cut", "a.example.", ["a.example."], NO_CUT),
    ("an alias", "alias.example.", ["alias.example."], NO_CUT),
    ("from the child", "example.", ["example."], UNPROVEN),
    ("no such name", "no.example.", ["example.", "no.example."], NO_NAME),
    ("no encloser", "no.ent.example.", ["x.ent.example."], UNPROVEN),
]


@pytest.mark.parametrize(("why", "name", "names", "finding"), NO_DS)
def test_no_ds(why: str, name: str, names: list[str], finding: Finding) -> None:
    assert nsec3_proof.no_ds(shown(*names), from_text(name)).finding is finding, why


def test_an_unsigned_cut_may_hide_in_an_opt_out_span() -> None:
    zone = shown("example.", "no.example.", opt_out=True)
    assert nsec3_proof.no_ds(zone, from_text("no.example.")).finding is OPT_OUT


@pytest.mark.parametrize(
    ("name", "opt_out", "finding"),
    [
        ("q.w.example.", False, PROVEN),
        ("q.w.example.", True, OPT_OUT),
        ("a.example.", False, UNPROVEN),
    ],
)
def test_no_closer(name: str, *, opt_out: bool, finding: Finding) -> None:
    proof = nsec3_proof.no_closer(shown(name, opt_out=opt_out), from_text(name))
    assert proof.finding is finding


def test_opt_out_counts_only_at_the_next_closer_name() -> None:
    plain = shown("no.example.").records
    others = tuple(
        one
        for one in shown("example.", "*.example.", opt_out=True).records
        if one.digest not in {r.digest for r in plain}
    )
    zone = HashedZone(APEX, (*plain, *others), 32)
    assert nsec3_proof.no_name(zone, from_text("no.example.")).finding is PROVEN


def test_hashing_stops_at_the_budget() -> None:
    zone = HashedZone(APEX, shown("example.", "no.example.").records, 2)
    deep = Name((b"a", b"b", b"c", *from_text("no.example.").labels))
    proof = nsec3_proof.no_name(zone, deep)
    assert [one.rule.id for one in proof.checks] == ["nsec3.effort"]

"""What NSEC RRs prove, written as small zones: one line for each record."""

import pytest
from dns.name import from_text
from dns.rdatatype import RdataType

from lab.dnssec.nsec import make_nsec
from lab.validator import nsec_proof
from lab.validator.nsec_proof import NsecRecord
from lab.validator.proof import Finding

PROVEN, UNPROVEN = Finding.PROVEN, Finding.UNPROVEN
NO_CUT, NO_NAME = Finding.NO_CUT, Finding.NO_NAME


def records(*lines: str) -> tuple[NsecRecord, ...]:
    """Return the records of lines like `a.example. c.example. A MX`."""
    made = []
    for line in lines:
        owner, following, *types = line.split()
        rdtypes = [RdataType.from_text(one) for one in types]
        made.append(NsecRecord(from_text(owner), make_nsec(from_text(following), rdtypes)))
    return tuple(made)


APEX = "example. a.example. NS SOA DNSKEY NSEC RRSIG"
NODATA = [
    ("it lists neither", "a.example.", "TXT", ["a.example. c.example. A"], PROVEN),
    ("it lists the type", "a.example.", "A", ["a.example. c.example. A"], UNPROVEN),
    ("it lists CNAME", "a.example.", "A", ["a.example. c.example. CNAME"], UNPROVEN),
    ("an alias lacks all else", "a.example.", "CNAME", ["a.example. c.example. CNAME"], UNPROVEN),
    ("it is a delegation", "a.example.", "A", ["a.example. c.example. NS"], UNPROVEN),
    ("a delegation has no DS", "a.example.", "DS", ["a.example. c.example. NS"], PROVEN),
    ("a child apex is silent on DS", "example.", "DS", [APEX], UNPROVEN),
    ("the root has no DS", ".", "DS", [". a. NS SOA"], PROVEN),
    ("an apex speaks for itself", "example.", "TXT", [APEX], PROVEN),
    ("any type is one too many", "a.example.", "ANY", ["a.example. c.example. A"], UNPROVEN),
    ("only denial is no type", "a.example.", "ANY", ["a.example. c.example. NSEC RRSIG"], PROVEN),
    ("an empty non-terminal", "b.example.", "A", ["a.example. x.b.example. A"], PROVEN),
    ("not every gap has one", "b.example.", "A", ["a.example. c.example. A"], UNPROVEN),
    (
        "a wildcard without the type",
        "b.example.",
        "TXT",
        ["*.example. a.example. A", "a.example. c.example. A"],
        PROVEN,
    ),
    (
        "a wildcard with the type",
        "b.example.",
        "A",
        ["*.example. a.example. A", "a.example. c.example. A"],
        UNPROVEN,
    ),
    ("a wildcard and no gap", "b.example.", "TXT", ["*.example. a.example. A"], UNPROVEN),
    ("another name", "b.example.", "TXT", ["c.example. d.example. A"], UNPROVEN),
    ("it is not there", "b.example.", "A", ["b.example. c.example. NSEC RRSIG NXNAME"], NO_NAME),
    ("it has an NSEC", "b.example.", "NSEC", ["b.example. c.example. NSEC RRSIG NXNAME"], UNPROVEN),
    ("and its RRSIG", "b.example.", "RRSIG", ["b.example. c.example. NSEC RRSIG NXNAME"], UNPROVEN),
    ("it is and is not", "b.example.", "A", ["b.example. c.example. A NXNAME"], UNPROVEN),
]


def test_a_name_that_says_so_itself_does_not_exist() -> None:
    gone = records(r"b.example. \000.b.example. NSEC RRSIG NXNAME")
    assert nsec_proof.no_name(gone, from_text("b.example.")).finding is NO_NAME
    assert nsec_proof.no_ds(gone, from_text("b.example.")).finding is NO_NAME
    assert nsec_proof.no_name(gone, from_text("a.b.example.")).finding is UNPROVEN


@pytest.mark.parametrize(("why", "name", "rdtype", "lines", "finding"), NODATA)
def test_no_type(why: str, name: str, rdtype: str, lines: list[str], finding: Finding) -> None:
    proof = nsec_proof.no_type(records(*lines), from_text(name), RdataType.from_text(rdtype))
    assert proof.finding is finding, why


NXDOMAIN = [
    ("one gap for both", "b.example.", ["example. c.example. NS SOA"], PROVEN),
    ("two gaps", "b.example.", [APEX, "a.example. c.example. A"], PROVEN),
    ("no wildcard gap", "b.example.", ["a.example. c.example. A"], UNPROVEN),
    ("only the wildcard gap", "b.example.", [APEX], UNPROVEN),
    ("the name exists", "a.example.", [APEX, "a.example. c.example. A"], UNPROVEN),
    ("an empty non-terminal", "b.example.", [APEX, "a.example. x.b.example. A"], UNPROVEN),
    ("the last gap wraps", "z.example.", [APEX, "y.example. example. A"], PROVEN),
    ("below a delegation", "x.a.example.", [APEX, "a.example. c.example. NS"], UNPROVEN),
    ("below a DNAME", "x.a.example.", [APEX, "a.example. c.example. DNAME"], UNPROVEN),
    (
        "the encloser is the common ancestor, not the parent",
        "x.y.b.a.example.",
        ["a.example. c.a.example. A"],
        PROVEN,
    ),
    (
        "so a wildcard above it does not matter",
        "x.b.a.example.",
        ["a.example. c.a.example. A", "*.example. a.example. A"],
        PROVEN,
    ),
    # RFC 4592 section 3.3.1: an ancestor exists if anything below it does, before or behind.
    (
        "the encloser is above the owner",
        "b.a.example.",
        ["a.a.example. c.example. A", APEX],
        UNPROVEN,
    ),
    ("the encloser is above the next name", "b.a.example.", ["0.example. c.a.example. A"], PROVEN),
    (
        "a wildcard above exists",
        "b.example.",
        ["*.example. a.example. A", "a.example. c.example."],
        UNPROVEN,
    ),
]


@pytest.mark.parametrize(("why", "name", "lines", "finding"), NXDOMAIN)
def test_no_name(why: str, name: str, lines: list[str], finding: Finding) -> None:
    assert nsec_proof.no_name(records(*lines), from_text(name)).finding is finding, why


NO_DS = [
    ("an unsigned cut", "a.example.", ["a.example. c.example. NS"], PROVEN),
    ("a signed cut", "a.example.", ["a.example. c.example. NS DS"], UNPROVEN),
    ("from the child", "example.", [APEX], UNPROVEN),
    ("no cut", "a.example.", ["a.example. c.example. A"], NO_CUT),
    ("an alias is no cut", "a.example.", ["a.example. c.example. CNAME"], NO_CUT),
    ("no such name", "b.example.", ["a.example. c.example. A"], NO_NAME),
    ("an empty non-terminal", "b.example.", ["a.example. x.b.example. A"], NO_CUT),
    ("something else", "b.example.", ["c.example. d.example. A"], UNPROVEN),
    ("below another cut", "x.a.example.", ["a.example. c.example. NS"], UNPROVEN),
]


@pytest.mark.parametrize(("why", "name", "lines", "finding"), NO_DS)
def test_no_ds(why: str, name: str, lines: list[str], finding: Finding) -> None:
    assert nsec_proof.no_ds(records(*lines), from_text(name)).finding is finding, why


CLOSER = [
    ("a gap", "b.example.", ["a.example. c.example. A"], PROVEN),
    ("it exists", "a.example.", ["a.example. c.example. A"], UNPROVEN),
    ("it is an empty non-terminal", "b.example.", ["a.example. x.b.example. A"], UNPROVEN),
    ("something below exists", "b.example.", ["x.b.example. c.example. A"], UNPROVEN),
]


@pytest.mark.parametrize(("why", "name", "lines", "finding"), CLOSER)
def test_no_closer(why: str, name: str, lines: list[str], finding: Finding) -> None:
    assert nsec_proof.no_closer(records(*lines), from_text(name)).finding is finding, why


def test_a_proof_shows_what_covered_the_name() -> None:
    proof = nsec_proof.no_name(records("example. c.example. NS SOA"), from_text("b.example."))
    assert [one.facts["covered_by"] for one in proof.checks] == ["example. NSEC c.example."] * 2

"""What one response amounts to, written as message text."""

import dns.message
import pytest
from dns.name import from_text
from dns.rdatatype import RdataType

from lab.validator.reading import Kind, Reading, read

SOA = "fr. 60 IN SOA ns h 1 2 3 4 60"
RRSIG = "20300101000000 20200101000000 1 fr. AAAA"


def reading(
    *, answer: str = "", authority: str = "", head: str = "flags QR AA", rdtype: str = "A"
) -> Reading:
    """Return what a server of fr. says about www.example.fr."""
    lines = ["id 1", "opcode QUERY", head, ";QUESTION", f"www.example.fr. IN {rdtype}"]
    lines += [";ANSWER", answer, ";AUTHORITY", authority]
    text = "\n".join(line for line in lines if line)
    qname = from_text("www.example.fr.")
    return read(dns.message.from_text(text), from_text("fr."), qname, RdataType.from_text(rdtype))


NS = "example.fr. 60 IN NS ns.example.fr."
CASES: list[tuple[str, dict[str, str], Kind]] = [
    ("an answer", {"answer": "www.example.fr. 60 IN A 192.0.2.1"}, Kind.ANSWER),
    ("an alias", {"answer": "www.example.fr. 60 IN CNAME a.fr."}, Kind.ALIAS),
    ("an alias by DNAME", {"answer": "example.fr. 60 IN DNAME a.fr."}, Kind.ALIAS),
    (
        "an alias is the answer to CNAME",
        {"answer": "www.example.fr. 60 IN CNAME a.fr.", "rdtype": "CNAME"},
        Kind.ANSWER,
    ),
    (
        "an alias and NXDOMAIN",
        {"answer": "www.example.fr. 60 IN CNAME a.fr.", "head": "rcode NXDOMAIN\nflags QR AA"},
        Kind.ALIAS,
    ),
    ("a referral", {"authority": NS, "head": "flags QR"}, Kind.REFERRAL),
    ("a referral, though AA", {"authority": NS}, Kind.REFERRAL),
    ("NODATA", {"authority": SOA}, Kind.NODATA),
    ("NODATA without SOA", {}, Kind.NODATA),
    ("NODATA of a forwarder", {"head": "flags QR RA"}, Kind.NODATA),
    (
        "NODATA with its proof",
        {"authority": "example.fr. 60 IN NSEC fr. NS", "head": "flags QR"},
        Kind.NODATA,
    ),
    ("NXDOMAIN", {"authority": SOA, "head": "rcode NXDOMAIN\nflags QR AA"}, Kind.NXDOMAIN),
    ("a referral up", {"authority": ". 60 IN NS ns.root.", "head": "flags QR"}, Kind.LAME),
    ("a referral to itself", {"authority": "fr. 60 IN NS ns.fr.", "head": "flags QR"}, Kind.LAME),
    ("nothing at all", {"head": "flags QR"}, Kind.LAME),
    ("a foreign answer", {"answer": "www.example.lab. 60 IN A 192.0.2.1"}, Kind.NODATA),
]


@pytest.mark.parametrize(("what", "message", "kind"), CASES)
def test_a_response_is(what: str, message: dict[str, str], kind: Kind) -> None:
    assert reading(**message).kind is kind, what


def test_a_referral_to_the_qname_holds_what_the_parent_says_of_its_ds() -> None:
    text = "www.example.fr. 60 IN NS ns.www.example.fr."
    ds = f"www.example.fr. 60 IN DS 1 15 2 {'00' * 32}"
    assert reading(authority=text, head="flags QR", rdtype="DS").kind is Kind.NODATA
    told = reading(authority=f"{text}\n{ds}", head="flags QR", rdtype="DS")
    assert told.kind is Kind.ANSWER
    assert [str(one.rrset) for one in told.rrsets] == ["www.example.fr. DS"]


def test_a_dname_that_makes_too_long_a_name() -> None:
    long = ".".join(["x" * 62] * 4)
    found = reading(answer=f"example.fr. 60 IN DNAME {long}.")
    assert found.kind is Kind.TOO_LONG
    assert found.alias is not None
    assert found.alias.target is None


def test_a_signed_cname_below_a_dname_stands_for_itself() -> None:
    answer = (
        "example.fr. 60 IN DNAME a.fr.\n"
        "www.example.fr. 60 IN CNAME b.fr.\n"
        f"www.example.fr. 60 IN RRSIG CNAME 15 3 60 {RRSIG}"
    )
    found = reading(answer=answer)
    assert found.alias is not None
    assert found.alias.dname is None
    assert found.alias.target == from_text("b.fr.")


def test_any_takes_all_rrsets_of_the_name() -> None:
    answer = (
        "www.example.fr. 60 IN A 192.0.2.1\nwww.example.fr. 60 IN TXT x\n"
        f"www.example.fr. 60 IN RRSIG A 15 3 60 {RRSIG}\n"
        f"www.example.fr. 60 IN RRSIG MX 15 3 60 {RRSIG}"
    )
    found = reading(answer=answer, rdtype="ANY")
    assert {str(one.rrset) for one in found.rrsets} == {"www.example.fr. A", "www.example.fr. TXT"}
    assert reading(answer=answer, rdtype="RRSIG").kind is Kind.ANSWER

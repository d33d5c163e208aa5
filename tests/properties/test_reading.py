"""Plain lines are read as dnspython reads them, and a tree laid out at once is one that grew."""

import dns.btreezone
import dns.rdata
import pytest
from dns.btreezone import ImmutableVersion
from dns.name import Name
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lab.core.errors import ZoneError
from lab.core.ordered import OrderedName
from lab.nameserver import masterfile
from lab.nameserver.masterfile import parse_piece
from lab.nameserver.plain_lines import PlainReader
from tests.fakes import name
from tests.properties.zones import names as zone_names

APEX = name("example.")
HASH = "aB" * 16

OWNERS = st.sampled_from(
    [
        *(
            "a",
            "B.a",
            "_443._tcp.a",
            "*.a",
            "0F._device",
            "c.example.",
            "@",
            "EXAMPLE.",
            "example.",
        ),
        *("a.test.", "in", "60", ".", "", "a..b", r"a\.b", "x" * 63, "x" * 64, "\u00fc"),
        ".".join(["y" * 60] * 4),
    ]
)
TTLS = st.sampled_from(["", "60", "0", "1h", "IN", "in", "60 IN", "IN 60", "CH", "9" * 9, "9" * 10])
DATA = st.sampled_from(
    [
        *(
            "A 192.0.2.1",
            "A 192.0.2.2",
            "A 192.0.2",
            "a 192.0.2.1",
            "A 192.0.2.1 x",
            "A\t192.0.2.1\t",
        ),
        *("A 192.0.2.1 ; remark", "A ( 192.0.2.1 )", "A ( 192.0.2.1\n)", r"A \# 4 c0000201"),
        *("AAAA 2001:DB8::1", "AAAA ::ffff:192.0.2.1", "AAAA 1", "NS ns", "CNAME b", "DNAME b.a"),
        *("MX 10 a", "MX 65536 a", "MX 10", "MX a", "MX 10 .", "MX 10 a b", "NS 10 a", "NS 10"),
        *("PTR a..b", f"PTR {'y' * 64}", f"MX 0 {'.'.join(['y' * 60] * 5)}", "NS @", "PTR a.test."),
        *(f"TLSA 3 1 1 {HASH * 2}", f"TLSA 3 1 1 {HASH} {HASH}", f"TLSA 3 1 1 {HASH}"),
        *("TLSA 3 1 0 a", "TLSA 3 1 0 ab", "TLSA 256 1 0 ab", "TLSA 3 1 1", "TLSA 3.0 1 0 ab"),
        *('TXT "( ;"', r"TYPE1 \# 4 c0000201", "SOA ns h 1 2 3 4 60"),
    ]
)
RECORDS = st.builds(
    "{} {} {}{}".format, OWNERS, TTLS, DATA, st.sampled_from(["\n", "\r\n", " \n", ""])
)
OTHERS = st.sampled_from(["$TTL 30\n", "$ORIGIN a.example.\n", "$ORIGIN b\n", "; remark\n", " \n"])
# Of lines like these each one is good, so that what comes of them is compared.
GOOD = st.builds(
    "{} {} {}{}".format,
    st.sampled_from(
        [
            *("n{0}", "N{0}.a", "_443._tcp.n{0}", "n{0}.b.example.", "*.n{0}", "", "", "example."),
            "Same.a",
            "same.A",
        ]
    ),
    st.sampled_from(["", "60", "0", "1h", "IN", "60 IN", "IN 60", "9" * 9]),
    st.sampled_from(
        [
            *("A 192.0.2.1", "a 192.0.2.2", "A\t192.0.2.3 ; remark", "AAAA 2001:DB8::1", "TXT x"),
            *(f"TLSA 3 1 1 {HASH * 2}", f"TLSA 3 1 1 {HASH} {HASH}", "TLSA 3 1 0 ab"),
            *("MX 10 a", "MX 0 B.a.test.", "PTR a", "NS ns.b"),
        ]
    ),
    st.sampled_from(["\n", "\r\n", " \n"]),
)
TEXTS = st.builds(
    lambda good, at, odd: "".join([*good[:at], *odd, *good[at:]]),
    st.lists(GOOD | OTHERS, max_size=8).map(
        lambda lines: [line.replace("{0}", str(at)) for at, line in enumerate(lines)]
    ),
    st.integers(0, 8),
    st.lists(RECORDS, max_size=1),
)


class Slowly(PlainReader):
    """Read every line as dnspython does."""

    def _take(self, line: object) -> bool:  # noqa: ARG002 whatever it is
        return False


def outcome(text: str, ttl: int | None) -> object:
    """Return all that is in the zone that *text* describes, or what is said of its mistake."""
    try:
        tree = parse_piece(text, APEX, "file", ttl)
    except ZoneError as error:
        return str(error)
    return contents(tree)


def contents(tree: dns.btreezone.Zone) -> list[object]:
    with tree.reader() as transaction:
        version = transaction.version
    assert isinstance(version, ImmutableVersion)
    found: list[object] = [str(one) for one in version.delegations]
    for owner, node in version.nodes.items():
        assert isinstance(node, dns.btreezone.Node)
        found.append((str(owner), node.flags, {one.to_text() for one in node.rdatasets}))
    return found


@settings(max_examples=300)
@given(TEXTS, st.sampled_from([None, 5]))
@example("Same.a 60 A 192.0.2.1\nsame.A AAAA ::1\n A 192.0.2.2\n", None)
def test_plain_lines_are_read_as_all_others(text: str, ttl: int | None) -> None:
    quickly = outcome(text, ttl)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masterfile, "PlainReader", Slowly)
        assert quickly == outcome(text, ttl)


@given(st.lists(zone_names, max_size=30), st.sets(st.integers(0, 29)))
def test_a_tree_laid_out_at_once_is_one_that_grew(owners: list[Name], cuts: set[int]) -> None:
    lines = [
        f"{one} 60 {'NS a' if at in cuts else 'A 192.0.2.1'}\n" for at, one in enumerate(owners)
    ]
    text = "".join(line for line in lines if not line.startswith("*") or " NS " not in line)
    grown = dns.btreezone.Zone(APEX, relativize=False)
    with grown.writer() as transaction:
        for line in text.splitlines():
            owner, ttl, rdtype, data = line.split()
            rdata = dns.rdata.from_text("IN", rdtype, data, APEX, relativize=False)
            transaction.add(name(owner), int(ttl), rdata)
    assert contents(parse_piece(text, APEX, "file")) == contents(grown)


@given(st.lists(zone_names, max_size=5))
def test_quick_names_compare_as_those_of_dnspython(owners: list[Name]) -> None:
    for one in owners:
        for other in owners:
            quick = OrderedName.of(one)
            for left, right in ((quick, other), (quick, OrderedName.of(other))):
                assert (left < right, left <= right) == (one < other, one <= other)
                assert (left > right, left >= right) == (one > other, one >= other)
                assert (left == right, left != right) == (one == other, one != other)
                assert (hash(left) == hash(right)) >= (one == other)

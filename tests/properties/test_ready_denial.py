"""Answers from neighbours: whatever was asked before, they are the octets of the nameserver."""

from dataclasses import dataclass

from dns.name import Name
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.core.instant import DAY
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.nameserver.query import COMPACT_OK, pull_query
from lab.nameserver.ready_body import pull_body
from lab.nameserver.ready_denial import LEFT_OUT, ReadyDenials
from lab.nameserver.ready_question import pull_question
from lab.nameserver.ready_scope import Way, proof_of, scope_of, way_of
from lab.nameserver.ready_writing import write_denial
from lab.nameserver.server import NameServer
from lab.nameserver.zone import load
from tests.fakes import NOW, PEER, TCP_PEER, name, query, served
from tests.properties.zones import APEX, ROOT, RandomZone, names, qnames_near, zones

DENIALS = st.one_of(
    st.sampled_from([DenialMode.NSEC, DenialMode.NSEC3, DenialMode.COMPACT]).map(DenialPolicy),
    st.sampled_from(
        [
            *(DenialPolicy(mode) for mode in DenialMode),
            DenialPolicy(DenialMode.NSEC3, Nsec3Parameters(2, b"salt"), opt_out=True),
            DenialPolicy(DenialMode.NSEC3, Nsec3Parameters(2, b"salt")),
        ]
    ),
)
# Names that only records mention, wildcards of several types, and a zone that nobody delegated.
MORE = """
*.m      60 MX   5 b.m
*.m      60 TXT  "wild"
x.d      60 NS   q.z.x.d
q.z.x.d  60 A    192.0.2.9
d        60 A    192.0.2.1
"""
CHILD = "@ 60 SOA ns.t.example. h.t.example. 1 2 3 4 60\n@ 60 NS ns.example.\n*.k 60 PTR p.k\n"
RDTYPES = st.sampled_from(
    ["A", "A", "A", "TXT", "MX", "NS", "DS", "SOA", "ANY", "NSEC", "RRSIG", "CNAME", "ZONEMD"]
)


@dataclass(frozen=True)
class Asked:
    """Hold one query and the days since the first one."""

    wire: bytes
    days: int


def _missing(labels: list[str], ending: str) -> Name:
    return name(".".join([*labels, ending.rstrip(".")]).rstrip(".") + ".")


made_up = st.builds(
    _missing,
    st.lists(st.sampled_from(["p", "b", "h", "ns", "q", "z", "yy", "0" * 40]), max_size=3),
    st.sampled_from(["example.", "m.example.", "x.d.example.", "t.example.", "k.t.example.", "."]),
)


@st.composite
def questions(draw: st.DrawFn, zone: RandomZone) -> Asked:
    qname = draw(st.one_of(made_up, qnames_near(zone), names))
    dnssec, edns = draw(st.sampled_from([(True, 0), (True, 0), (False, 0), (False, None)]))
    rdtype, payload = draw(RDTYPES), draw(st.sampled_from([1232, 1232, 512, 800]))
    made = query(qname, rdtype, dnssec=dnssec, edns=edns, payload=payload)
    if edns is not None and draw(st.booleans()):
        made.ednsflags |= COMPACT_OK
    wire = made.to_wire()
    if draw(st.booleans()):
        end = 12 + len(qname.to_wire() or b"")
        wire = wire[:12] + wire[12:end].swapcase() + wire[end:]
    return Asked(wire, draw(st.sampled_from([0, 0, 0, 1, 7, 8, 14, -9])))


def server_of(zone: RandomZone, denial: DenialPolicy, *unsigned: str) -> NameServer:
    texts = {".": ROOT, "example.": zone.text + MORE, "t.example.": CHILD}
    return NameServer(served(texts, *unsigned, denial=denial))


def written(write: ReadyDenials, asked: Asked) -> bytes | None:
    question = pull_question(asked.wire)
    assert question is not None
    answer = write(question, NOW + asked.days * DAY)
    return None if answer is None else asked.wire[:2] + answer.octets(question)


@settings(max_examples=100)
@given(zones, DENIALS, st.sampled_from([(), ("example.",)]), st.data())
def test_what_is_written_is_what_the_nameserver_says(
    zone: RandomZone,
    denial: DenialPolicy,
    unsigned: tuple[str, ...],
    data: st.DataObject,
) -> None:
    server = server_of(zone, denial, *unsigned)
    write = ReadyDenials(server)
    for asked in data.draw(st.lists(questions(zone), min_size=1, max_size=12)):
        octets = written(write, asked)
        if octets is not None:
            assert octets == server.respond(asked.wire, PEER, NOW + asked.days * DAY)


@settings(max_examples=100)
@given(zones, DENIALS, st.data())
def test_what_is_written_of_a_no_is_what_would_be_read_of_it(
    zone: RandomZone, denial: DenialPolicy, data: st.DataObject
) -> None:
    server = server_of(zone, denial)
    for asked in data.draw(st.lists(questions(zone), min_size=1, max_size=4)):
        question = pull_question(asked.wire)
        assert question is not None
        if question.rdtype in LEFT_OUT:
            continue
        served = server.closest(pull_query(asked.wire).question[0])
        assert served is not None
        scope = scope_of(server, served.zone, question)
        if scope is None or not scope.is_denied or way_of(served, question) is not Way.SAME:
            continue
        proof = proof_of(served, question, scope.outcome)
        message = server.respond(asked.wire, TCP_PEER, NOW)
        assert message is not None
        body = write_denial(served, question, proof, scope.rcode, NOW)
        assert body == pull_body(message)


@given(zones, st.data())
def test_a_name_is_found_where_dnspython_has_it(zone: RandomZone, data: st.DataObject) -> None:
    loaded = load(zone.text + MORE, APEX, "example.zone")
    near = st.one_of(made_up, qnames_near(zone), names).filter(lambda one: one.is_subdomain(APEX))
    for qname in data.draw(st.lists(near, min_size=1, max_size=9)):
        bounds = loaded.version.bounds(qname)
        place, cuts = loaded.place(qname), loaded.version.delegations
        assert place.cut == cuts.get_delegation(qname)[0]
        assert place.before == (cuts.get_delegation(bounds.left)[0] or bounds.left)
        assert place.closest_encloser == bounds.closest_encloser
        assert place.exists == (bounds.closest_encloser == qname)
        assert loaded.next_owner(qname) == (bounds.right or APEX)
        assert loaded.is_cut(qname) == (qname in cuts)
        assert (loaded.leaf(qname) is not None) == (qname in loaded.version.nodes)

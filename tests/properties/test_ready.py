"""Whatever is asked, changed, broken or dated: what is ready is what would be said in full."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TypeAlias, cast

import dns.edns
import dns.flags
from dns.name import Name
from dns.rdatatype import RdataType
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from lab.app.answering import Answering
from lab.app.quick import QuickAnswers
from lab.app.server import RunningServer
from lab.core.instant import HOUR, Instant
from lab.core.seams import Fault, Hooks
from lab.faults.servers import ServerRefuses, ServerSilent, ServerSlow, ServerTruncates
from lab.faults.signatures import RrsigExpired
from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.nameserver.event import QueryEvent
from lab.nameserver.exchange import Service
from lab.nameserver.query import Peer, Transport
from lab.nameserver.ready_question import pull_question
from lab.nameserver.server import NameServer
from lab.nameserver.signer import SignatureCache, Signer
from lab.nameserver.tree import plant
from lab.nameserver.zone import Zone, load
from tests.fakes import NOW, keys_of, name, query
from tests.properties.zones import APEX, DS, zones

ADDRESS, ASKER = "127.53.0.2", ("127.0.0.1", 4711)
# Enough at one name that not every answer fits.
MANY = "".join(f'many 60 TXT "{number:0100}"\n' for number in range(13))
TEXT = f"""@ 60 SOA ns h 1 2 3 4 60
@        60 NS    ns
ns       60 A     127.53.0.2
www      60 A     192.0.2.1
www      60 TLSA  3 1 1 {"ab" * 32}
www      60 AAAA  2001:db8::1
*.wild   60 TXT   "made from a wildcard"
alias    60 CNAME www
tree     60 DNAME wild
long     60 DNAME {"x" * 60}.{"y" * 60}.{"z" * 60}.wild
x.ent    60 A     192.0.2.3
child    60 NS    ns.child
ns.child 60 A     127.53.0.3
safe     60 NS    ns.safe
safe     60 DS    {DS}
ns.safe  60 A     127.53.0.4
{MANY}"""
OWNERS = (
    *("", "ns.", "www.", "a.", "a.wild.", "b.a.wild.", "alias.", "tree.", "x.tree.", "y.x.tree."),
    *("long.", f"{'w' * 60}.long.", "ent.", "child.", "x.child.", "safe.", "many."),
    *("no.", "a.no.", "nobody.www.", "*.wild.", r"\000.www."),
)
RDTYPES = st.one_of(
    st.sampled_from(
        ["A", "AAAA", "TLSA", "TXT", "NS", "DS", "SOA", "ANY", "RRSIG", "NSEC", "DNSKEY", "ZONEMD"]
    ),
    st.integers(0, 300).map(lambda number: f"TYPE{number}"),
)
FAULTS = st.sampled_from(
    [
        RrsigExpired(zone=APEX),
        ServerRefuses(zone=APEX),
        ServerSilent(zone=APEX),
        ServerSlow(zone=APEX),
        ServerTruncates(zone=APEX),
    ]
)
OPTIONS: list[list[dns.edns.Option]] = [
    [dns.edns.CookieOption(b"12345678", b"")],
    [dns.edns.CookieOption(b"12345678", b"87654321"), dns.edns.NSIDOption(b"")],
    [dns.edns.GenericOption(dns.edns.OptionType.PADDING, bytes(4))],
]
TIMES = st.integers(-4, 16).map(lambda half_days: 12 * HOUR * half_days)


@dataclass
class Server:
    """Be a running server without sockets: as much of it as ready answers need."""

    zone: Zone
    policy: DenialPolicy
    now: Instant = NOW
    faults: tuple[Fault, ...] = ()
    cache: SignatureCache = field(default_factory=SignatureCache)

    def __post_init__(self) -> None:
        self.reactor, self.port = Clock(), 53
        self.clock = SimpleNamespace(now=lambda: self.now)
        self.desk = SimpleNamespace(secondaries=SimpleNamespace(beside=lambda _address: {}))
        self.begin()
        lab = cast("RunningServer", self)
        self.answering = Answering(lab, 0)
        self.quick = QuickAnswers(lab, self.answering, ADDRESS)

    def begin(self) -> None:
        """Enter the world that zone and faults make."""
        hooks = Hooks(self.faults)
        keys = keys_of(APEX)
        signer = Signer(APEX, keys, denial=self.policy, zonemd=1, hooks=hooks, cache=self.cache)
        zones = plant({APEX: self.zone}, {APEX: signer})
        names = NameServer(zones, Service(identity="ns.example", secrets=(bytes(16),)))
        self.world = SimpleNamespace(name_servers={ADDRESS: names}, sources=zones)

    def in_full(self, wire: bytes) -> bytes | None:
        """Return what is said without anything that is ready."""
        names: NameServer = self.world.name_servers[ADDRESS]
        return names.respond(wire, Peer(*ASKER, Transport.UDP), self.now)

    def ready(self, wire: bytes) -> bytes | None:
        """Return what is said at once; None for nothing."""
        return self.quick()(wire, ASKER)


# Names that somebody makes up, and some that are there, or look odd in octets.
LABELS = st.text("aBmnwxz", min_size=1, max_size=63)
TRICKY = st.sampled_from(
    ["www", "WWW", "*", "ns", "child", "h", "ent", r"\\000", r"\\255", "alone"]
)

Step: TypeAlias = Callable[[Server], None]


def passing(seconds: int) -> Step:
    def step(server: Server) -> None:
        server.now = server.now + seconds

    return step


def breaking(*faults: Fault) -> Step:
    def step(server: Server) -> None:
        server.faults = faults
        server.begin()

    return step


def changing(edit: Callable[[Zone], Zone]) -> Step:
    def step(server: Server) -> None:
        server.zone = edit(server.zone)
        server.begin()

    return step


CHANGES = st.sampled_from(
    [
        lambda zone: zone.with_serial(zone.serial + 1),
        lambda zone: zone.with_records("www 60 A 192.0.2.99", "test"),
        lambda zone: zone.with_records("nobody.www 60 TXT new", "test"),
        lambda zone: zone.with_records("no 60 NS ns.no", "test").with_serial(7),
        lambda zone: zone.without(name("x.ent.example."), RdataType.A).with_serial(8),
        lambda zone: zone.without(name("www.example."), RdataType.A),
    ]
)
STEPS = st.one_of(
    TIMES.map(passing),
    FAULTS.map(breaking),
    st.builds(breaking),
    CHANGES.map(changing),
)


@st.composite
def conversations(draw: st.DrawFn) -> list[bytes]:
    """Draw queries about few names and types, as what is ready is used only by who asks again."""
    owners = draw(st.lists(st.sampled_from(OWNERS), min_size=1, max_size=2))
    rdtypes = draw(st.lists(RDTYPES, min_size=1, max_size=2))
    one = queries_of(st.sampled_from(owners), st.sampled_from(rdtypes))
    return draw(st.lists(one, min_size=2, max_size=6))


@st.composite
def floods(draw: st.DrawFn) -> list[bytes]:
    """Draw queries for many names below one, all else being mostly the same."""
    below = draw(st.sampled_from(["", "www.", "a.wild.", "wild.", "x.child.", "tree.", "other."]))
    labels = draw(st.lists(st.one_of(LABELS, LABELS, TRICKY), min_size=2, max_size=8))
    rdtypes = draw(st.sampled_from([["A"], ["TXT"], ["A", "DS"], ["NSEC", "A"]]))
    few: list[list[int | None]] = [[1232], [None], [512, 1232], [512, None]]
    sizes = draw(st.sampled_from(few))
    wires = []
    for label in labels:
        asked = query(f"{label}.{below}example.", draw(st.sampled_from(rdtypes)), edns=None)
        size = draw(st.sampled_from(sizes))
        if size is not None:
            asked.use_edns(0, 0x8000, size)
        wires.append(asked.to_wire())
    return wires


@st.composite
def queries_of(
    draw: st.DrawFn, owners: st.SearchStrategy[str], rdtypes: st.SearchStrategy[str]
) -> bytes:
    """Draw a query: in any case, of any size, perhaps with options and odd bits."""
    qname = name(f"{draw(owners)}example.")
    change = draw(st.sampled_from([bytes.lower, bytes.lower, bytes.upper, bytes.title]))
    qname = Name([change(one) for one in qname.labels])
    asked = query(qname, draw(rdtypes), edns=None)
    asked.flags |= draw(st.sampled_from([0, 0, 0, *dns.flags.Flag]))
    size = draw(st.sampled_from([None, 0, 512, 700, 900, 1232, 1232, 1232, 4096]))
    if size is not None:
        options = draw(st.sampled_from([[], [], [], [], *OPTIONS]))
        version = draw(st.sampled_from([0] * 9 + [1]))
        flags = draw(st.sampled_from([0x8000, 0x8000, 0x8000, 0xC000, 0, 0x2000, 0x01008000]))
        asked.use_edns(version, flags, size, options=options)
    wire = bytearray(asked.to_wire())
    for _ in range(draw(st.sampled_from([0] * 9 + [1, 2]))):
        wire[draw(st.integers(0, len(wire) - 1))] = draw(st.integers(0, 255))
    return bytes(wire)


def check(server: Server, wires: list[bytes]) -> None:
    for wire in wires:
        ready = server.ready(wire)
        assert ready is None or ready == server.in_full(wire)


@given(
    st.one_of(st.just(TEXT), st.just(TEXT), zones.map(lambda zone: zone.text)),
    st.sampled_from(DenialMode),
    conversations(),
    st.lists(STEPS, max_size=4),
)
def test_a_ready_answer_is_that_of_the_full_way(
    text: str, mode: DenialMode, wires: list[bytes], steps: list[Step]
) -> None:
    server = Server(load(text, APEX, "example.zone"), DenialPolicy(mode))
    check(server, wires)
    for step in steps:
        step(server)
        check(server, wires + wires)
        # Another ID, and another case where nothing is said about it.
        check(server, [b"\x12\x34" + wire[2:] for wire in wires])


@given(st.sampled_from(DenialMode), floods(), st.lists(STEPS, max_size=2), st.data())
def test_names_in_a_lane_are_answered_in_the_full_way(
    mode: DenialMode, wires: list[bytes], steps: list[Step], data: st.DataObject
) -> None:
    server = Server(load(TEXT, APEX, "example.zone"), DenialPolicy(mode))
    check(server, wires)
    for step in steps:
        step(server)
        check(server, data.draw(st.permutations(wires)))
    spoilt = bytearray(data.draw(st.sampled_from(wires)))
    spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    check(server, [bytes(spoilt), bytes(spoilt[: data.draw(st.integers(0, len(spoilt)))])])


@given(queries_of(st.sampled_from(OWNERS), RDTYPES), st.sampled_from(DenialMode))
def test_a_plain_question_has_a_ready_answer(wire: bytes, mode: DenialMode) -> None:
    server = Server(load(TEXT, APEX, "example.zone"), DenialPolicy(mode))
    question = pull_question(wire)
    is_steady = question is not None and question.rdtype != RdataType.ZONEMD
    assert (server.ready(wire) is not None) == is_steady


@given(conversations())
def test_ready_answers_are_counted_like_others(wires: list[bytes]) -> None:
    server = Server(load(TEXT, APEX, "example.zone"), DenialPolicy(DenialMode.NSEC))
    peer = Peer(*ASKER, Transport.UDP)
    in_full = Answering(cast("RunningServer", server), 0).counters
    for wire in (*wires, *wires):
        answer = server.ready(wire)
        if answer is not None:
            in_full(QueryEvent(0, ADDRESS, 53, peer, wire, answer, 1, len(answer)))
    assert server.answering.counters.snapshot() == in_full.snapshot()

"""Random updates agree with a model that is nothing but a dictionary, and are all or nothing."""

from dataclasses import dataclass, field

import dns.message
import dns.name
import dns.rcode
import dns.rdata
from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.update import UpdateMessage
from hypothesis import given
from hypothesis import strategies as st

from lab.nameserver.update import update
from lab.nameserver.zone import Zone, load

APEX = dns.name.from_text("z.")
START = load("@ 60 SOA ns h 10 2 3 4 60\n@ 60 NS ns\n@ 60 NS ns2\n", APEX, "z.zone")
OWNERS = ["z.", "a.z.", "b.z.", "x.b.z.", "*.z."]
TEXTS = {
    "A": ["192.0.2.1", "192.0.2.2", "192.0.2.3"],
    "TXT": ['"x"', '"y"'],
    "CNAME": ["a.z.", "b.z."],
    "NS": ["ns.z.", "ns2.z.", "ns3.z."],
    "SOA": [f"ns.z. h.z. {serial} 2 3 4 60" for serial in (9, 10, 11, 2**31 + 11)],
}
Content = dict[tuple[str, str], tuple[int, frozenset[str]]]


@dataclass
class Model:
    """What RFC 2136 section 3.4.2 says, on a dictionary."""

    content: Content = field(default_factory=dict)

    def types(self, owner: str) -> set[str]:
        return {rdtype for name, rdtype in self.content if name == owner}

    def add(self, owner: str, ttl: int, rdtype: str, text: str) -> None:
        others = self.types(owner) - {rdtype}
        if (rdtype == "CNAME" and others) or "CNAME" in others:
            return
        _, texts = self.content.get((owner, rdtype), (ttl, frozenset()))
        if rdtype == "SOA":
            if owner != "z.":
                return
            (present,) = texts
            ahead = (int(text.split()[2]) - int(present.split()[2])) % 2**32
            if not 0 < ahead < 2**31:
                return
        kept = frozenset() if rdtype in {"CNAME", "SOA"} else texts
        self.content[owner, rdtype] = (ttl, kept | {text})

    def delete(self, owner: str, rdtype: str = "", text: str = "") -> None:
        for one in [rdtype] if rdtype else self.types(owner):
            if (owner, one) not in self.content:
                continue
            ttl, texts = self.content[owner, one]
            left = texts - {text} if text else frozenset()
            kept = owner == "z." and one in {"SOA", "NS"}
            if left and one != "SOA":
                self.content[owner, one] = (ttl, left)
            elif not kept:
                del self.content[owner, one]


def content(zone: Zone) -> Content:
    return {
        (str(name), one.rdtype.name): (one.ttl, frozenset(rdata.to_text() for rdata in one))
        for name, node in zone.version.nodes.items()
        for one in node
    }


def master_file(model: Model) -> str:
    return "".join(
        f"{owner} {ttl} {rdtype} {text}\n"
        for (owner, rdtype), (ttl, texts) in model.content.items()
        for text in texts
    )


def cuts_and_glue(zone: Zone) -> tuple[set[str], dict[str, int]]:
    flags = {str(name): leaf.flags.value for name, leaf in zone.walk()}
    return {str(one) for one in zone.version.delegations}, flags


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, str, int, str, str]:
    kind = draw(st.sampled_from(["add", "add", "delete name", "delete rrset", "delete record"]))
    rdtype = draw(st.sampled_from(sorted(TEXTS)))
    owner = draw(st.sampled_from(OWNERS if rdtype != "NS" else OWNERS[:-1]))
    return (
        kind,
        owner,
        draw(st.sampled_from([60, 61])),
        rdtype,
        draw(st.sampled_from(TEXTS[rdtype])),
    )


def put(message: UpdateMessage, model: Model, line: tuple[str, str, int, str, str]) -> None:
    kind, owner, ttl, rdtype, text = line
    if kind == "add":
        message.add(owner, ttl, rdtype, text)
        model.add(owner, ttl, rdtype, text)
    elif kind == "delete name":
        message.delete(owner)
        model.delete(owner)
    elif kind == "delete rrset":
        message.delete(owner, rdtype)
        model.delete(owner, rdtype)
    else:
        message.delete(owner, rdtype, text)
        model.delete(owner, rdtype, text)


def over_the_wire(message: UpdateMessage) -> UpdateMessage:
    pulled = dns.message.from_wire(message.to_wire())
    assert isinstance(pulled, UpdateMessage)
    return pulled


def anything(_owner: Name, _rdtype: RdataType) -> bool:
    return True


@given(st.lists(st.lists(lines(), max_size=6), max_size=6))
def test_updates_agree_with_the_model(plan: list[list[tuple[str, str, int, str, str]]]) -> None:
    zone, model = START, Model(content(START))
    for part in plan:
        message = UpdateMessage("z.")
        for line in part:
            put(message, model, line)
        outcome = update(zone, over_the_wire(message), anything)
        assert outcome.rcode == dns.rcode.NOERROR, outcome.reason
        before = zone
        zone = outcome.change.applied_to(zone)
        assert content(zone) == model.content
        assert cuts_and_glue(zone) == cuts_and_glue(load(master_file(model), APEX, "again"))
        assert bool(outcome.change) == (content(before) != content(zone))


@given(st.lists(lines(), min_size=1, max_size=6), st.data())
def test_one_line_that_is_refused_leaves_everything(
    part: list[tuple[str, str, int, str, str]], data: st.DataObject
) -> None:
    message = UpdateMessage("z.")
    for line in part:
        put(message, Model(content(START)), line)
    bad = UpdateMessage("z.")
    bad.add("elsewhere.", 60, "A", "192.0.2.1")
    message.update.insert(data.draw(st.integers(0, len(message.update))), bad.update[0])
    outcome = update(START, over_the_wire(message), anything)
    assert outcome.rcode == dns.rcode.NOTZONE
    assert not outcome.change


@given(st.sampled_from(OWNERS), st.sampled_from(["A", "TXT", "NS"]), st.lists(lines(), max_size=5))
def test_of_each_two_opposite_prerequisites_exactly_one_holds(
    owner: str, rdtype: str, part: list[tuple[str, str, int, str, str]]
) -> None:
    message = UpdateMessage("z.")
    for line in part:
        put(message, Model(content(START)), line)
    zone = update(START, over_the_wire(message), anything).change.applied_to(START)
    held = []
    for about in ("present", "absent"):
        for arguments in ((owner,), (owner, rdtype)):
            asking = UpdateMessage("z.")
            getattr(asking, about)(*arguments)
            rcode = update(zone, over_the_wire(asking), anything).rcode
            held.append((arguments, rcode == dns.rcode.NOERROR))
    for arguments in ((owner,), (owner, rdtype)):
        assert sum(is_so for asked, is_so in held if asked == arguments) == 1


def test_a_rdata_is_found_whatever_the_case_of_its_names() -> None:
    message = UpdateMessage("z.")
    rdata = dns.rdata.from_text(RdataClass.IN, RdataType.NS, "NS2.Z.")
    message.delete("Z.", rdata)
    zone = update(START, over_the_wire(message), anything).change.applied_to(START)
    assert content(zone)["z.", "NS"][1] == {"ns.z."}

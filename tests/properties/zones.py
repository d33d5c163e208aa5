"""Random zones, and what they hold according to the definitions: an oracle without any tree."""

from dataclasses import dataclass

from dns.name import Name
from hypothesis import strategies as st

from lab.core.question import Server
from lab.nameserver.denying import DenialPolicy
from lab.nameserver.server import NameServer
from tests.fakes import PLAIN, Internet, name, served

APEX = name("example.")
ROOT_ADDRESS, ADDRESS = "127.53.0.1", "127.53.0.2"
ROOT = f"""
@        60 SOA ns.root. h. 1 2 3 4 60
@        60 NS  ns.root.
ns.root. 60 A   {ROOT_ADDRESS}
example. 60 NS  ns.example.
ns.example. 60 A {ADDRESS}
"""
HEAD = "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns\n"
DS = f"1 13 2 {'ab' * 32}"

LABELS = ("a", "b", "C", "*", "_x", "ns")
labels = st.sampled_from(LABELS)
names = st.lists(labels, min_size=1, max_size=4).map(lambda few: name(".".join([*few, "example."])))

targets = st.one_of(names, st.just(name("away.test.")))


@dataclass(frozen=True)
class Entry:
    """Give the records of one owner: types, and the rdata of a CNAME."""

    types: frozenset[str]
    target: Name | None = None

    def lines(self, owner: Name) -> str:
        rdatas = {
            "A": "192.0.2.1",
            "TXT": '"text"',
            "NS": f"ns.{owner}",
            "DS": DS,
            "CNAME": str(self.target),
        }
        return "".join(f"{owner} 60 {one} {rdatas[one]}\n" for one in sorted(self.types))


ENTRIES = st.one_of(
    st.sampled_from([{"A"}, {"TXT"}, {"A", "TXT"}, {"NS"}, {"NS", "DS"}, {"NS", "A"}]).map(
        lambda types: Entry(frozenset(types))
    ),
    targets.map(lambda target: Entry(frozenset({"CNAME"}), target)),
)


@dataclass(frozen=True)
class RandomZone:
    """Hold the entries of one zone below its apex."""

    entries: dict[Name, Entry]

    @property
    def text(self) -> str:
        return HEAD + "".join(entry.lines(owner) for owner, entry in self.entries.items())

    def cut(self, qname: Name) -> Name | None:
        """Return the topmost delegation at or above *qname*."""
        above = (Name(qname.labels[-count:]) for count in range(len(APEX) + 1, len(qname) + 1))
        return next((one for one in above if "NS" in self.types(one)), None)

    def types(self, owner: Name) -> frozenset[str]:
        if owner == APEX:
            return frozenset({"SOA", "NS", "DNSKEY"})
        return self.entries[owner].types if owner in self.entries else frozenset()

    @property
    def owners(self) -> list[Name]:
        """Return the apex, the authoritative owners and the cuts."""
        return [APEX, *(one for one in self.entries if self.cut(one) in {None, one})]

    def exists(self, qname: Name) -> bool:
        return any(one.is_subdomain(qname) for one in self.owners)

    def source(self, qname: Name) -> Name | None:
        """Return the name whose records answer for *qname*: itself or a wildcard (RFC 4592)."""
        encloser = qname
        while not self.exists(encloser):
            encloser = encloser.parent()
        if encloser == qname:
            return qname
        wildcard = Name((b"*", *encloser.labels))
        return wildcard if self.exists(wildcard) else None

    def end(self, qname: Name, rdtype: str) -> str:
        """Return how a resolution ends: positive, nodata, nxdomain, cut, away or loop."""
        met = set()
        while qname not in met:
            met.add(qname)
            if not qname.is_subdomain(APEX):
                return "nxdomain"  # there is nothing else below the root
            if self.cut(qname) is not None and (rdtype != "DS" or self.cut(qname) != qname):
                return "cut"
            source = self.source(qname)
            if source is None:
                return "nxdomain"
            # The parent holds the DS of this zone.
            types = self.types(source) | ({"DS"} if source == APEX else set())
            if rdtype in types:
                return "positive"
            target = self.entries[source].target if source in self.entries else None
            if target is None:
                return "nodata"
            qname = target
        return "loop"

    def internet(self, denial: DenialPolicy = PLAIN) -> Internet:
        """Return the zone as served, below a root that denies in the same way."""
        zones = served({".": ROOT, "example.": self.text}, denial=denial)
        root, own = zones[name(".")], zones[APEX]
        servers = {
            ROOT_ADDRESS: NameServer({root.apex: root}),
            ADDRESS: NameServer({own.apex: own}),
        }
        return Internet(servers, root, (Server(name("ns.root."), ROOT_ADDRESS),))


def _has_no_wild_cut(zone: RandomZone) -> bool:
    return not any(one.is_wild() and "NS" in zone.types(one) for one in zone.entries)


zones = (
    st.dictionaries(names, ENTRIES, min_size=1, max_size=8).map(RandomZone).filter(_has_no_wild_cut)
)


def qnames_near(zone: RandomZone) -> st.SearchStrategy[Name]:
    """Return names of which most have something to do with *zone*: owners, parents, children."""
    present = st.sampled_from([APEX, *zone.entries])
    parents = present.map(lambda owner: owner if owner == APEX else owner.parent())
    children = st.builds(lambda label, owner: name(f"{label}.{owner}"), labels, present)
    siblings = st.builds(lambda label, owner: name(f"{label}.{owner}"), labels, parents)
    grandchildren = st.builds(lambda label, owner: name(f"{label}.{owner}"), labels, children)
    return st.one_of(present, parents, children, siblings, grandchildren, names)

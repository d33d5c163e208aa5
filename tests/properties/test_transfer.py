"""Whatever is edited, our IXFR leads dnspython's secondary from any version to the newest."""

from dns.rdatatype import RdataType
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.core.errors import ZoneError
from lab.core.rrsets import RRset
from lab.nameserver.history import History, Publications
from lab.nameserver.signer import Signer
from lab.nameserver.tree import plant
from lab.nameserver.zone import Zone, load
from tests.fakes import NOW, keys_of
from tests.properties.zones import APEX, HEAD, names
from tests.transfers import answers, contents, empty, feed, held, xfr_query

START = load(HEAD + "".join(f"k{n} 60 A 192.0.2.{n}\n" for n in range(30)), APEX, "start")
RECORDS = ("A 192.0.2.1", "A 192.0.2.2", 'TXT "x"', 'TXT "y"', "NS ns.b", "CNAME c")

puts = st.tuples(names, st.sampled_from([0, 60, 61]), st.sampled_from(RECORDS))
drops = st.tuples(names, st.sampled_from([RdataType.A, RdataType.TXT, RdataType.NS]))
versions = st.lists(st.lists(st.one_of(puts, drops), max_size=4), min_size=1, max_size=5)


def edited(zone: Zone, edits: list[tuple[object, ...]]) -> Zone:
    for edit in edits:
        try:
            zone = _edited(zone, *edit)
        except ZoneError:
            continue
    return zone


def _edited(zone: Zone, owner: object, *rest: object) -> Zone:
    if len(rest) == 2:
        return zone.with_records(f"{owner} {rest[0]} {rest[1]}\n", "edit")
    return zone.with_changes(_there(zone, owner, rest[0]), [])


def _there(zone: Zone, owner: object, rdtype: object) -> list[RRset]:
    return [one for one in zone.rrsets(owner) if one.rdtype == rdtype]  # type: ignore[arg-type]  # a name of `names`


@settings(max_examples=25)
@given(versions, st.booleans())
def test_every_older_version_becomes_the_newest(
    changes: list[list[tuple[object, ...]]],
    signed: bool,  # noqa: FBT001 drawn by Hypothesis
) -> None:
    publications, zone = Publications(), START
    histories: list[History] = []
    for edits in [[], *changes]:
        zone = edited(zone, edits).with_serial(zone.serial + 1)
        signers = {APEX: Signer(APEX, keys_of(APEX))} if signed else {}
        histories.append(publications.of(plant({APEX: zone}, signers)[APEX], NOW))
    newest = histories[-1]
    for older in histories:
        secondary = empty("example.")
        feed(secondary, answers(xfr_query("example."), older), None)
        serial = older.latest.serial
        if older is not newest:
            feed(secondary, answers(xfr_query("example.", serial), newest), serial)
        assert held(secondary) == contents(newest.latest.rrsets)

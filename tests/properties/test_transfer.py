"""Whatever is edited, our IXFR leads dnspython's secondary from any version to the newest."""

from dns.rdatatype import RdataType
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.core.errors import ZoneError
from lab.core.rrsets import RRset
from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.nameserver.entries import Entry, Key
from lab.nameserver.history import History, Publications, Snapshot
from lab.nameserver.signer import Signer
from lab.nameserver.tree import plant
from lab.nameserver.zone import Zone, load
from tests.fakes import NOW, keys_of
from tests.properties.zones import APEX, HEAD, names
from tests.transfers import answers, contents, empty, feed, held, xfr_query

# They stand between those that are drawn, so that these come and go beside others.
START = load(HEAD + "".join(f"{'_abc'[n % 4]}{n} 60 A 192.0.2.{n}\n" for n in range(30)), APEX, "s")
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


ways = st.sampled_from([None, DenialMode.NSEC, DenialMode.NSEC, DenialMode.NSEC3])


def but_signatures(snapshot: Snapshot) -> dict[Key, Entry | None]:
    return {
        key: None if one.rdtype == RdataType.RRSIG else one for key, one in snapshot.by_key.items()
    }


@settings(max_examples=25)
@given(versions, ways)
def test_every_older_version_becomes_the_newest(
    changes: list[list[tuple[object, ...]]], mode: DenialMode | None
) -> None:
    publications, zone = Publications(), START
    signer = None if mode is None else Signer(APEX, keys_of(APEX), denial=DenialPolicy(mode))
    histories: list[History] = []
    for edits in [[], *changes]:
        zone = edited(zone, edits).with_serial(zone.serial + 1)
        served = plant({APEX: zone}, {} if signer is None else {APEX: signer})[APEX]
        histories.append(publications.of(served, NOW))
        caught_up, whole = histories[-1].latest, Publications().of(served, NOW).latest
        assert but_signatures(caught_up) == but_signatures(whole)
        assert caught_up.size == whole.size
    newest = histories[-1]
    for older in histories:
        secondary = empty("example.")
        feed(secondary, answers(xfr_query("example."), older), None)
        serial = older.latest.serial
        if older is not newest:
            feed(secondary, answers(xfr_query("example.", serial), newest), serial)
        assert held(secondary) == contents(newest.latest.rrsets)

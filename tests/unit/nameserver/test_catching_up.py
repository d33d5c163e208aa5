"""A snapshot that follows a change holds what one that is made anew holds."""

import pytest
from dns.rdatatype import RdataType

from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.nameserver.entries import Entry, Key
from lab.nameserver.history import Publications, Snapshot
from lab.nameserver.signer import Signer
from lab.nameserver.tree import ServedZone, plant
from lab.nameserver.zone import Zone, load
from tests.fakes import NOW, keys_of, name

APEX = name("example.")
ZONE = load(
    "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns\nb 60 A 192.0.2.1\n"
    "d 60 A 192.0.2.2\nns.d 60 A 192.0.2.3\n",
    APEX,
    "example.zone",
)


SIGNERS = {mode: Signer(APEX, keys_of(APEX), denial=DenialPolicy(mode)) for mode in DenialMode}


def signed(zone: Zone, mode: DenialMode) -> ServedZone:
    return plant({APEX: zone}, {APEX: SIGNERS[mode]})[APEX]


def but_signatures(snapshot: Snapshot) -> dict[Key, Entry | None]:
    return {
        key: None if one.rdtype == RdataType.RRSIG else one for key, one in snapshot.by_key.items()
    }


@pytest.mark.parametrize("mode", [DenialMode.NSEC, DenialMode.NSEC3, DenialMode.COMPACT])
@pytest.mark.parametrize(
    "after",
    [
        ZONE,
        ZONE.with_records("b 60 A 192.0.2.9", "another address"),
        ZONE.with_records("c 60 A 192.0.2.9", "another owner"),
        ZONE.with_records("d 60 NS ns.d", "a cut"),
        ZONE.without(name("d.example."), RdataType.A),
    ],
)
def test_who_catches_up_has_what_the_zone_publishes(after: Zone, mode: DenialMode) -> None:
    publications, now = Publications(), signed(after.with_serial(2), mode)
    publications.of(signed(ZONE, mode), NOW)
    caught_up = publications.of(now, NOW).latest
    anew = Publications().of(now, NOW).latest
    assert but_signatures(caught_up) == but_signatures(anew)
    assert caught_up.size == anew.size


def test_an_address_that_changes_signs_no_more_than_itself_and_the_soa() -> None:
    publications = Publications()
    before = publications.of(signed(ZONE, DenialMode.NSEC3), NOW).latest
    after = ZONE.with_changes(ZONE.rrsets(name("b.example.")), []).with_records(
        "b 60 A 192.0.2.9", "another address"
    )
    history = publications.caught_up(signed(after.with_serial(2), DenialMode.NSEC3), NOW)
    assert history is not None
    (step,) = history.steps
    assert (step.since, len(step.removed), len(step.added)) == (before.serial, 4, 4)

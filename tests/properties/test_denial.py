"""For every zone: what does not exist is proved absent, and what exists can never be."""

from dns.name import Name
from dns.rdatatype import RdataType
from hypothesis import assume, given
from hypothesis import strategies as st

from lab.core.checks import Outcome
from lab.core.rrsets import SignedRRset
from lab.core.status import SecurityStatus
from lab.dnssec.nsec import covers, types
from lab.dnssec.rrsig import ZoneKeys
from lab.nameserver.denial import nsec_of
from lab.nameserver.tree import ServedZone
from lab.validator.denial import Evidence, deny_name, deny_type, gather
from lab.validator.settings import Limits
from tests.fakes import NOW, name
from tests.properties.zones import ADDRESS, APEX, RandomZone, names, qnames_near, zones

LIMITS = Limits(denial_rrsets=1000)
RDTYPES = st.sampled_from(["A", "TXT", "CNAME", "DS", "NSEC", "RRSIG"])
STORED = st.sampled_from(["A", "TXT", "DS", "SOA", "AAAA"])


def every_nsec(zone: RandomZone) -> Evidence:
    """Return all that *zone* could ever say about what it does not hold."""
    own = zone_of(zone)
    signer = own.signer
    assert signer is not None
    nsecs: tuple[SignedRRset, ...] = tuple(
        signer.signed(nsec_of(own.zone, owner), NOW) for owner in own.zone.owners()
    )
    return gather(nsecs, ZoneKeys(APEX, signer.keys.dnskeys), NOW, LIMITS)


def zone_of(zone: RandomZone) -> ServedZone:
    return zone.internet().servers[ADDRESS].zones[APEX]


@given(zones, st.data(), STORED)
def test_a_resolution_ends_securely_as_the_zone_says(
    zone: RandomZone, data: st.DataObject, rdtype: str
) -> None:
    internet = zone.internet()
    for qname in data.draw(st.lists(qnames_near(zone), min_size=1, max_size=4, unique=True)):
        end = zone.end(qname, rdtype)
        validation = internet.resolve(qname, rdtype)
        if end in {"cut", "loop"}:
            assert validation.status is not SecurityStatus.BOGUS
            continue
        assert validation.status is SecurityStatus.SECURE, (qname, end)
        assert validation.resolution.require(SecurityStatus.SECURE).kind.value == end


@given(zones, st.data())
def test_what_exists_is_never_denied(zone: RandomZone, data: st.DataObject) -> None:
    evidence = every_nsec(zone)
    present = [one for one in zone.entries if zone.cut(one) in {None, one}]
    assume(present)
    owner = data.draw(st.sampled_from(present))
    held = zone.types(owner) & {"NS", "DS"} if zone.cut(owner) == owner else zone.types(owner)
    assert deny_name(evidence, owner).report.outcome is Outcome.FAILED
    for rdtype in held:
        denial = deny_type(evidence, owner, RdataType.from_text(rdtype))
        assert denial.report.outcome is Outcome.FAILED
    parent = owner if owner == APEX else owner.parent()
    assert deny_name(evidence, parent).report.outcome is Outcome.FAILED


@given(zones, names)
def test_each_name_lies_in_one_gap_or_at_one_owner(zone: RandomZone, qname: Name) -> None:
    own = zone_of(zone).zone
    owners = list(own.owners())
    assert owners == sorted(owners)
    assert set(owners) == set(zone.owners)
    gaps = [one for one in owners if covers(one, own.next_owner(one), qname)]
    assert (qname in owners) != (len(gaps) == 1)


@given(zones, names)
def test_the_place_of_a_name_agrees_with_the_definitions(zone: RandomZone, qname: Name) -> None:
    place = zone_of(zone).zone.place(qname)
    assert place.cut == zone.cut(qname)
    if place.cut is None:
        assert place.exists == zone.exists(qname)
        assert place.before == max(one for one in zone.owners if one <= qname)
        closer = (Name(qname.labels[depth:]) for depth in range(len(qname)))
        assert place.closest_encloser == next(one for one in closer if zone.exists(one))


@given(zones, st.data())
def test_a_bitmap_lists_what_the_zone_is_authoritative_for(
    zone: RandomZone, data: st.DataObject
) -> None:
    own = zone_of(zone).zone
    owner = data.draw(st.sampled_from(zone.owners))
    (nsec,) = nsec_of(own, owner).rdatas
    listed = {one.name for one in types(nsec)}  # type: ignore[arg-type]  # rdata of an NSEC RRset
    held = zone.types(owner) & {"NS", "DS"} if zone.cut(owner) == owner else zone.types(owner)
    assert listed == held | {"NSEC", "RRSIG"}


@given(zones, st.data(), RDTYPES)
def test_what_a_referral_denies_is_only_a_ds(
    zone: RandomZone, data: st.DataObject, rdtype: str
) -> None:
    cuts = [one for one in zone.owners if zone.cut(one) == one]
    assume(cuts)
    cut = data.draw(st.sampled_from(cuts))
    evidence = every_nsec(zone)
    below = name(f"x.{cut}")
    assert deny_name(evidence, below).report.outcome is Outcome.FAILED
    assert deny_type(evidence, below, RdataType.from_text(rdtype)).report.outcome is Outcome.FAILED
    no_ds = deny_type(evidence, cut, RdataType.DS).report.outcome is Outcome.PASSED
    assert no_ds != ("DS" in zone.types(cut))

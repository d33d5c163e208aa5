"""For every zone: what does not exist is proved absent, and what exists can never be."""

from dns.name import Name
from dns.rdatatype import RdataType
from hypothesis import assume, given
from hypothesis import strategies as st

from lab.core.checks import Outcome
from lab.core.rrsets import SignedRRset, group
from lab.core.status import SecurityStatus
from lab.dnssec.nsec import covers, types
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.dnssec.rrsig import ZoneKeys
from lab.nameserver.denial_nsec import nsec_of
from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.nameserver.publication import published
from lab.nameserver.tree import ServedZone
from lab.validator.denial import Evidence, deny_name, deny_type, gather
from lab.validator.effort import Effort
from lab.validator.proof import Finding
from lab.validator.settings import Limits
from tests.fakes import NOW, TCP_PEER, name, query, tell
from tests.properties.zones import ADDRESS, APEX, RandomZone, names, qnames_near, zones

UNDECIDED = {Finding.UNPROVEN, Finding.OPT_OUT}
DENYING = {RdataType.NSEC, RdataType.NSEC3}
DENIALS = st.sampled_from(
    [
        *(DenialPolicy(mode) for mode in DenialMode),
        DenialPolicy(DenialMode.NSEC3, Nsec3Parameters(2, b"salt"), opt_out=True),
    ]
)
LIMITS = Limits(denial_rrsets=1000, verifications_in_all=10000)
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
    return gather(nsecs, ZoneKeys(APEX, signer.keys.dnskeys), NOW, Effort(LIMITS))


def zone_of(zone: RandomZone) -> ServedZone:
    return zone.internet().servers[ADDRESS].zones[APEX]


@given(zones, st.data(), STORED, DENIALS)
def test_a_resolution_ends_securely_as_the_zone_says(
    zone: RandomZone, data: st.DataObject, rdtype: str, denial: DenialPolicy
) -> None:
    internet = zone.internet(denial)
    for qname in data.draw(st.lists(qnames_near(zone), min_size=1, max_size=4, unique=True)):
        end = zone.end(qname, rdtype)
        validation = internet.resolve(qname, rdtype)
        if end in {"cut", "loop"}:
            assert validation.status is not SecurityStatus.BOGUS
            continue
        # RFC 5155 section 9.2: in an Opt-Out span nothing is denied securely.
        good = {SecurityStatus.SECURE}
        if denial.opt_out and end in {"nxdomain", "nodata", "positive"}:
            good.add(SecurityStatus.INSECURE)
        assert validation.status in good, (qname, end)
        assert validation.resolution.require(validation.status).kind.value == end


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


@given(zones, st.data(), DENIALS)
def test_no_answers_together_deny_what_exists(
    zone: RandomZone, data: st.DataObject, denial: DenialPolicy
) -> None:
    internet = zone.internet(denial)
    own = internet.servers[ADDRESS].zones[APEX]
    assert own.signer is not None
    qnames = data.draw(st.lists(qnames_near(zone), min_size=1, max_size=6, unique=True))
    answers = [tell(internet.servers[ADDRESS], query(one, "TXT"), TCP_PEER) for one in qnames]
    proofs = tuple(signed for answer in answers for signed in group(answer.authority))
    chain = tuple(signed for signed in published(own, NOW) if signed.rrset.rdtype in DENYING)
    keys = ZoneKeys(APEX, own.signer.keys.dnskeys)
    effort = Effort(LIMITS)
    for evidence in (gather(proofs, keys, NOW, effort), gather(chain, keys, NOW, effort)):
        for owner in (one for one in zone.entries if zone.cut(one) in {None, one}):
            is_cut = zone.cut(owner) == owner
            assert deny_name(evidence, owner).finding in UNDECIDED
            for rdtype in zone.types(owner) & {"NS", "DS"} if is_cut else zone.types(owner):
                denied = deny_type(evidence, owner, RdataType.from_text(rdtype))
                assert denied.finding in UNDECIDED


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

from dataclasses import dataclass, replace

import pytest
from dns.rdatatype import RdataType

from lab.core.errors import InputError, ZoneError
from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, RRset
from lab.core.seams import Seam
from lab.core.status import SecurityStatus
from lab.world.build import World, build
from lab.world.publishing import with_tlsa
from lab.world.tlsa import tlsa_rrsets
from tests.fakes import PEER, Internet, name, query, tell
from tests.unit.world.small import HIERARCHY, materials

WORLD = build(materials())
OP, BARE = name("op."), name("bare.op.")


def internet(world: World) -> Internet:
    return Internet(world.name_servers, world.served[name(".")], world.hints)


def test_each_address_serves_its_own_zones_only() -> None:
    zones = {address: list(server.zones) for address, server in WORLD.name_servers.items()}
    assert zones == {"127.53.0.1": [name(".")], "127.53.0.2": [OP], "127.53.0.3": [BARE]}


STATUSES = {
    ("js.op.", "A"): SecurityStatus.SECURE,
    ("nobody.op.", "A"): SecurityStatus.SECURE,
    ("_client.js.op.", "TLSA"): SecurityStatus.SECURE,
    ("www.bare.op.", "A"): SecurityStatus.INSECURE,
    ("nobody.bare.op.", "A"): SecurityStatus.INSECURE,
}


@pytest.mark.parametrize(("qname", "rdtype"), STATUSES)
def test_the_chain_holds_from_the_root_down(qname: str, rdtype: str) -> None:
    assert internet(WORLD).resolve(qname, rdtype).status is STATUSES[qname, rdtype]


def test_operators_publish_for_servers_and_clients() -> None:
    owners = [str(one.owner) for one in tlsa_rrsets(materials())]
    assert owners == [
        "_client.js.op.",
        "_8003._tcp.js.op.",
        "_client.as.op.",
        "_8003._tcp.as.op.",
    ]
    assert [str(one.tlsa_owner) for one in WORLD.endpoints] == [owners[1], owners[3]]


def test_tlsa_records_at_an_apex_stand_in_the_child() -> None:
    given = materials()
    operator = given.operators[0]
    identity = replace(operator.identities[0], client=OP)
    changed = replace(operator, identities=(identity, *operator.identities[1:]))
    world = build(replace(given, operators=(changed, *given.operators[1:])))
    assert world.served[OP].zone.rrset(OP, RdataType.TLSA) is not None
    assert world.served[name(".")].zone.rrset(OP, RdataType.TLSA) is None


def test_a_world_without_root_is_refused() -> None:
    given = materials()
    with pytest.raises(ZoneError, match="every walk starts at the root"):
        build(replace(given, configs=given.configs[1:]))


def test_a_master_file_is_named_when_it_is_wrong() -> None:
    given = materials()
    with pytest.raises(ZoneError, match=r"op\.zone:1"):
        build(replace(given, texts={**given.texts, OP: "@ 60 A x\n"}))


def test_the_anchor_is_the_roots_key_signing_key() -> None:
    (dnskey,) = WORLD.anchor.dnskeys
    assert dnskey.flags & 1
    assert len(WORLD.anchor.ds) == 1
    assert "ksk" not in HIERARCHY  # it is the default


def test_identities_are_found_by_name() -> None:
    assert WORLD.identity("op.js").host == name("js.op.")
    with pytest.raises(InputError, match=r"unknown identity 'x'; known are op.js, op.as, guest.ns"):
        WORLD.identity("x")


@dataclass(frozen=True)
class Blank:
    """Take every TTL away."""

    seams: tuple[Seam[RRset], ...] = (PUBLISHED_RRSET,)

    def acts_in(self, _apex: object) -> bool:
        return True

    def apply(self, value: RRset, _now: Instant) -> RRset:
        return replace(value, ttl=0)


def test_a_fault_acts_until_it_is_taken_away() -> None:
    faulty = WORLD.with_fault(Blank())
    for world, ttl in ((WORLD, 60), (faulty, 0), (faulty.without_faults(), 60)):
        message = tell(world.name_servers["127.53.0.2"], query("js.op."), PEER)
        assert message.answer[0].ttl == ttl


def test_records_come_and_go_in_another_world() -> None:
    more = WORLD.with_records(OP, "new 60 A 192.0.2.9\n")
    assert internet(more).resolve("new.op.").status is SecurityStatus.SECURE
    less = more.without_records(name("new.op."), RdataType.A)
    for world, found in ((WORLD, False), (more, True), (less, False)):
        rrset = world.sources[OP].rrset(name("new.op."), RdataType.A)
        assert (rrset is not None) == found


def test_what_cannot_be_added_is_refused() -> None:
    with pytest.raises(ZoneError, match=r"x. is no zone of this lab; there are ., op., bare.op."):
        WORLD.with_records(name("x."), "a 60 A 192.0.2.1\n")
    with pytest.raises(ZoneError, match=r"records for op.:1"):
        WORLD.with_records(OP, "a 60 A 192\n")
    with pytest.raises(ZoneError, match=r"js.op. has a CNAME and other records"):
        WORLD.with_records(OP, "js 60 CNAME as\n")


UNREMOVABLE = {
    ("nobody.op.", RdataType.A): "there is no RRset nobody.op. A to remove",
    ("js.op.", RdataType.DNSKEY): "there is no RRset js.op. DNSKEY to remove",
    ("op.", RdataType.SOA): "op. is no zone without its SOA record",
}


@pytest.mark.parametrize(("owner", "rdtype"), UNREMOVABLE)
def test_what_cannot_be_removed_is_refused(owner: str, rdtype: RdataType) -> None:
    with pytest.raises(ZoneError, match=UNREMOVABLE[owner, rdtype]):
        WORLD.without_records(name(owner), rdtype)


def test_records_below_a_cut_are_the_childs() -> None:
    less = WORLD.without_records(name("www.bare.op."), RdataType.A)
    assert less.sources[BARE].rrset(name("www.bare.op."), RdataType.A) is None


TLSA = {
    # identity, of server, form: usage selector matching type, owner
    ("op.js", True, ""): ("3 1 1", "_8003._tcp.js.op."),
    ("op.js", False, "0 0 0"): ("0 0 0", "_client.js.op."),
    ("op.as", True, "1 1 2"): ("1 1 2", "_8003._tcp.as.op."),
}


@pytest.mark.parametrize(("identity", "of_server", "form"), TLSA)
def test_an_identity_publishes_what_it_is_told(
    identity: str,
    of_server: bool,  # noqa: FBT001 a case
    form: str,
) -> None:
    start, owner = TLSA[identity, of_server, form]
    world = with_tlsa(WORLD, identity, of_server=of_server, form=form)
    rrset = world.sources[OP].rrset(name(owner), RdataType.TLSA)
    assert rrset is not None
    assert [one.to_text().startswith(start) for one in rrset.rdatas] == [True]


def test_tlsa_records_need_a_form_and_a_server() -> None:
    with pytest.raises(InputError, match=r"guest\.ns publishes nothing of its own"):
        with_tlsa(WORLD, "guest.ns", of_server=False)
    with pytest.raises(InputError, match=r"guest\.ns is a client only"):
        with_tlsa(WORLD, "guest.ns", of_server=True, form="3 1 1")


def test_a_kept_signature_survives_a_change_elsewhere() -> None:
    more = WORLD.with_records(OP, "other 60 A 192.0.2.9\n")
    assert more.signers[OP].cache is WORLD.signers[OP].cache

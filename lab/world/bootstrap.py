"""What a parent makes of a child that asks for its first DS (RFC 9615 section 4).

CDS of a zone without DS is not authentic: anybody may have said it. So the operator of its
nameservers says it once more, below their names, which are secure already. Decides: may the parent
take the DS RRset that is asked for? The answers come in validated. Each is what one nameserver of
the child says; that all of them say the same is not asked here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.NS import NS

from lab.core.checks import Check, Outcome, Report, broken, check, outcome_of
from lab.core.errors import InputError
from lab.core.rrsets import SignedRRset
from lab.core.status import SecurityStatus
from lab.dnssec import cds_rules as rules
from lab.dnssec.cds import cds_rrsets, wished_ds
from lab.dnssec.delegation import matches
from lab.nameserver.tree import home_of, parent_of
from lab.validator.resolve import Validation
from lab.world.build import World
from lab.world.parental import Ruling

ASKED = (RdataType.CDS, RdataType.CDNSKEY)


@dataclass(frozen=True, slots=True)
class FirstPetition:
    """Hold what a parent has learnt of a child that has no DS.

    Attributes:
        apex: of the child.
        wishes: the answers to CDS and CDNSKEY at the apex.
        signals: the same below the name of each nameserver of the child.
        dnskey: the answer to DNSKEY.
    """

    apex: Name
    wishes: Mapping[RdataType, Validation]
    signals: Mapping[Name, Mapping[RdataType, Validation]]
    dnskey: Validation


def signal_name(apex: Name, nameserver: Name) -> Name:
    """Return where the operator of *nameserver* speaks for *apex* (RFC 9615 section 3.2)."""
    return Name((b"_dsboot", *apex.labels[:-1], b"_signal", *nameserver.labels))


def with_signal(world: World, apex: Name, nameserver: Name) -> World:
    """Return the world in which CDS and CDNSKEY of *apex* stand below the name of *nameserver*."""
    owner = signal_name(apex, nameserver)
    home = home_of(owner, world.sources)
    assert home is not None, "every name is below the root"
    digests = world.config(apex).policy.ds_digests
    ttl = world.sources[apex].soa.ttl
    said = cds_rrsets(apex, world.signers[apex].keys, digests, ttl)
    copied = [replace(one, owner=owner) for one in said]
    return world.with_source(world.sources[home].with_rrsets(copied))


def with_first_ds(world: World, petition: FirstPetition, ds: tuple[DS, ...]) -> World:
    """Return the world in which the parent publishes the *ds* that it has accepted.

    Raises:
        InputError: the signals were not those of the nameservers to which the parent delegates.
    """
    apex = petition.apex
    parent = parent_of(apex, world.sources)
    assert parent is not None, "the root has no parent that it could ask"
    cut = world.sources[parent].rrset(apex, RdataType.NS)
    # RFC 9615 section 4.2: what an insecure child says of its nameservers is worth nothing; whoever
    # answered in its place would name servers of his own, and vouch for himself.
    if cut is None or {one.target for one in cut.rdatas if isinstance(one, NS)} != set(
        petition.signals
    ):
        raise InputError(f"{apex} names other nameservers than its parent does")
    return world.with_delegation(apex, ds)


def rule_on_first(petition: FirstPetition) -> Ruling:
    """Return what the parent does about *petition*: the DS RRset that it takes, or none."""
    checks = tuple(_checks(petition))
    title = f"{petition.apex}: the first DS"
    if outcome_of(checks) is Outcome.FAILED:
        return Ruling((), Report(title, Outcome.FAILED, "refused", checks))
    cds = _answer(petition.wishes[RdataType.CDS])
    assert cds is not None, "a check has seen it"
    return Ruling(wished_ds(cds.rrset), Report(title, Outcome.PASSED, "accepted", checks))


def _checks(petition: FirstPetition) -> Iterator[Check]:
    apex = petition.apex
    unsigned = {one.status for one in petition.wishes.values()} == {SecurityStatus.INSECURE}
    there = all(_answer(one) is not None for one in petition.wishes.values())
    # RFC 9615 section 4.2 step 1 and 2: no DS yet, and CDS or CDNSKEY at the apex.
    yield check(rules.FIRST_ASKED, unsigned and there, f"{apex} CDS")
    if not petition.signals:
        yield broken(rules.SIGNAL_SECURE, f"{apex} NS")
    for nameserver, said in petition.signals.items():
        # RFC 9615 section 4.2 step 3: the signal is validated, or it is nothing.
        secure = all(_secure(one) for one in said.values())
        subject = f"{signal_name(apex, nameserver)} CDS"
        yield check(rules.SIGNAL_SECURE, secure, subject)
        # RFC 9615 section 4.2 step 4: the same records everywhere, type by type.
        same = all(_rdatas(said[one]) == _rdatas(petition.wishes[one]) for one in ASKED)
        yield check(rules.SIGNAL_AGREES, same, subject)
    # RFC 7344 section 4.1: the delegation must not break.
    yield check(rules.CDS_CONTINUES, _continues(petition), f"{apex} CDS")


def _answer(validation: Validation) -> SignedRRset | None:
    return validation.resolution.require(*SecurityStatus).answer


def _rdatas(validation: Validation) -> frozenset[Rdata]:
    return frozenset(validation.resolution.require(*SecurityStatus).rdatas)


def _secure(validation: Validation) -> bool:
    return validation.status is SecurityStatus.SECURE and _answer(validation) is not None


def _continues(petition: FirstPetition) -> bool:
    """Tell whether a key that would have a DS is there, and has signed the DNSKEY RRset."""
    cds, dnskey = _answer(petition.wishes[RdataType.CDS]), _answer(petition.dnskey)
    if cds is None or dnskey is None:
        return False
    keys = [one for one in dnskey.rrset.rdatas if isinstance(one, DNSKEY)]
    return any(
        matches(ds, petition.apex, key) and ds.key_tag in {one.key_tag for one in dnskey.rrsigs}
        for ds in wished_ds(cds.rrset)
        for key in keys
    )

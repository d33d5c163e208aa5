"""What a parent makes of a child that asks for its first DS (RFC 9615 section 4).

CDS of a zone without DS is not authentic: anybody may have said it. So the operator of its
nameservers says it once more, below their names, which are secure already. Decides: may the parent
take the DS RRset that is asked for? Asking is the business of `world.first_ds`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS

from lab.core.checks import Check, Outcome, Report, broken, check, outcome_of
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.question import Exchange
from lab.core.rrsets import SignedRRset
from lab.core.status import SecurityStatus
from lab.dnssec import cds_rules as rules
from lab.dnssec.cds import cds_rrsets, wished_ds
from lab.nameserver.tree import home_of
from lab.validator.resolve import Validation
from lab.validator.settings import Settings
from lab.world.build import World
from lab.world.parental import Ruling, agree, continues

ASKED = (RdataType.CDS, RdataType.CDNSKEY)


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Hold what one nameserver of the child answers when it is asked itself.

    Attributes:
        server: name and address, or why it could not be asked.
        said: its CDS, CDNSKEY and DNSKEY RRsets, not validated; what it does not give is missing.
        exchanges: the questions and answers.
    """

    server: str
    said: Mapping[RdataType, SignedRRset]
    exchanges: tuple[Exchange, ...] = ()

    @property
    def wishes(self) -> Mapping[RdataType, frozenset[Rdata]]:
        """Return the records by which it asks for a DS, by type."""
        return {one: frozenset(self.said[one].rrset.rdatas) for one in ASKED if one in self.said}


@dataclass(frozen=True, slots=True)
class FirstPetition:
    """Hold what a parent has learnt of a child that has no DS.

    Attributes:
        apex: of the child.
        ds: what the parent publishes now.
        own: the words of each nameserver to which the parent delegates.
        signals: the validated answers to CDS and CDNSKEY below the names of these nameservers.
    """

    apex: Name
    ds: tuple[DS, ...]
    own: tuple[OwnWords, ...]
    signals: Mapping[Name, Mapping[RdataType, Validation]]

    @property
    def wish(self) -> OwnWords | None:
        """Return the words of the first nameserver that asks by both types; None if none does."""
        return next((one for one in self.own if set(one.wishes) == set(ASKED)), None)


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


def rule_on_first(petition: FirstPetition, settings: Settings, now: Instant) -> Ruling:
    """Return what the parent does about *petition*: the DS RRset that it takes, or what it has."""
    wish = petition.wish
    # RFC 9615 section 4.2 step 1: no DS yet, and CDS and CDNSKEY at the apex.
    asked = check(rules.FIRST_ASKED, wish is not None and not petition.ds, f"{petition.apex} CDS")
    more = () if wish is None else _checks(petition, wish, settings, now)
    checks = (asked, *more)
    title = f"{petition.apex}: the first DS"
    exchanges = tuple(asked for one in petition.own for asked in one.exchanges)
    if wish is None or outcome_of(checks) is Outcome.FAILED:
        refused = Report(title, Outcome.FAILED, "refused", checks, exchanges=exchanges)
        return Ruling(petition.ds, refused)
    accepted = Report(title, Outcome.PASSED, "accepted", checks, exchanges=exchanges)
    return Ruling(wished_ds(wish.said[RdataType.CDS].rrset), accepted)


def _checks(
    petition: FirstPetition, wish: OwnWords, settings: Settings, now: Instant
) -> Iterator[Check]:
    apex = petition.apex
    # RFC 9615 section 4.2 step 2: each nameserver of the delegation is asked itself.
    for one in petition.own:
        subject, same = f"{apex} CDS @ {one.server}", one.wishes == wish.wishes
        yield check(rules.FIRST_SAME, same, subject, server=one.server)
    if not petition.signals:
        yield broken(rules.SIGNAL_SECURE, f"{apex} NS")
    for nameserver, said in petition.signals.items():
        # RFC 9615 section 4.2 step 3: the signal is validated, or it is nothing.
        secure = all(_secure(one) for one in said.values())
        subject = f"{signal_name(apex, nameserver)} CDS"
        yield check(rules.SIGNAL_SECURE, secure, subject, nameserver=str(nameserver))
        # RFC 9615 section 4.2 step 4: the same records everywhere, type by type.
        same = all(_rdatas(said[one]) == wish.wishes[one] for one in ASKED)
        yield check(rules.SIGNAL_AGREES, same, subject, nameserver=str(nameserver))
    cds, cdnskey = (wish.said[one].rrset for one in ASKED)
    # RFC 7344 section 4: if both are there, they must match in content.
    yield check(rules.CDS_AGREES, agree(apex, cds, cdnskey), f"{apex} CDS")
    # RFC 7344 section 4.1: the delegation must not break, whichever nameserver one asks.
    for one in petition.own:
        dnskey = one.said.get(RdataType.DNSKEY)
        continued = continues(apex, wished_ds(cds), dnskey, settings, now)
        subject = f"{apex} DNSKEY @ {one.server}"
        yield check(rules.CDS_CONTINUES, continued, subject, server=one.server)


def _rdatas(validation: Validation) -> frozenset[Rdata]:
    return frozenset(validation.resolution.require(*SecurityStatus).rdatas)


def _secure(validation: Validation) -> bool:
    return validation.status is SecurityStatus.SECURE and bool(_rdatas(validation))

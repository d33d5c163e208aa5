"""What a parent makes of the CDS and CDNSKEY RRsets of its child (RFC 7344 section 4.1, RFC 8078).

Decides: may the DS RRset become what the child asks for? The answers of the child's nameservers
come in validated; fetching them is the business of `app.household`.
"""

from collections.abc import Iterable, Iterator
from typing import cast

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CDNSKEY import CDNSKEY
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from lab.core.checks import Check, Outcome, Report, check, outcome_of
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import RRset, SignedRRset
from lab.core.status import SecurityStatus
from lab.dnssec import cds_rules as rules
from lab.dnssec.algorithms import DIGESTS
from lab.dnssec.cds import wished_ds, wishes_no_ds
from lab.dnssec.delegation import make_ds, matches
from lab.dnssec.rrsig import ZoneKeys
from lab.validator.chain import judge_keys
from lab.validator.effort import Effort
from lab.validator.entry import Entry
from lab.validator.resolve import Validation
from lab.validator.rrset import judge_rrset
from lab.validator.settings import Settings


@dataclass(frozen=True, slots=True)
class Petition:
    """Hold what a parent has learnt of its child.

    Attributes:
        apex: of the child.
        ds: the DS RRset that the parent publishes now.
        cds: the validated answer to CDS.
        cdnskey: the same for CDNSKEY.
        dnskey: the same for DNSKEY.
    """

    apex: Name
    ds: tuple[DS, ...]
    cds: Validation
    cdnskey: Validation
    dnskey: Validation


@dataclass(frozen=True, slots=True)
class Ruling:
    """Tell what the parent does.

    Attributes:
        ds: the DS RRset from now on; empty: the child becomes insecure, as it asked.
        report: what was checked.
    """

    ds: tuple[DS, ...]
    report: Report


def rule_on(petition: Petition, settings: Settings, now: Instant) -> Ruling:
    """Return what the parent does about *petition*: what it asks for, or nothing."""
    cds, dnskey = _answer(petition.cds), _answer(petition.dnskey)
    subject = f"{petition.apex} CDS"
    secure = check(rules.CDS_SECURE, cds is not None, subject, status=petition.cds.status.value)
    if cds is None or dnskey is None:
        return _refused(petition, (secure,))
    checks = (secure, *_checks(petition, cds, dnskey, settings, now))
    if outcome_of(checks) is Outcome.FAILED:
        return _refused(petition, checks)
    wished = tuple(sorted(wished_ds(cds.rrset), key=_order))
    if set(wished) == set(petition.ds):
        return Ruling(petition.ds, Report(subject, Outcome.PASSED, "nothing to change", checks))
    tags = ", ".join(str(one.key_tag) for one in wished) or "none"
    return Ruling(wished, Report(subject, Outcome.PASSED, f"DS is now {tags}", checks))


def _order(ds: DS) -> tuple[int, int]:
    return ds.key_tag, ds.digest_type


def _refused(petition: Petition, checks: tuple[Check, ...]) -> Ruling:
    report = Report(f"{petition.apex} CDS", Outcome.FAILED, "the DS RRset stays", checks)
    return Ruling(petition.ds, report)


def _answer(validation: Validation) -> SignedRRset | None:
    if validation.status is not SecurityStatus.SECURE:
        return None
    return validation.resolution.require(SecurityStatus.SECURE).answer


def _checks(
    petition: Petition, cds: SignedRRset, dnskey: SignedRRset, settings: Settings, now: Instant
) -> Iterator[Check]:
    apex, subject = petition.apex, f"{petition.apex} CDS"
    wished = wished_ds(cds.rrset)
    asked = ", ".join(str(one.key_tag) for one in wished) or "none (delete)"
    # RFC 7344 section 4: if both are there, they must match in content.
    cdnskey = _answer(petition.cdnskey)
    agrees = cdnskey is not None and agree(apex, cds.rrset, cdnskey.rrset)
    yield check(rules.CDS_AGREES, agrees, subject, asked=asked)
    # RFC 7344 section 4.1: signed by a key that DNSKEY and DS RRset both know.
    named = _named(apex, petition.ds, dnskey.rrset.rdatas)
    keys = ZoneKeys(apex, named, settings.algorithms)
    signed = judge_rrset(cds, keys, now, Effort(settings.limits)).valid
    tags = ", ".join(str(one.key_tag) for one in petition.ds) or "none"
    yield check(rules.CDS_SIGNED_BY_DS, signed, subject, ds=tags)
    # RFC 7344 section 4.1: the delegation must not break; the delete form means to end it.
    continued = wishes_no_ds(cds.rrset) or continues(apex, wished, dnskey, settings, now)
    yield check(rules.CDS_CONTINUES, continued, subject, asked=asked)


def continues(
    apex: Name,
    wished: tuple[DS, ...],
    dnskey: SignedRRset | None,
    settings: Settings,
    now: Instant,
) -> bool:
    """Tell whether *wished* would be entered by: a key that it names has signed all the keys."""
    link = judge_keys(Entry(apex, wished), dnskey, settings, now)
    return link.status is SecurityStatus.SECURE


def _named(apex: Name, ds: tuple[DS, ...], rdatas: Iterable[Rdata]) -> tuple[DNSKEY, ...]:
    known = [one for one in ds if one.digest_type in DIGESTS]
    keys = (one for one in rdatas if isinstance(one, DNSKEY))
    return tuple(key for key in keys if any(matches(one, apex, key) for one in known))


def _facts(ds: DS) -> tuple[int, int, int, bytes]:
    return ds.key_tag, ds.algorithm, ds.digest_type, ds.digest


def agree(apex: Name, cds: RRset, cdnskey: RRset) -> bool:
    """Tell whether both RRsets of the child *apex* ask for the same."""
    if wishes_no_ds(cds):
        return cast("CDNSKEY", cdnskey.rdatas[0]).algorithm == 0
    wished = wished_ds(cds)
    keys = [one for one in cdnskey.rdatas if isinstance(one, CDNSKEY)]
    types = {one.digest_type for one in wished}
    made = {_facts(make_ds(apex, _as_dnskey(key), digest)) for key in keys for digest in types}
    return {_facts(one) for one in wished} == made


def _as_dnskey(key: CDNSKEY) -> DNSKEY:
    return DNSKEY(key.rdclass, RdataType.DNSKEY, key.flags, key.protocol, key.algorithm, key.key)

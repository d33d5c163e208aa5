"""The lab's public CA: what it asks the DNS before it issues, through the validator.

The tree is climbed as RFC 8659 section 3 says. The decision itself is `pki.issuance`.
"""

import dns.name
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CAA import CAA
from dns.rdtypes.ANY.TXT import TXT

from lab.core.checks import Outcome, Report
from lab.core.dialogue import Dialogue
from lab.core.instant import Instant
from lab.core.question import Question, Response
from lab.core.status import SecurityStatus, worst
from lab.pki.caa import Caa
from lab.pki.issuance import (
    IssuancePolicy,
    Looked,
    NameEvidence,
    Order,
    bare,
    decided,
    judge_form,
    judge_name,
)
from lab.validator.resolve import Resolution, ResolutionKind, Validation, resolve
from lab.validator.settings import Settings

CHALLENGE = "_acme-challenge"
PUBLIC_CA = IssuancePolicy("public-ca.example")

Asking = Dialogue[Question, Response, Looked]


def consider(
    order: Order, policy: IssuancePolicy, settings: Settings, now: Instant
) -> Dialogue[Question, Response, Report]:
    """Decide about *order*; an order of the wrong form costs no lookup."""
    form = judge_form(order, policy)
    if form.outcome is Outcome.FAILED:
        return decided(order, policy, (form,))
    parts = [form]
    for name in order.names:
        holder = dns.name.from_text(bare(name))
        control = yield from _control(holder, settings, now)
        caa = yield from find_caa(holder, settings, now)
        parts.append(judge_name(order, name, NameEvidence(control, caa), policy))
    return decided(order, policy, tuple(parts))


def _control(name: Name, settings: Settings, now: Instant) -> Asking:
    owner = dns.name.Name((CHALLENGE.encode(), *name.labels))
    validation = yield from resolve(owner, RdataType.TXT, settings, now)
    texts = tuple(
        b"".join(one.strings).decode("utf-8", "replace")
        for one in _resolution(validation).rdatas
        if isinstance(one, TXT)
    )
    return Looked(_status(validation), texts, report=validation.report)


def find_caa(name: Name, settings: Settings, now: Instant) -> Asking:
    """Return the relevant CAA RRset: that of *name*, or of its closest ancestor that has one."""
    statuses: list[SecurityStatus] = []
    parts: list[Report] = []
    while True:
        validation = yield from resolve(name, RdataType.CAA, settings, now)
        statuses.append(_status(validation))
        parts.append(validation.report)
        records = _records(_resolution(validation))
        # RFC 8659 section 3: the root itself is never asked. A lookup that fails ends the climb:
        # nobody knows what would have stood there.
        usable = statuses[-1] in {SecurityStatus.SECURE, SecurityStatus.INSECURE}
        if records or not usable or name.parent() == dns.name.root:
            return Looked(worst(statuses), caa=records, report=_climbed(parts, name))
        name = name.parent()


def _climbed(parts: list[Report], name: Name) -> Report:
    outcome = parts[-1].outcome
    return Report("CAA, from the name upwards", outcome, f"ended at {name}", parts=tuple(parts))


def _resolution(validation: Validation) -> Resolution:
    # The status travels on beside the records.
    return validation.resolution.require(*SecurityStatus)


def _status(validation: Validation) -> SecurityStatus:
    # A server failure is no answer, whatever DNSSEC says (RFC 8659 section 3).
    if _resolution(validation).kind is ResolutionKind.FAILURE:
        return worst((validation.status, SecurityStatus.INDETERMINATE))
    return validation.status


def _records(resolution: Resolution) -> tuple[Caa, ...]:
    return tuple(
        Caa(one.flags, one.tag.decode().lower(), one.value.decode("utf-8", "replace"))
        for one in resolution.rdatas
        if isinstance(one, CAA)
    )

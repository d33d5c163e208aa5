"""What a public CA of the web demands before it issues: form of the names, control, CAA.

A pure decision with all its reasons; who asks the DNS for the evidence is `world.public_ca`. The
limits are those of a well-known free CA: ten labels, so no name made of a JoinEUI gets in.
"""

import base64
import re
from collections.abc import Iterator
from hashlib import sha256

from lab.core.checks import Check, Outcome, Report, check, not_reached, outcome_of
from lab.core.frozen import dataclass
from lab.core.status import SecurityStatus
from lab.pki import issuance_rules as rules
from lab.pki.caa import Caa, judge_caa

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.IGNORECASE)
_MAX_NAME, _MAX_LABEL = 253, 63
# RFC 5280 appendix A.1: ub-common-name.
_MAX_COMMON_NAME = 64
_WILDCARD = "*"
_USABLE = {SecurityStatus.SECURE, SecurityStatus.INSECURE}


@dataclass(frozen=True, slots=True)
class IssuancePolicy:
    """Describe one public CA.

    Attributes:
        domain: by which CAA records name it.
        max_labels: in one name.
        max_names: in one order.
    """

    domain: str
    max_labels: int = 10
    max_names: int = 100


@dataclass(frozen=True, slots=True)
class Order:
    """Say what somebody asks for.

    Attributes:
        account: who asks; the proof of control is bound to it.
        names: dNSNames; a wildcard is allowed as the whole first label.
        common_name: empty: names in subjectAltName only.
    """

    account: str
    names: tuple[str, ...]
    common_name: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """Hold what the DNS said about one name, for one purpose.

    Attributes:
        status: of the answer.
        texts: the TXT records at _acme-challenge, or none.
        caa: the relevant CAA RRset, or none.
        report: the evidence of the validation.
    """

    status: SecurityStatus
    texts: tuple[str, ...] = ()
    caa: tuple[Caa, ...] = ()
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class NameEvidence:
    """Hold what the DNS said about one name.

    Attributes:
        control: at _acme-challenge.
        caa: at the name or above.
    """

    control: Looked
    caa: Looked


def proof(account: str, name: str) -> str:
    """Return the TXT record by which *account* shows that it controls *name*.

    As in RFC 8555 section 8.4: base64url of SHA-256; the token is made of account and name, so that
    a lesson can be repeated.
    """
    digest = sha256(f"{account}.{bare(name)}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def bare(name: str) -> str:
    """Return *name* without a wildcard: where control and CAA are looked up."""
    return name.removeprefix(f"{_WILDCARD}.").lower()


def judge_form(order: Order, policy: IssuancePolicy) -> Report:
    """Return whether *order* can be fulfilled at all, before the DNS is asked."""
    checks = tuple(_form(order, policy))
    return _report(f"order of {order.account}", checks)


def _form(order: Order, policy: IssuancePolicy) -> Iterator[Check]:
    count = len(order.names)
    yield check(
        rules.NAMES, 0 < count <= policy.max_names, "order", names=count, allowed=policy.max_names
    )
    for name in order.names:
        labels = name.split(".")
        yield check(
            rules.LABELS,
            len(labels) <= policy.max_labels,
            name,
            labels=len(labels),
            allowed=policy.max_labels,
        )
        longest = max(map(len, labels))
        fits = len(name) <= _MAX_NAME and longest <= _MAX_LABEL
        yield check(rules.LENGTH, fits, name, length=len(name), longest_label=longest)
        plain = bare(name).split(".")
        yield check(rules.SYNTAX, all(map(_LABEL.fullmatch, plain)), name)
    if order.common_name:
        fits = len(order.common_name) <= _MAX_COMMON_NAME
        yield check(rules.COMMON_NAME, fits, order.common_name, length=len(order.common_name))


def judge_name(order: Order, name: str, evidence: NameEvidence, policy: IssuancePolicy) -> Report:
    """Return whether *order* may have *name*, after the DNS was asked."""
    parts = tuple(one for one in (evidence.control.report, evidence.caa.report) if one is not None)
    return _report(name, tuple(_evidence(order, name, evidence, policy)), parts)


def _evidence(
    order: Order, name: str, evidence: NameEvidence, policy: IssuancePolicy
) -> Iterator[Check]:
    for where, looked in (("control", evidence.control), ("CAA", evidence.caa)):
        usable = looked.status in _USABLE
        yield check(rules.AUTHENTIC, usable, f"{name}, {where}", status=looked.status.value)
        if not usable:
            yield not_reached(rules.CAA_PERMITS if where == "CAA" else rules.CONTROL, name)
        elif where == "CAA":
            yield from judge_caa(name, looked.caa, policy.domain)
        else:
            wanted = proof(order.account, name)
            found = ", ".join(looked.texts) or "nothing"
            yield check(rules.CONTROL, wanted in looked.texts, name, wanted=wanted, found=found)


def decided(order: Order, policy: IssuancePolicy, parts: tuple[Report, ...]) -> Report:
    """Return the decision of the CA about *order*, which *parts* led to."""
    title = f"{policy.domain} about an order of {order.account} for {', '.join(order.names)}"
    if any(one.outcome is Outcome.FAILED for one in parts):
        return Report(title, Outcome.FAILED, "refused", parts=parts)
    return Report(title, Outcome.PASSED, "issued", parts=parts)


def _report(title: str, checks: tuple[Check, ...], parts: tuple[Report, ...] = ()) -> Report:
    outcome = outcome_of(checks)
    conclusion = "good" if outcome is Outcome.PASSED else "refused"
    return Report(title, outcome, conclusion, checks, parts)

"""What a diagnostic client found: as JSON, and as a few lines for the terminal.

Answers what users of DANE ask: which address, which record, which chain, and why not the others.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from cryptography import x509
from rich.console import Group
from rich.table import Table
from rich.text import Text

from lab.core.instant import Instant
from lab.dane.decision import Decision, Verdict
from lab.dane.matching import Match
from lab.dane.text import described, presentation
from lab.dane.tlsa import TlsaRecord
from lab.dane.usages import Fate, RecordVerdict
from lab.present.json import report_to_json
from lab.tls.inspection import Attempt, Inspection

_SHOWN = 16
_STYLES = {Fate.MATCH: "green", Fate.MISMATCH: "bold red"}


def inspections_to_json(found: Iterable[Inspection]) -> dict[str, Any]:
    """Return what was found as JSON: one entry for each place of the service."""
    return {"endpoints": [_inspection(one) for one in found]}


def _inspection(found: Inspection) -> dict[str, Any]:
    endpoint = found.endpoint
    return {
        "host": str(endpoint.host),
        "port": endpoint.port,
        "transport": endpoint.transport,
        "dns_status": endpoint.status.value,
        "tlsa_base_domain": str(found.base),
        "tlsa_owner": str(found.evidence.owner),
        "tlsa_status": found.evidence.dns_status.value,
        "tlsa": [presentation(one) for one in found.evidence.secure_records()],
        "certificate_names": [str(one) for one in endpoint.names],
        "addresses": [_attempt(one) for one in found.attempts],
        **decision_to_json(found.verdict),
    }


def decision_to_json(decision: Decision) -> dict[str, Any]:
    """Return a decision with the fate of each record and its whole report."""
    return {
        "verdict": decision.verdict.value,
        "situation": None if decision.situation is None else decision.situation.name.lower(),
        "reason": decision.reason,
        "identity": None if decision.identity is None else str(decision.identity),
        "records": [] if decision.match is None else records_to_json(decision.match),
        "report": report_to_json(decision.report),
    }


def records_to_json(match: Match) -> list[dict[str, Any]]:
    """Return what became of each record: which one matched, and why the others did not."""
    return [
        {
            "record": presentation(one.record),
            "fate": one.fate.value,
            "depth": one.depth if one.vouches else None,
            "why": one.why,
        }
        for one in match.verdicts
    ]


def _attempt(attempt: Attempt) -> dict[str, Any]:
    probed = attempt.probed
    return {
        "address": attempt.address,
        "problem": attempt.problem,
        "tls": None if probed is None else {"version": probed.version, "cipher": probed.cipher},
        "chain": [] if probed is None else chain_to_json(probed.presented.chain),
        "raw_public_key": None if probed is None else probed.presented.key.hex() or None,
        "verdict": None if attempt.decision is None else attempt.decision.verdict.value,
    }


def chain_to_json(chain: Iterable[x509.Certificate]) -> list[dict[str, Any]]:
    """Return what certificates say of themselves."""
    return [
        {
            "depth": depth,
            "subject": _subject(one),
            "issuer": _issuer(one),
            "not_before": int(one.not_valid_before_utc.timestamp()),
            "not_after": int(one.not_valid_after_utc.timestamp()),
        }
        for depth, one in enumerate(chain)
    ]


def _subject(certificate: x509.Certificate) -> str:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = extension.value.get_values_for_type(x509.DNSName)
        return ", ".join(names) or certificate.subject.rfc4514_string()
    except x509.ExtensionNotFound:
        return certificate.subject.rfc4514_string()
    except ValueError:
        return "(unreadable)"


def _issuer(certificate: x509.Certificate) -> str:
    try:
        return certificate.issuer.rfc4514_string()
    except ValueError:
        return "(unreadable)"


def match_to_json(match: Match) -> dict[str, Any]:
    """Return the verdict of a TLSA RRset about a chain."""
    return {
        "authenticated": match.authenticated,
        "conclusion": match.report.conclusion,
        "depth": match.depth if match.authenticated else None,
        "usage": None if match.usage is None else int(match.usage),
        "records": records_to_json(match),
        "report": report_to_json(match.report),
    }


def records_document(found: Iterable[Inspection]) -> dict[str, Any]:
    """Return the fate of the records at each place of a service."""
    return {
        "endpoints": [
            {
                "tlsa_owner": str(one.evidence.owner),
                "tlsa_status": one.evidence.dns_status.value,
                "verdict": one.verdict.verdict.value,
                "reason": one.verdict.reason,
                "records": [] if one.verdict.match is None else records_to_json(one.verdict.match),
            }
            for one in found
        ]
    }


def render_inspection(found: Inspection, *, with_dane: bool = True) -> Group:
    """Return what was found at one place as something that a rich console can print."""
    endpoint = found.endpoint
    place = Text(f"{_plain(endpoint.host)} port {endpoint.port} ({endpoint.transport})", "bold")
    addresses = ", ".join(endpoint.addresses) or "none"
    where = Text(f"  address      {addresses}  {endpoint.status.value}")
    shown = (line for one in found.attempts for line in _attempt_lines(one))
    return Group(place, where, *shown, *(_dane_lines(found) if with_dane else ()))


def render_records(found: Inspection) -> Group:
    """Return the fate of the records at one place, with no more than is needed."""
    return Group(*_dane_lines(found))


def _dane_lines(found: Inspection) -> Iterator[Text | Table]:
    evidence = found.evidence
    records = evidence.secure_records()
    count = {0: "", 1: ", 1 record"}.get(len(records), f", {len(records)} records")
    yield Text(f"  TLSA         {evidence.owner}  {evidence.dns_status.value}{count}")
    if found.verdict.match is None:
        for one in records:
            yield Text(f"  record       {short(one)}")
    else:
        yield records_table(found.verdict.match)
    yield verdict_line(found.verdict)


def _attempt_lines(attempt: Attempt) -> Iterator[Text]:
    if attempt.probed is None:
        yield Text(f"  {attempt.address}  no TLS: {attempt.problem}", "bold red")
        return
    yield Text(f"  {attempt.address}  {attempt.probed.version}, {attempt.probed.cipher}")
    yield from chain_lines(attempt.probed.presented.chain)
    if attempt.probed.presented.key:
        digest = sha256(attempt.probed.presented.key).hexdigest()
        yield Text(f"    raw public key  SHA2-256 {digest}")


def chain_lines(chain: Iterable[x509.Certificate]) -> Iterator[Text]:
    """Iterate over one line for each certificate."""
    for depth, one in enumerate(chain):
        until = Instant(one.not_valid_after_utc.timestamp())
        yield Text(f"    depth {depth}    {_subject(one)}  by {_issuer(one)}  until {until}")


def records_table(match: Match) -> Table:
    """Return a line for each record: its fate, and why."""
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 2))
    for one in match.verdicts:
        table.add_row(_fate(one), short(one.record), described(one.record), one.why)
    return table


def _fate(one: RecordVerdict) -> Text:
    return Text(one.fate.value, _STYLES.get(one.fate, "yellow"))


def short(record: TlsaRecord) -> str:
    """Return the numbers of *record* and the start of its data."""
    text = presentation(record)
    numbers = f"{record.usage} {record.selector} {record.matching} "
    shown = len(numbers) + _SHOWN
    return text if len(text) <= shown else f"{text[:shown]}…"


def verdict_line(decision: Decision) -> Text:
    """Return the verdict, with the name or the reason."""
    if decision.verdict is Verdict.ACCEPT and decision.identity is not None:
        return Text(f"  verdict      accept: authenticated as {_plain(decision.identity)}", "green")
    style = "bold red" if decision.verdict is Verdict.ABORT else "yellow"
    return Text(f"  verdict      {decision.verdict.value}: {decision.reason}", style)


def _plain(name: object) -> str:
    return str(name).rstrip(".")

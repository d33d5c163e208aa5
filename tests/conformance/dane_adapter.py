"""Give verdicts of `lab.dane.matching` on cases in JSON: one a line in, one a line out."""

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import dns.name
from cryptography import x509

from lab.core.instant import Instant
from lab.dane.matching import Match, match
from lab.dane.tlsa import TlsaRecord
from lab.pki.path import Expected
from lab.pki.profiles import Purpose


def _certificates(pem: str) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(pem.encode())) if pem.strip() else ()


def _record(fields: Mapping[str, Any]) -> TlsaRecord:
    numbers = (fields["usage"], fields["selector"], fields["mtype"])
    return TlsaRecord(*numbers, bytes.fromhex(fields["data"]))


def judged(case: Mapping[str, Any]) -> Match:
    """Return what the lab says about *case*."""
    expected = Expected(
        dns.name.from_text(case["base_domain"]),
        Purpose.CLIENT if case["role"] == "client" else Purpose.SERVER,
        Instant(datetime.fromisoformat(case["time"]).timestamp()),
        _certificates(case["trust_roots_pem"]),
        check_ee_name=case["ee_name_checks"],
    )
    records = tuple(_record(fields) for fields in case["tlsa"])
    return match(_certificates(case["chain_pem"]), records, expected)


def verdict(case: Mapping[str, Any]) -> dict[str, object]:
    """Return the verdict on *case* in the form that the runner compares."""
    result = judged(case)
    failure = result.report.first_failure()
    return {
        "ok": result.authenticated,
        "depth": result.depth,
        "usage": result.usage.value if result.usage is not None else -1,
        "reason": failure.rule.id if failure else "ok",
    }


def main() -> None:
    """Answer each line of the standard input."""
    for line in sys.stdin:
        if line.strip():
            sys.stdout.write(json.dumps(verdict(json.loads(line))) + "\n")


if __name__ == "__main__":
    main()

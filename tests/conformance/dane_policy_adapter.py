"""Give decisions of `lab.dane.policy`: one JSON case on the standard input, one decision out."""

import json
import sys
from collections.abc import Mapping
from typing import Any

import dns.name

from lab.core.checks import Outcome, Report
from lab.core.status import Proven, SecurityStatus
from lab.dane.client_id import Profile
from lab.dane.decision import Decision
from lab.dane.evidence import Found, TlsaEvidence
from lab.dane.matching import Match
from lab.dane.policy import (
    Claim,
    ClientPolicy,
    Credential,
    Identified,
    decide_client,
    identify,
)
from lab.dane.tlsa import TlsaRecord
from lab.dane.usages import NO_DEPTH

PROFILES = {"ietf-13": Profile.CLIENT_AUTH_13, "huque-08": Profile.SEEDS_2022}


def _extension(text: str | None, profile: Profile) -> bytes | None:
    if text is None:
        return None
    name = text.encode("utf-8")
    if not name:
        return b"" if profile is Profile.SEEDS_2022 else b"\0"
    return bytes([min(len(name), 255)]) + name


def _claim(case: Mapping[str, Any], profile: Profile) -> Claim:
    major, minor = (int(part) for part in case["tls"].split("."))
    return Claim(
        _extension(case["clientid_ext"], profile),
        Credential.RAW_PUBLIC_KEY if case["cert"] == "rpk" else Credential.X509,
        tuple(case["san"]),
        (major, minor),
        case.get("server_advertises", True),
    )


def _evidence(identified: Identified, case: Mapping[str, Any]) -> TlsaEvidence:
    found, status, owner = Found.RECORDS, SecurityStatus.SECURE, identified.name
    match case["dns"]:
        case "servfail" | "timeout" as trouble:
            found, status = Found[trouble.upper()], SecurityStatus.INDETERMINATE
        case "nodata" | "nxdomain" as absent:
            found = Found[absent.upper()]
        case validated:
            status = SecurityStatus(validated)
    record = TlsaRecord(case["usage"], case["selector"], 1, bytes(32))
    records = (record,) if found is Found.RECORDS and case["tlsa"] != "none" else ()
    return TlsaEvidence(owner, found, Proven(status, records))


def _match(case: Mapping[str, Any]) -> Match | None:
    record = TlsaRecord(case["usage"], case["selector"], 1, bytes(32))
    match case["tlsa"]:
        case "match":
            return Match(record, 0, 1, Report("as given"))
        case "none":
            return None
        case other:
            usable = 0 if other == "unusable" else 1
            return Match(None, NO_DEPTH, usable, Report("as given", Outcome.FAILED))


def decision(case: Mapping[str, Any]) -> Decision:
    """Return what the lab decides on *case*."""
    profile = PROFILES[case["profile"]]
    allow_list = tuple(dns.name.from_text(domain) for domain in case["allowlist"])
    policy = ClientPolicy(case["require_dane"], case["allow_unauthenticated"], allow_list, profile)
    claim = _claim(case, profile)
    identified = identify(claim, policy)
    if isinstance(identified, Decision):
        return identified
    return decide_client(identified, claim, policy, _evidence(identified, case), _match(case))


def verdict(case: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the decision on *case* in the form that the runner compares."""
    made = decision(case)
    asked = made.dns_lookup.to_text(omit_final_dot=True) if made.dns_lookup else None
    return {"verdict": made.verdict.value, "dns_lookup": asked}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(verdict(json.load(sys.stdin))) + "\n")

"""A validation as JSON, after the schema in `validation.schema.json` beside this module.

The schema is part of the interface: fields may be added at any time; SCHEMA is raised when one is
taken away or changes its meaning.
"""

from importlib.resources import files
from typing import Any

from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.instant import Instant
from lab.dnssec.keys import key_tag
from lab.present.advice import Advice, advise
from lab.present.json import report_to_json
from lab.present.tree import verdict
from lab.validator.chain import Link
from lab.validator.resolve import Validation

SCHEMA = 1


def schema_text() -> str:
    """Return the JSON Schema of what `validation_to_json` returns."""
    return files("lab.present").joinpath("validation.schema.json").read_text(encoding="utf-8")


def validation_to_json(validation: Validation, now: Instant) -> dict[str, Any]:
    """Return a verdict with all its evidence as JSON; *now* is when it was reached."""
    resolution = validation.resolution.require(validation.status)
    advice = advise(validation)
    return {
        "schema": SCHEMA,
        "name": str(resolution.qname),
        "type": RdataType.to_text(resolution.rdtype),
        "status": validation.status.value,
        "kind": resolution.kind.value,
        "rcode": Rcode.to_text(validation.rcode),
        "verdict": verdict(validation.report),
        "now": int(now),
        "ede": [{"code": int(one), "text": one.text} for one in validation.ede],
        "records": records(validation),
        "chain": [_link(one) for one in validation.chain.links],
        "advice": None if advice is None else _advice(advice),
        "report": report_to_json(validation.report),
    }


def records(validation: Validation) -> list[str]:
    """Return the records of the answer, aliases first, in presentation format."""
    resolution = validation.resolution.require(validation.status)
    return [
        line
        for signed in resolution.rrsets
        for line in signed.rrset.to_dns().to_text().splitlines()
    ]


def _link(link: Link) -> dict[str, Any]:
    return {
        "zone": str(link.apex),
        "status": link.status.value,
        "ds": [one.to_text() for one in link.ds],
        "keys": [
            {
                "tag": int(key_tag(one)),
                "algorithm": int(one.algorithm),
                "flags": int(one.flags),
                "named_by_parent": key_tag(one) in link.used_key_tags,
            }
            for one in link.dnskeys
        ],
    }


def _advice(advice: Advice) -> dict[str, Any]:
    return {
        "where": advice.where,
        "why": advice.why,
        "section": advice.section,
        "who": advice.role.value,
        "zone": None if advice.zone is None else str(advice.zone),
        "how": advice.how,
        "wanted": advice.wanted,
    }

"""What can be made wrong: one class each, registered where it is defined."""

from lab.faults import (
    announcements,
    certificates,
    clocks,
    cuts,
    delegations,
    denial,
    hashed,
    keys,
    records,
    rrsigs,
    servers,
    signatures,
    tlsa,
)
from lab.faults.fault import FAULTS, FaultKind, NamedFault, fault

__all__ = [
    "FAULTS",
    "FaultKind",
    "NamedFault",
    "announcements",
    "certificates",
    "clocks",
    "cuts",
    "delegations",
    "denial",
    "fault",
    "hashed",
    "keys",
    "records",
    "rrsigs",
    "servers",
    "signatures",
    "tlsa",
]

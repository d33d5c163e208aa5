"""What can be made wrong: one class each, registered where it is defined."""

from lab.faults import delegations, denial, keys, records, rrsigs, servers, signatures, tlsa
from lab.faults.fault import FAULTS, FaultKind, NamedFault, fault

__all__ = [
    "FAULTS",
    "FaultKind",
    "NamedFault",
    "delegations",
    "denial",
    "fault",
    "keys",
    "records",
    "rrsigs",
    "servers",
    "signatures",
    "tlsa",
]

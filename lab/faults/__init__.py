"""What can be made wrong: one class each, registered where it is defined."""

from lab.faults import records, signatures, tlsa
from lab.faults.fault import FAULTS, FaultKind, NamedFault, fault

__all__ = ["FAULTS", "FaultKind", "NamedFault", "fault", "records", "signatures", "tlsa"]

"""What can be made wrong: one class each, registered where it is defined.

Most runs of the lab break nothing: the classes are loaded when somebody looks one up.
"""

from lab.faults.fault import FAULTS, FaultKind, NamedFault, fault

__all__ = ["FAULTS", "FaultKind", "NamedFault", "fault"]

FAULTS.gather_from(
    (
        "lab.faults.announcements",
        "lab.faults.certificates",
        "lab.faults.clocks",
        "lab.faults.cuts",
        "lab.faults.delegations",
        "lab.faults.denial",
        "lab.faults.hashed",
        "lab.faults.keys",
        "lab.faults.records",
        "lab.faults.rrsigs",
        "lab.faults.servers",
        "lab.faults.signatures",
        "lab.faults.tlsa",
    ),
    home=lambda kind: kind.cls.__module__,
)

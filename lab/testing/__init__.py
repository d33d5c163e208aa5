"""A private signed DNS tree for tests of resolvers, DANE clients and mailers.

What trustme is for TLS, this is for DNSSEC: a root, a top level domain and a zone of the test's
own, signed, on free ports of loopback, with a validating resolver, trust anchors, a certification
authority and a clock. With pytest the fixture `dnssec_lab` is there as soon as this package is
installed; everybody else opens a `Lab`:

    >>> from lab.testing import Lab
    >>> with Lab() as lab:
    ...     zone = lab.zone("shop.example")
    ...     zone.add("www A 192.0.2.80")
    ...     honest = lab.validate("www.shop.example")
    ...     zone.fault("rrsig-expired", owner="www")
    ...     broken = lab.validate("www.shop.example")
    >>> honest.status.value, broken.status.value, [int(one) for one in broken.ede]
    ('secure', 'bogus', [7])

Nothing is signed before it is asked for. Clients may block, run on any event loop, or be other
processes: the servers answer from a thread of their own, which ends with the lab.

`dnssec_lab` is for one test, `dnssec_lab_module` and `dnssec_lab_session` live longer. The settings
`dnssec_lab_seed`, `dnssec_lab_now` and `dnssec_lab_port` of pytest.ini, or a fixture
`dnssec_lab_options` of one's own, say how they are opened; `Lab` says what they mean, and has all
that clients are configured with. `LabZone` is what a test does to a zone.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.testing.certificates import Certified, LabAuthority
    from lab.testing.clock import MovableClock
    from lab.testing.lab import Address, Lab
    from lab.testing.zones import LabZone, ZoneSettings

_ELSEWHERE = {
    "Address": "lab.testing.lab",
    "Certified": "lab.testing.certificates",
    "Lab": "lab.testing.lab",
    "LabZone": "lab.testing.zones",
    "LabAuthority": "lab.testing.certificates",
    "MovableClock": "lab.testing.clock",
    "ZoneSettings": "lab.testing.zones",
}

__all__ = [
    "Address",
    "Certified",
    "Lab",
    "LabAuthority",
    "LabZone",
    "MovableClock",
    "ZoneSettings",
]


def __getattr__(name: str) -> object:
    """Return a name of this package: pytest imports it in every run, and few runs open a lab."""
    if name in __all__:
        return getattr(import_module(_ELSEWHERE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

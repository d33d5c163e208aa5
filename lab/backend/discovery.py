"""Find the server of a JoinEUI, NetID or AS-ID in the DNS (Backend Interfaces 1.0 section 19).

The standard goes from NAPTR over SRV to an address; most servers of our time ask for an address at
once. Both are done, and each puts the TLSA records elsewhere: at the target of SRV (RFC 7673), or
at the name itself and the end of its alias (RFC 7671). Unlike both RFCs this never goes on without
DANE: what is not secure leads nowhere.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.IN.NAPTR import NAPTR

from lab.backend import rules
from lab.backend.header import AsId, PartyId
from lab.core.checks import Check, Outcome, Report, check
from lab.core.dialogue import Dialogue
from lab.core.frozen import dataclass
from lab.dane.discovery import (
    Discovery,
    Endpoint,
    Look,
    Seen,
    Service,
    discover_host,
    discover_srv,
)
from lab.dane.evidence import DnsStatus
from lab.dane.tlsa import server_owner
from lab.lorawan.identifiers import NetId, join_eui_name, net_id_name

HTTPS = "lwns"
# RFC 3403 section 4.1 sets no limit to rules that lead to rules.
MAX_NAPTR = 5

_FLAGS = frozenset({"s", "a", "", "p"})
_TRUSTED = frozenset({DnsStatus.SECURE, DnsStatus.SECURE_ABSENT})


class Way(Enum):
    """Tell how a name leads to its server."""

    NAPTR = "NAPTR, SRV, address"
    ADDRESS = "address"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Location:
    """Hold where a server is, or why nobody can tell.

    Attributes:
        name: of the identifier.
        way: how it leads to the endpoints.
        endpoints: in the order in which to try them; none: there is nobody to talk to.
        report: all that was checked, with the validations.
    """

    name: Name
    way: Way
    endpoints: tuple[Endpoint, ...]
    report: Report

    @property
    def tlsa_owners(self) -> tuple[Name, ...]:
        """Return where the TLSA records of the first endpoint may stand, in order."""
        return tuple(
            server_owner(base, one.port, one.transport)
            for one in self.endpoints[:1]
            for base in one.bases
        )

    @property
    def hosts(self) -> frozenset[Name]:
        """Return every name to which the identifier leads by secure answers."""
        return frozenset(name for one in self.endpoints for name in (one.host, *one.bases))


Locating = Dialogue[Look, Seen, Location]


def locate(party: PartyId, port: int) -> Locating:
    """Find the server of *party*; *port* is meant where the DNS names none.

    Raises:
        InputError: it is an AS-ID that is no host name.
    """
    match party:
        case AsId():
            search = _Search(party.host, port)
            endpoints = yield from search.by_address()
            return search.ended(Way.ADDRESS, endpoints)
        case NetId():
            name = net_id_name(party)
        case _:
            name = join_eui_name(party)
    search = _Search(name, port)
    seen = yield from search.look(Look(name, RdataType.NAPTR))
    match seen.status:
        case DnsStatus.SECURE:
            endpoints = yield from search.by_naptr(seen)
            return search.ended(Way.NAPTR, endpoints)
        case DnsStatus.SECURE_ABSENT:
            endpoints = yield from search.by_address()
            return search.ended(Way.ADDRESS, endpoints)
        case _:
            return search.ended(Way.UNKNOWN, ())


class _Search:
    """Follow one name to its endpoints, and keep what was checked on the way."""

    def __init__(self, name: Name, port: int) -> None:
        self._name, self._port = name, port
        self._looked = 0
        self._checks: list[Check] = []
        self._validations: list[Report] = []

    def look(self, look: Look) -> Dialogue[Look, Seen, Seen]:
        seen = yield look
        subject = f"{look.name} {look.rdtype.name}"
        trusted = seen.status in _TRUSTED
        facts = {"status": seen.status.value, "records": len(seen.rdatas)}
        self._checks.append(check(rules.LOCATION_TRUSTED, trusted, subject, **facts))
        if seen.report is not None:
            self._validations.append(seen.report)
        return seen

    def by_address(self) -> Discovery:
        return (yield from self._host(self._name))

    def by_naptr(self, seen: Seen) -> Discovery:
        """Follow what the NAPTR RRset *seen* offers, the best record first."""
        self._looked += 1
        offers = [one for one in seen.rdatas if isinstance(one, NAPTR)]
        # TS002-1.0 section 19: transports that one cannot do are dropped; LWN is plain HTTP.
        fitting = [one for one in offers if _text(one.service) == HTTPS and _leads_on(one)]
        facts = {
            "offered": _listed(one.service.decode("ascii", "replace") for one in offers),
            "dropped": _listed(_described(one) for one in offers if one not in fitting),
        }
        self._checks.append(check(rules.TRANSPORT, bool(fitting), str(seen.name), **facts))
        found: list[Endpoint] = []
        for record in sorted(fitting, key=lambda one: (one.order, one.preference)):
            found += yield from self._follow(record)
        return tuple(found)

    def _follow(self, record: NAPTR) -> Discovery:
        match _text(record.flags):
            case "s":
                service = Service(record.replacement, 0, demands_secure_address=True)
                found = yield from self._watched(discover_srv(service))
                # TS002-1.0 section 19 has SRV names such as `_LWN._J2H`, whose second label names
                # no transport: HTTPS goes over TCP.
                return tuple(replace(one, transport="tcp") for one in found)
            case "a":
                return (yield from self._host(record.replacement))
            case "" | "p" if self._looked < MAX_NAPTR:
                seen = yield from self.look(Look(record.replacement, RdataType.NAPTR))
                is_there = seen.status is DnsStatus.SECURE
                return (yield from self.by_naptr(seen)) if is_there else ()
            case _:
                return ()

    def _host(self, name: Name) -> Discovery:
        service = Service(name, self._port, demands_secure_address=True)
        return (yield from self._watched(discover_host(service)))

    def _watched(self, discovery: Discovery) -> Discovery:
        """Run *discovery*, keep what it sees, and return the endpoints that DANE can protect."""
        try:
            look = next(discovery)
            while True:
                look = discovery.send((yield from self.look(look)))
        except StopIteration as stop:
            found: tuple[Endpoint, ...] = stop.value
            return tuple(one for one in found if one.status is DnsStatus.SECURE)

    def ended(self, way: Way, endpoints: tuple[Endpoint, ...]) -> Location:
        hosts = ", ".join(str(one.host) for one in endpoints) or "none"
        facts = {"way": way.value, "hosts": hosts}
        located = check(rules.LOCATED, bool(endpoints), str(self._name), **facts)
        checks = (*self._checks, located)
        failed = next((one for one in checks if one.failed), located)
        report = Report(
            f"where {self._name} leads",
            Outcome.PASSED if endpoints else Outcome.FAILED,
            f"{_place(endpoints[0])}, by {way.value}"
            if endpoints
            else f"nowhere: it does not hold that {failed.rule.sentence}",
            checks,
            tuple(self._validations),
        )
        return Location(self._name, way, endpoints, report)


def _place(endpoint: Endpoint) -> str:
    """Return where that is; who asks for the name alone has given 0 as the port."""
    host = str(endpoint.bases[0])
    return f"{host} port {endpoint.port}" if endpoint.port else host


def _leads_on(record: NAPTR) -> bool:
    """Tell whether *record* leads to a name; flag U makes a URI of the identifier by a regexp."""
    return _text(record.flags) in _FLAGS and not record.regexp


def _described(record: NAPTR) -> str:
    service = record.service.decode("ascii", "replace") or "no service"
    return f"{service} with flag {record.flags.decode('ascii', 'replace') or 'none'}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(set(words))) or "none"


def _text(octets: bytes) -> str:
    return octets.decode("ascii", "replace").lower()

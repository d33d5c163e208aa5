"""Find out where a service is, and which names its certificate may bear (RFC 7671 section 7).

A dialogue that yields a `Look` for each RRset. Redirections (SRV, MX, NAPTR) count only if they are
secure: whoever can redirect us could show us a record of his own. Rules: RFC 7671 sections 6 and 7,
RFC 7672 section 2.2 (SMTP), RFC 7673 (SRV), RFC 3958 (S-NAPTR).
"""

from dataclasses import replace

import dns.name
from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV

from lab.core.checks import Check, Report, check
from lab.core.dialogue import Dialogue
from lab.core.frozen import dataclass
from lab.dane import rules
from lab.dane.evidence import DnsStatus

SMTP_PORT = 25
MAX_NAPTR = 5


@dataclass(frozen=True, slots=True)
class Look:
    """Ask for one RRset, validated.

    Attributes:
        name: absolute.
        rdtype: its type.
    """

    name: Name
    rdtype: RdataType


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold what came of a look.

    Attributes:
        status: of the whole answer, aliases included.
        name: the end of the alias chain; the name that was asked for if there is none.
        rdatas: the records, also those that are not secure.
        report: how the status came about.
    """

    status: DnsStatus
    name: Name
    rdatas: tuple[Rdata, ...] = ()
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """Say what is wanted.

    Attributes:
        name: host name, or the name at which the redirection stands.
        port: of a host; SRV brings its own.
        transport: tcp, udp or sctp, as in the owner name of TLSA records.
        names: a certificate may bear these instead of the TLSA base domain.
        demands_secure_address: without secure address records there is no DANE.
    """

    name: Name
    port: int
    transport: str = "tcp"
    names: tuple[Name, ...] = ()
    demands_secure_address: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Hold one place where the service is, as far as the DNS says.

    Attributes:
        host: as the redirection names it, or as it was wanted.
        port: where it listens.
        transport: as in the owner name of TLSA records.
        bases: TLSA base domains to try, in order; none: DANE does not apply.
        names: besides the base domain, what the certificate may bear.
        addresses: in text; none if it has none, or if nothing trustworthy is known.
        status: of the worst answer that led here.
        checks: what had to hold on the way.
    """

    host: Name
    port: int
    transport: str
    bases: tuple[Name, ...]
    names: tuple[Name, ...]
    addresses: tuple[str, ...]
    status: DnsStatus
    checks: tuple[Check, ...]


# Nothing is connected to on the strength of these (RFC 7671 section 2.1, RFC 7672 section 2.1.2).
NO_WAY = frozenset({DnsStatus.BOGUS, DnsStatus.INDETERMINATE, DnsStatus.TIME_OUT})

Discovery = Dialogue[Look, Seen, tuple[Endpoint, ...]]


def discover_host(service: Service, before: tuple[Check, ...] = ()) -> Discovery:
    """Find the addresses of a host, and its TLSA base domains; *before* led to it."""
    seen = yield Look(service.name, RdataType.A)
    bases = yield from _bases(service, seen)
    facts = {"status": seen.status.value, "address_of": seen.name}
    secure = check(rules.BASE_DOMAIN, bool(bases), str(service.name), **facts)
    known = () if seen.status in NO_WAY else seen.rdatas
    endpoint = Endpoint(
        service.name,
        service.port,
        service.transport,
        bases,
        service.names,
        tuple(one.to_text() for one in known),
        seen.status,
        (*before, secure),
    )
    return (endpoint,)


def _bases(service: Service, seen: Seen) -> Dialogue[Look, Seen, tuple[Name, ...]]:
    if seen.status in NO_WAY:
        return ()
    own, is_alias = service.name, seen.name != service.name
    if seen.status is not DnsStatus.INSECURE:
        # RFC 7671 section 7: the end of the alias chain comes first if every step to it is secure,
        # then the name itself. No name between the two is tried.
        return (seen.name, own) if is_alias else (own,)
    if not service.demands_secure_address:
        return (own,)
    if not is_alias:
        # RFC 7672 section 2.2.2, RFC 7673 section 3.2: no DANE with insecure addresses.
        return ()
    # The same: an alias that is secure in itself, and leads out of what is secure, may still have
    # TLSA records at its own name. One more question tells.
    alias = yield Look(own, RdataType.CNAME)
    return (own,) if alias.status is DnsStatus.SECURE else ()


def discover_srv(service: Service) -> Discovery:
    """Find the targets of an SRV RRset at `_service._proto.domain` (RFC 7673)."""
    seen = yield Look(service.name, RdataType.SRV)
    domain = Name(service.name.labels[2:])
    transport = service.name.labels[1].decode("ascii", "replace").lstrip("_").lower()
    records = sorted(
        (one for one in seen.rdatas if isinstance(one, SRV)),
        key=lambda one: (one.priority, -one.weight, one.target.canonicalize(), one.port),
    )
    targets = [
        # RFC 7673 section 4: the certificate may bear the name of the target or of the service.
        replace(service, name=one.target, port=one.port, transport=transport, names=(domain,))
        for one in records
    ]
    return (yield from _redirected(service.name, seen, targets))


def discover_mx(service: Service) -> Discovery:
    """Find the mail servers of a domain (RFC 7672 section 2.2)."""
    seen = yield Look(service.name, RdataType.MX)
    if seen.status is DnsStatus.SECURE_ABSENT:
        # RFC 5321 section 5.1: without MX RRset the domain itself takes its mail.
        host = replace(service, port=service.port or SMTP_PORT, demands_secure_address=True)
        return (yield from discover_host(host))
    records = sorted(
        (one for one in seen.rdatas if isinstance(one, MX)),
        key=lambda one: (one.preference, one.exchange.canonicalize()),
    )
    targets = [
        # RFC 7672 section 3.2.2: the domain of the mail, and the name of the server.
        replace(service, name=one.exchange, port=service.port or SMTP_PORT, names=(service.name,))
        for one in records
    ]
    return (yield from _redirected(service.name, seen, targets))


def discover_naptr(service: Service, tag: str) -> Discovery:
    """Find a service by S-NAPTR (RFC 3958); *tag* is as in the records: "service:protocol"."""
    name, before = service.name, []
    for _ in range(MAX_NAPTR):
        seen = yield Look(name, RdataType.NAPTR)
        before.append(_redirection(name, seen))
        chosen = _chosen(seen, tag)
        if seen.status in NO_WAY or chosen is None:
            return (_lost(service, seen, tuple(before)),)
        name = chosen.replacement
        if chosen.flags:
            break
    else:
        return (_lost(service, Seen(DnsStatus.INDETERMINATE, name), tuple(before)),)
    onward = replace(service, name=name, demands_secure_address=True)
    is_srv = chosen.flags.lower() == b"s"
    ends = yield from (discover_srv(onward) if is_srv else discover_host(onward))
    own = (service.name,)
    found = (replace(one, names=(*one.names, *own), checks=(*before, *one.checks)) for one in ends)
    safe = not any(one.failed for one in before)
    return tuple(one if safe else _without_dane(one) for one in found)


def _chosen(seen: Seen, tag: str) -> NAPTR | None:
    """Return the best record for *tag* whose flags and regular expression S-NAPTR allows."""
    fitting = [
        one
        for one in seen.rdatas
        if isinstance(one, NAPTR)
        and one.service.decode("ascii", "replace").lower() == tag.lower()
        and one.flags.lower() in {b"", b"a", b"s"}
        and not one.regexp
    ]
    return min(fitting, key=lambda one: (one.order, one.preference), default=None)


def _redirection(name: Name, seen: Seen) -> Check:
    return check(
        rules.REDIRECTION_SECURE,
        seen.status in {DnsStatus.SECURE, DnsStatus.SECURE_ABSENT},
        str(name),
        status=seen.status.value,
    )


def _redirected(name: Name, seen: Seen, targets: list[Service]) -> Discovery:
    """Find each of *targets*, to which the RRset *seen* at *name* redirects."""
    redirection = _redirection(name, seen)
    wanted = [one for one in targets if one.name != dns.name.root]
    if seen.status in NO_WAY or not wanted:
        # The target "." says that there is no such service (RFC 2782, RFC 7505).
        return (_lost(Service(name, 0), seen, (redirection,)),)
    found = []
    for one in wanted:
        target = replace(one, demands_secure_address=True)
        (endpoint,) = yield from discover_host(target, (redirection,))
        found.append(_without_dane(endpoint) if redirection.failed else endpoint)
    return tuple(found)


def _without_dane(endpoint: Endpoint) -> Endpoint:
    """Return *endpoint* as it is to be used after an insecure redirection (RFC 7673 3.1)."""
    if endpoint.status in NO_WAY:
        return endpoint
    return replace(endpoint, bases=(), status=DnsStatus.INSECURE)


def _lost(service: Service, seen: Seen, checks: tuple[Check, ...]) -> Endpoint:
    status = seen.status if seen.status in NO_WAY else DnsStatus.SECURE_ABSENT
    if seen.status is DnsStatus.INSECURE:
        status = DnsStatus.INSECURE
    return Endpoint(service.name, service.port, service.transport, (), (), (), status, checks)

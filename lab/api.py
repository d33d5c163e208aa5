"""A validating resolver for other Python programs: `from lab import resolve`.

Without arguments it starts at the root of the Internet with IANA's trust anchors; told so, at any
other root, such as that of a running lab. The answer is a value: a verdict, the records, and why.

    >>> from lab import resolve
    >>> answer = resolve("www.example.fr", "A", anchor=ANCHOR, hints=HINTS, port=PORT)
    >>> answer.status
    <SecurityStatus.SECURE: 'secure'>
    >>> answer.records
    ('www.example.fr. 60 IN A 192.0.2.80',)
    >>> [str(link.apex) for link in answer.chain.links]
    ['.', 'fr.', 'example.fr.']
"""

import time
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dns.exception import DNSException
from dns.name import Name, from_text, root
from dns.rdata import Rdata
from dns.rdatatype import RdataType

from lab.core.checks import Report
from lab.core.dialogue import answer_all
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.question import Role, Server
from lab.core.rules import Ede
from lab.core.status import SecurityStatus
from lab.net.dns_exchange import RESOLUTION_S
from lab.net.drive import drive
from lab.net.entropy import SystemEntropy
from lab.net.plain_client import PlainClient
from lab.present.validation import records, validation_to_json
from lab.validator.anchor import KEPT
from lab.validator.brief import Brief, Explaining
from lab.validator.cache import Cache, resolve_briefly, resolve_cached
from lab.validator.chain import Chain
from lab.validator.resolve import Validation
from lab.validator.settings import Settings
from lab.validator.start import parse_hints, read_anchors

if TYPE_CHECKING:
    # Who blocks needs no Twisted, and it takes as long to load as all the rest.
    from lab.net.reactor import Reactor
    from lab.net.resolver import Resolver

__all__ = ["Cache", "Explaining", "Result", "resolve", "resolve_with", "resolver"]

DNS_PORT = 53

_WAYS = {Explaining.WHEN_READ: resolve_briefly, Explaining.AT_ONCE: resolve_cached}


@dataclass(frozen=True, slots=True)
class Result:
    """Hold an answer with its verdict.

    Attributes:
        found: as the validator returns it; brief if nobody wanted to know why so far.
        now: when it was judged.
    """

    found: Validation | Brief
    now: Instant

    @property
    def validation(self) -> Validation:
        """Return all of it; where the answer is brief, the explanation is made now."""
        return self.found.validation if isinstance(self.found, Brief) else self.found

    @property
    def status(self) -> SecurityStatus:
        """Return the verdict: SECURE, INSECURE, BOGUS or INDETERMINATE (RFC 4035 section 4.3)."""
        return self.found.status

    @property
    def secure(self) -> bool:
        """Tell whether everything in the answer is signed down from the trust anchor."""
        return self.status is SecurityStatus.SECURE

    @property
    def rdatas(self) -> tuple[Rdata, ...]:
        """Return the records that were asked for, as dnspython has them; none unless trusted.

        Bogus data are withheld, as a resolver does (RFC 4035 section 5.5); `validation` has them.
        """
        if isinstance(self.found, Brief):
            return self.found.answer.records()
        if self.status in {SecurityStatus.SECURE, SecurityStatus.INSECURE}:
            return self.validation.resolution.require(self.status).rdatas
        return ()

    @property
    def records(self) -> tuple[str, ...]:
        """Return the alias chain and the answer in presentation format, whatever the verdict."""
        if isinstance(self.found, Brief):
            return tuple(self.found.rrset.to_dns().to_text().splitlines())
        return tuple(records(self.found))

    @property
    def ede(self) -> tuple[Ede, ...]:
        """Return the Extended DNS Errors that a client would be told (RFC 8914)."""
        return self.found.ede

    @property
    def chain(self) -> Chain:
        """Return the zone cuts that the answer hangs from."""
        return self.validation.chain

    @property
    def report(self) -> Report:
        """Return the explanation: every check with its rule, as a tree."""
        return self.validation.report

    def to_text(self) -> str:
        """Return the explanation as a tree of text: every title, and the checks that failed."""
        from lab.present.text import to_text  # noqa: PLC0415 few programs print
        from lab.present.tree import Detail  # noqa: PLC0415 as above

        return to_text(self.report, detail=Detail.OUTLINE)

    def to_json(self) -> dict[str, Any]:
        """Return all of it after the schema that `lab validate --json-schema` prints."""
        return validation_to_json(self.validation, self.now)

    def to_svg(self) -> str:
        """Return a picture of the chain."""
        from lab.present import svg  # noqa: PLC0415 few programs draw
        from lab.present.chain_graph import graph_of  # noqa: PLC0415 as above

        return svg.render(graph_of(self.validation))


def resolve(  # noqa: PLR0913 an interface of options, all but two by keyword
    name: str | Name,
    rdtype: str | RdataType = RdataType.A,
    *,
    anchor: str | Path | None = None,
    hints: str | Path | None = None,
    port: int = DNS_PORT,
    forward: str | None = None,
    cache: Cache | None = None,
    now: int | None = None,
    explain: Explaining = Explaining.WHEN_READ,
) -> Result:
    """Return the validated answer to *name* and *rdtype*; blocks until it is there.

    Args:
        name: absolute; a final dot is added if it is missing.
        rdtype: `A`, `TLSA`, …
        anchor: trust anchors, as text or as a file: DS or DNSKEY RRs, or the XML of RFC 9718.
            None for those of the root of the Internet.
        hints: root hints (RFC 9609), as text or as a file; None for those of the Internet.
        port: of all nameservers, or of the resolver.
        forward: address of a recursive resolver to ask instead of nameservers: it finds the
            records, the verdict is still made here.
        cache: a `Cache()` of the caller, for all questions with the same anchors and servers: what
            was judged is not asked for again before its time is over. None: the whole walk.
        now: seconds since 1970 by which signatures are judged; None for the present.
        explain: when the explanation is made. It is the same at any time, and takes longer than the
            verdict on an answer as usual, of which one is content with what it has been able to
            verify.

    Raises:
        InputError: an argument is wrong; the sentence says which.
    """
    asked, moment = _asked(name, rdtype), _moment(now)
    settings = settings_of(anchor, hints, moment, forward)
    dialogue = _WAYS[explain](*asked, settings, moment, cache)
    client = PlainClient(port, SystemEntropy()).within(RESOLUTION_S)
    return Result(answer_all(dialogue, client.ask).result, moment)


def resolver(
    reactor: "Reactor",
    *,
    anchor: str | Path | None = None,
    hints: str | Path | None = None,
    port: int = DNS_PORT,
    forward: str | None = None,
) -> "Resolver":
    """Return what `dane_server` and `dane_client` look names up with; it has a cache of its own.

    Args:
        reactor: for sockets and time.
        anchor: as `resolve` takes it.
        hints: as `resolve` takes it.
        port: as `resolve` takes it.
        forward: as `resolve` takes it.

    Raises:
        InputError: an argument is wrong; the sentence says which.
    """
    from lab.net.dns_client import DnsClient  # noqa: PLC0415 with Twisted
    from lab.net.resolver import Resolver  # noqa: PLC0415 with Twisted

    settings = settings_of(anchor, hints, _moment(None), forward)
    client = DnsClient(reactor, port, SystemEntropy())
    return Resolver(client, settings, lambda: _moment(None))


async def resolve_with(  # noqa: PLR0913 as above
    reactor: "Reactor",
    name: str | Name,
    rdtype: str | RdataType = RdataType.A,
    *,
    anchor: str | Path | None = None,
    hints: str | Path | None = None,
    port: int = DNS_PORT,
    forward: str | None = None,
    cache: Cache | None = None,
    now: int | None = None,
    explain: Explaining = Explaining.WHEN_READ,
) -> Result:
    """Return what `resolve` does without blocking, in a coroutine of Twisted's *reactor*.

    Raises:
        InputError: an argument is wrong; the sentence says which.
    """
    from lab.net.dns_client import DnsClient  # noqa: PLC0415 with Twisted

    asked, moment = _asked(name, rdtype), _moment(now)
    settings = settings_of(anchor, hints, moment, forward)
    client = DnsClient(reactor, port, SystemEntropy()).within(RESOLUTION_S)
    dialogue = _WAYS[explain](*asked, settings, moment, cache)
    return Result(await drive(dialogue, client.ask), moment)


@cache
def iana_anchors() -> str:
    """Return the trust anchors of the root of the Internet, as XML (RFC 9718)."""
    return files("lab").joinpath("data", "root-anchors.xml").read_text(encoding="utf-8")


@cache
def iana_hints() -> str:
    """Return the root hints of the Internet (RFC 9609)."""
    return files("lab").joinpath("data", "root.hints").read_text(encoding="utf-8")


def settings_of(
    anchor: str | Path | None,
    hints: str | Path | None,
    now: Instant,
    forward: str | None = None,
) -> Settings:
    """Return what a validator is told; None stands for the Internet's, and for no resolver.

    Raises:
        InputError: one of them is no such thing.
    """
    anchors, servers = _source(anchor, iana_anchors, "anchor"), _source(hints, iana_hints, "hints")
    starting_at = parse_hints(*servers)
    if forward is not None:
        starting_at = (_resolver_at(forward),)
    return Settings(starting_at, read_anchors(*anchors, now))


@lru_cache
def _resolver_at(address: str) -> Server:
    try:
        return Server(root, str(ip_address(address)), Role.RECURSIVE)
    except ValueError as error:
        raise InputError(f"forward takes an IP address, not {address!r}") from error


def _source(given: str | Path | None, shipped: Callable[[], str], what: str) -> tuple[str, str]:
    """Return a text, and what to call it in an error."""
    if given is None:
        return shipped(), what
    if isinstance(given, str):
        return given, what
    try:
        state = given.stat()
        return _read(given, state.st_mtime_ns, state.st_size), str(given)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", str(given)) from error


@lru_cache(maxsize=KEPT)
def _read(file: Path, changed_ns: int, size: int) -> str:
    """Return what is in *file*, which is read anew when it has changed."""
    del changed_ns, size
    return file.read_text(encoding="utf-8")


def _asked(name: str | Name, rdtype: str | RdataType) -> tuple[Name, RdataType]:
    try:
        qname = from_text(name) if isinstance(name, str) else name
        return qname, RdataType.make(rdtype)
    except (DNSException, ValueError) as error:
        raise InputError(f"cannot ask for {name} {rdtype}: {error}") from error


def _moment(now: int | None) -> Instant:
    return Instant(time.time() if now is None else now)  # noqa: TID251 the caller's real time

"""How a parent looks whether a child without DS asks for one (RFC 9615 section 4.2).

A dialogue: the nameservers to which the parent delegates are asked one by one, then what their
operators say is resolved and validated. What follows from it, `world.bootstrap` decides.
"""

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.IN.A import A

from lab.core.dialogue import Dialogue
from lab.core.errors import InputError, TransportError
from lab.core.instant import Instant
from lab.core.question import Exchange, Question, Response, Server
from lab.core.status import SecurityStatus
from lab.nameserver.tree import parent_of
from lab.validator.reading import read
from lab.validator.resolve import Validation, resolve
from lab.validator.settings import Settings
from lab.world.bootstrap import ASKED, FirstPetition, OwnWords, rule_on_first, signal_name
from lab.world.build import World
from lab.world.parental import Ruling


def first_ds(
    world: World, apex: Name, settings: Settings, now: Instant
) -> Dialogue[Question, Response, Ruling]:
    """Ask the child *apex* and the operators of its nameservers, and decide.

    Raises:
        InputError: no zone of the lab delegates *apex*.
    """
    own: list[OwnWords] = []
    signals: dict[Name, dict[RdataType, Validation]] = {}
    for host in _delegated_to(world, apex):
        own += yield from _words(apex, host, settings, now)
        # RFC 9615 section 4.2: below a nameserver that is in the child itself nothing is secure.
        if not host.is_subdomain(apex):
            owner = signal_name(apex, host)
            signals[host] = yield from _signal(owner, settings, now)
    petition = FirstPetition(apex, world.delegations.get(apex, ()), tuple(own), signals)
    return rule_on_first(petition, settings, now)


def _delegated_to(world: World, apex: Name) -> tuple[Name, ...]:
    """Return the nameservers that the parent knows.

    What an insecure child says of them is worth nothing: whoever answers in its place would name
    servers of his own, and vouch for himself.
    """
    parent = parent_of(apex, world.sources)
    cut = None if parent is None else world.sources[parent].rrset(apex, RdataType.NS)
    if cut is None:
        raise InputError(f"no zone of the lab delegates {apex}")
    return tuple(one.target for one in cut.rdatas if isinstance(one, NS))


def _words(
    apex: Name, host: Name, settings: Settings, now: Instant
) -> Dialogue[Question, Response, tuple[OwnWords, ...]]:
    """Return what *host* says at each of its addresses."""
    found = yield from resolve(host, RdataType.A, settings, now)
    records = found.resolution.require(*SecurityStatus).rdatas
    servers = [Server(host, one.address) for one in records if isinstance(one, A)]
    words: tuple[OwnWords, ...] = ()
    for server in servers:
        words += ((yield from _words_at(apex, server)),)
    return words or (OwnWords(f"{host} (no address)", {}),)


def _words_at(apex: Name, server: Server) -> Dialogue[Question, Response, OwnWords]:
    said, exchanges = {}, []
    for rdtype in (*ASKED, RdataType.DNSKEY):
        question = Question(apex, rdtype, server)
        outcome: Response | TransportError
        try:
            outcome = yield question
        except TransportError as error:
            outcome = error
        else:
            for one in read(outcome.message, apex, apex, rdtype).rrsets:
                said[rdtype] = one
        exchanges.append(Exchange(question, outcome))
    return OwnWords(str(server), said, tuple(exchanges))


def _signal(
    owner: Name, settings: Settings, now: Instant
) -> Dialogue[Question, Response, dict[RdataType, Validation]]:
    found = {}
    for rdtype in ASKED:
        found[rdtype] = yield from resolve(owner, rdtype, settings, now)
    return found

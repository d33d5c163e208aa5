"""Answer briefly where all is plain: the verdict at once, its explanation when somebody reads it.

Most answers are plain: they are there, and so is each DS and each DNSKEY down to them, signed as
usual. Then a verdict needs little of what an explanation is made of, neither messages nor names nor
a check for each rule. An `Attempt` asks what `resolve` would ask, reads octets, and is content only
with what it has been able to verify. Whatever is not plain, a denial, an alias, an insecure zone, a
signature that fails, is left to `resolve`, which is given what was heard already.
"""

from collections.abc import Callable
from enum import Enum
from functools import cached_property, lru_cache

from dns.name import Name
from dns.rdatatype import RdataType, is_metatype, is_singleton

from lab.core.dialogue import answer_all, prompted
from lab.core.errors import TransportError
from lab.core.frozen import dataclass
from lab.core.instant import Instant, not_after
from lab.core.message import Undecoded
from lab.core.question import Question, Response, Role
from lab.core.rrsets import RRset
from lab.core.rules import Ede
from lab.core.status import SecurityStatus
from lab.validator.anchor import TrustAnchor, closest_anchor
from lab.validator.lifetime import LONGEST_S
from lab.validator.memory import CUTS, Asking, Cut, Known, Memory
from lab.validator.plain import PlainAnswer, name_of, read_plain
from lab.validator.plain_keys import (
    PlainDs,
    PlainKeys,
    ds_of,
    ds_of_anchor,
    is_usual,
    keys_of,
    keys_of_link,
    lifetime_by,
    named_by,
    signature_of,
    signature_of_keys,
)
from lab.validator.resolve import Validation, resolve_with
from lab.validator.settings import DEFAULT_LIMITS, Paths, Settings
from lab.validator.shelf import Kept

# Deeper zones, and whoever wants other limits, are left to `resolve`, which counts what it spends.
_DEPTH = 24
# Asked for on the way, of the parent, or never signed.
_UNUSUAL = frozenset({RdataType.DNSKEY, RdataType.DS, RdataType.RRSIG})


class Explaining(Enum):
    """Say when the explanation of a verdict is made."""

    WHEN_READ = "when somebody reads it"
    AT_ONCE = "with the verdict"


@dataclass(frozen=True)
class Brief:
    """Hold an answer that is there and secure.

    Attributes:
        answer: as it was received.
        ttl: of the answer, capped (RFC 4035 section 5.3.3), seconds.
        lifetime: for how many seconds it may be kept.
        explain: makes the whole validation.
    """

    answer: PlainAnswer
    ttl: int
    lifetime: int
    explain: Callable[[], Validation]

    @property
    def status(self) -> SecurityStatus:
        """Return the verdict: nothing else is brief."""
        return SecurityStatus.SECURE

    @property
    def ede(self) -> tuple[Ede, ...]:
        """Return the Extended DNS Errors that a client would be told: none."""
        return ()

    @cached_property
    def validation(self) -> Validation:
        """Return all that `resolve` makes of the same responses."""
        return self.explain()

    @property
    def rrset(self) -> RRset:
        """Return what was asked for."""
        return RRset(self.answer.owner, self.answer.rdtype, self.ttl, self.answer.records())


class Attempt:
    """Ask what `resolve` would ask, as long as all that is heard is plain.

    Attributes:
        heard: every question so far, with what came of it.
    """

    def __init__(
        self, about: tuple[Name, RdataType], settings: Settings, now: Instant, known: Known | None
    ) -> None:
        """Ask *about* a name and type; if anything is *known*, no key is asked for."""
        self.heard: list[tuple[Question, Response | TransportError]] = []
        self._about = about
        self._settings = settings
        self._now = now
        self._known = known
        self._cuts: list[tuple[Name, Kept[Cut]]] = []

    def answer(self) -> Asking[Brief | None]:
        """Return the answer; None if it is not plain."""
        if not _leaves_it_to_one(self._settings) or not _may_be_plain(*self._about):
            return None
        answer = yield from self._ask(*self._about)
        signer = None if answer is None else _signer(answer)
        if answer is None or signer is None:
            return None
        anchor = closest_anchor(self._settings.anchors, signer)
        if anchor is None or anchor.dnskeys:
            return None
        if self._known is None:
            keys = yield from self._keys_below(anchor, signer)
        else:
            keys = self._keys_known(anchor, signer, self._known)
        rrsig = None if keys is None else signature_of(answer, keys, self._settings, self._now)
        if rrsig is None:
            return None
        ttl = lifetime_by(rrsig, answer, self._now)
        return Brief(answer, ttl, self._lifetime(answer, ttl), self._explain)

    def _ask(self, qname: Name, rdtype: RdataType) -> Asking[PlainAnswer | None]:
        question = Question(qname, rdtype, self._settings.hints[0])
        try:
            response = yield question
        except TransportError as error:
            self.heard.append((question, error))
            return None
        self.heard.append((question, response))
        message = response.message
        if not isinstance(message, Undecoded) or message.decoded:
            return None
        return read_plain(message.wire, qname, rdtype)

    def _keys_below(self, anchor: TrustAnchor, apex: Name) -> Asking[PlainKeys | None]:
        """Return the keys of the zone *apex*, with a zone cut at each name from the anchor down."""
        keys = yield from self._keys(anchor.apex, tuple(map(ds_of_anchor, anchor.ds)))
        for below in _names_down(apex.labels, len(anchor.apex) + 1):
            ds = None if keys is None else (yield from self._ask(below, RdataType.DS))
            if keys is None or ds is None:
                return None
            if signature_of(ds, keys, self._settings, self._now) is None:
                return None
            keys = yield from self._keys(below, tuple(map(ds_of, ds.canonical)))
        return keys

    def _keys(self, apex: Name, every: tuple[PlainDs, ...]) -> Asking[PlainKeys | None]:
        """Return the keys of the zone *apex*, of which *every* DS is known (RFC 4035 5.2)."""
        if not is_usual(every, self._settings):
            return None
        answer = yield from self._ask(apex, RdataType.DNSKEY)
        if answer is None or len(answer.canonical) > self._settings.limits.dnskeys:
            return None
        keys = keys_of(apex, answer.canonical)
        named = None if keys is None else named_by(every, keys)
        if named is None:
            return None
        convinced = signature_of_keys(answer, named, self._settings, self._now) is not None
        return keys if convinced else None

    def _keys_known(self, anchor: TrustAnchor, apex: Name, known: Known) -> PlainKeys | None:
        """Return the keys of the zone *apex* if every name from the anchor down is known."""
        link = None
        for name in _names_down(apex.labels, len(anchor.apex)):
            kept = known.cuts.get(name, self._now)
            if kept is None or not kept.value.exists:
                return None
            self._cuts.append((name, kept))
            link = kept.value.link or link
            if link is None or link.status is not SecurityStatus.SECURE:
                return None
        if link is None or link.apex != apex:
            return None
        return keys_of_link(apex, link.dnskeys)

    def _lifetime(self, answer: PlainAnswer, ttl: int) -> int:
        """Return for how many seconds the answer may be kept, by all that it hangs from."""
        rrsigs = [one for one in answer.rrsigs if not_after(int(self._now), one.expiration)]
        by_rrsigs = (lifetime_by(one, answer, self._now) for one in rrsigs)
        by_cuts = (kept.left(self._now) for _, kept in self._cuts)
        return min(LONGEST_S, ttl, *by_rrsigs, *by_cuts)

    def _explain(self) -> Validation:
        """Return what `resolve` says to what was heard, with what was known."""
        known = Known()
        for name, kept in self._cuts:
            known.cuts.put(name, kept.value, kept.since, int(kept.until) - int(kept.since))
        whole = resolve_with(Memory(self._settings, self._now, known), *self._about)
        found = answer_all(prompted(whole, self.heard), _nobody).result
        assert found.status is SecurityStatus.SECURE, found.report
        return found


def _nobody(question: Question) -> Response:
    raise AssertionError(f"{question} was not asked before")


def _leaves_it_to_one(settings: Settings) -> bool:
    """Tell whether a recursive server does the walk, and nothing else is out of the ordinary."""
    return (
        bool(settings.hints)
        and settings.hints[0].role is Role.RECURSIVE
        and not settings.stubs
        and not settings.negative
        and settings.paths is Paths.ANY
        and settings.limits == DEFAULT_LIMITS
    )


def _may_be_plain(qname: Name, rdtype: RdataType) -> bool:
    """Tell whether an answer to the question can be one RRset of any number of records."""
    odd = is_singleton(rdtype) or is_metatype(rdtype) or rdtype in _UNUSUAL
    return not odd and not qname.is_wild()


@lru_cache(maxsize=CUTS)
def _names_down(labels: tuple[bytes, ...], first: int) -> tuple[Name, ...]:
    """Return the ancestors of a name, from that with *first* labels down to itself."""
    return tuple(Name(labels[-depth:]) for depth in range(first, len(labels) + 1))


def _signer(answer: PlainAnswer) -> Name | None:
    """Return the zone that has signed *answer*, if one alone has, and may."""
    signers = {name_of(one.signer) for one in answer.rrsigs}
    signer = signers.pop()
    if signers or len(signer) > _DEPTH or not answer.owner.is_subdomain(signer):
        return None
    return signer

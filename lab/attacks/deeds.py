"""What can be done to a response on the way: dropped, delayed, cut, replayed, stripped, forged."""

from collections.abc import Callable
from copy import copy

import dns.flags
import dns.rrset
from dns.message import Message
from dns.name import Name
from dns.rcode import Rcode
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.attacks.plot import Asked, Deed, Delivery, Seen
from lab.core.entropy import SeededEntropy
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import RRset
from lab.dnssec.algorithms import algorithm
from lab.dnssec.keys import KeyRole, SigningKey, generate
from lab.dnssec.signing import SigningJob, SigningPolicy, sign, with_signature

_ECDSA = 13
_UNASSIGNED = 200
_SIGNATURE_OCTETS = 64


class Drop(Deed):
    """Let nothing through."""

    __slots__ = ()

    def deliver(self, seen: Seen) -> tuple[Delivery, ...]:
        """Return nothing."""
        del seen
        return ()


@dataclass(frozen=True, slots=True)
class Delay(Deed):
    """Hold a response back.

    Attributes:
        seconds: for how long.
    """

    seconds: float

    def deliver(self, seen: Seen) -> tuple[Delivery, ...]:
        """Return it, for later."""
        return (Delivery(octets(seen.response), self.seconds),)


class Truncate(Deed):
    """Say that there was no room, so that the asker comes by TCP (RFC 2181 section 9)."""

    __slots__ = ()

    def deliver(self, seen: Seen) -> tuple[Delivery, ...]:
        """Return an empty response with TC."""
        empty = with_sections(seen.response, lambda _section: [])
        empty.flags |= dns.flags.TC
        return (Delivery(octets(empty)),)


@dataclass(frozen=True, slots=True)
class Flip(Deed):
    """Change one octet behind the header and the question.

    Attributes:
        place: which, counted from the end of the message.
    """

    place: int

    def deliver(self, seen: Seen) -> tuple[Delivery, ...]:
        """Return the octets with one of them inverted."""
        wire = bytearray(octets(seen.response))
        wire[-self.place] ^= 0xFF
        return (Delivery(bytes(wire)),)


@dataclass(frozen=True, slots=True)
class Replay(Deed):
    """Give an earlier response again.

    Attributes:
        of: the question to which it was one; None: this one.
    """

    of: Asked | None = None

    def deliver(self, seen: Seen) -> tuple[Delivery, ...]:
        """Return it as a response to the present question; the honest one if none was recorded."""
        recorded = seen.recorded.get(self.of or seen.asked, seen.response)
        return (Delivery(octets(_answering(seen.query, recorded))),)


@dataclass(frozen=True, slots=True)
class Strip(Deed):
    """Take RRsets out, with the signatures that cover them.

    Attributes:
        type: of the RRsets.
        owner: of them; None: any.
    """

    type: RdataType
    owner: Name | None = None

    def deliver(self, seen: Seen) -> tuple[Delivery, ...]:
        """Return what is left."""

        def kept(section: list[dns.rrset.RRset]) -> list[dns.rrset.RRset]:
            return [one for one in section if not self._meant(one)]

        return (Delivery(octets(with_sections(seen.response, kept))),)

    def _meant(self, rrset: dns.rrset.RRset) -> bool:
        return self.type in {rrset.rdtype, rrset.covers} and self.owner in {None, rrset.name}


@dataclass(frozen=True, slots=True)
class Forge(Deed):
    """Answer with a record of one's own.

    Attributes:
        rrset: the record.
        signer: in whose name it is signed, with a key of one's own; None: not at all.
        then: whether the honest response follows: for those who watch both.
    """

    rrset: RRset
    signer: Name | None = None
    then: bool = False

    def deliver(self, seen: Seen) -> tuple[Delivery, ...]:
        """Return the answer."""
        answer = [self.rrset.to_dns()]
        if self.signer is not None:
            answer.append(_signature(self.rrset, self.signer, seen.now))
        forged = with_sections(seen.response, lambda _section: [])
        forged.answer = answer
        forged.set_rcode(Rcode.NOERROR)
        forged.flags |= dns.flags.AA
        honest = (Delivery(octets(seen.response)),) if self.then else ()
        return (Delivery(octets(forged)), *honest)


@dataclass(frozen=True, slots=True)
class ShowKey(Deed):
    """Answer with a DNSKEY RRset that holds the attacker's key alone, signed by itself.

    Attributes:
        zone: apex.
    """

    zone: Name

    def deliver(self, seen: Seen) -> tuple[Delivery, ...]:
        """Return the answer."""
        rrset = RRset(self.zone, RdataType.DNSKEY, 60, (attackers_key(self.zone).dnskey,))
        return Forge(rrset, self.zone).deliver(seen)


@dataclass(frozen=True, slots=True)
class ChangeDs(Deed):
    """Let each DS of a zone name an algorithm that nobody knows; its signature stays as it was.

    Attributes:
        zone: apex.
    """

    zone: Name

    def deliver(self, seen: Seen) -> tuple[Delivery, ...]:
        """Return the response with the changed DS RRset."""

        def changed(section: list[dns.rrset.RRset]) -> list[dns.rrset.RRset]:
            return [self._changed(one) for one in section]

        return (Delivery(octets(with_sections(seen.response, changed))),)

    def _changed(self, rrset: dns.rrset.RRset) -> dns.rrset.RRset:
        if (rrset.name, rrset.rdtype) != (self.zone, RdataType.DS):
            return rrset
        return dns.rrset.from_rdata_list(rrset.name, rrset.ttl, [_unknown(one) for one in rrset])


def _unknown(ds: Rdata) -> Rdata:
    assert isinstance(ds, DS)
    return ds.replace(algorithm=_UNASSIGNED)


@dataclass(frozen=True, slots=True)
class ManySignatures(Deed):
    """Put signatures that look right in every field, and verify never, before the honest one.

    Attributes:
        count: how many.
    """

    count: int

    def deliver(self, seen: Seen) -> tuple[Delivery, ...]:
        """Return the response with more signatures in its answer."""
        loaded = copy(seen.response)
        loaded.sections = list(seen.response.sections)
        loaded.answer = [self._loaded(one) for one in seen.response.answer]
        return (Delivery(octets(loaded)),)

    def _loaded(self, rrset: dns.rrset.RRset) -> dns.rrset.RRset:
        if rrset.rdtype != RdataType.RRSIG:
            return rrset
        chance = SeededEntropy("signatures in vain")
        (honest, *_) = rrset
        assert isinstance(honest, RRSIG)
        vain = [with_signature(honest, chance.bytes(_SIGNATURE_OCTETS)) for _ in range(self.count)]
        return dns.rrset.from_rdata_list(rrset.name, rrset.ttl, [*vain, *rrset])


def attackers_key(zone: Name) -> SigningKey:
    """Return the key that an attacker has made for *zone*; nobody vouches for it."""
    return generate(zone, KeyRole.CSK, algorithm(_ECDSA), SeededEntropy(f"attacker of {zone}"))


def _signature(rrset: RRset, zone: Name, now: Instant) -> dns.rrset.RRset:
    job = SigningJob(rrset, attackers_key(zone), SigningPolicy().window(now), zone)
    return dns.rrset.from_rdata_list(rrset.owner, rrset.ttl, [sign(job)])


def with_sections(
    message: Message, change: Callable[[list[dns.rrset.RRset]], list[dns.rrset.RRset]]
) -> Message:
    """Return *message* with each section but the question changed."""
    made = copy(message)
    made.sections = [message.question, *(change(one) for one in message.sections[1:])]
    return made


def _answering(query: Message, recorded: Message) -> Message:
    made = copy(recorded)
    made.id = query.id
    made.sections = [query.question, *recorded.sections[1:]]
    return made


def octets(message: Message) -> bytes:
    """Return *message* as it leaves: the relay knows no limit of size."""
    wire: bytes = message.to_wire(max_size=65535, want_shuffle=False)
    return wire

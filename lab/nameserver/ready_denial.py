"""Answers about names that are not there, written from what was said about their neighbours.

What a zone says about a missing name depends on its closest encloser and on the gap among the
children of that which the next closer name falls into, and on nothing else of the qname: the NSEC
records at both ends of the gap are the same, or the NSEC3 records, and so is the wildcard. A
resolver may conclude as much from the records (RFC 8198); here it is the server itself that
remembers. So however many names somebody makes up, a zone has one such answer for each gap, and
the nameserver writes it once in full.

Decides: which questions have one answer. A gap ends at names, too, that only the records of its
answer mention: in an answer about such a name they would become pointers (RFC 1035 section 4.1.4).
"""

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.instant import Instant, serial_to_instant
from lab.dnssec.canonical import name_octets
from lab.nameserver.counters import Tally
from lab.nameserver.denial import next_closer
from lab.nameserver.denial_nsec3 import Nsec3Denial
from lab.nameserver.query import ANYBODY, UDP_PAYLOAD
from lab.nameserver.ready_answer import FOREVER, ReadyAnswer, push_opt
from lab.nameserver.ready_body import Body, pull_body
from lab.nameserver.ready_compact import CompactDenied
from lab.nameserver.ready_gaps import Denied, Gaps, Known, Told
from lab.nameserver.ready_lanes import Lanes
from lab.nameserver.ready_question import HEADER_OCTETS, ReadyQuestion
from lab.nameserver.ready_scope import Scope, Way, proof_of, scope_of, way_of
from lab.nameserver.ready_writing import write_denial
from lab.nameserver.server import NameServer
from lab.nameserver.tree import ServedZone
from lab.nameserver.zone import Place, Zone

CAPACITY = 16_384

_BEHIND_LABELS = b"\xff" * 64
_ALWAYS = (Instant(0), FOREVER)
_DO_SHIFT = 15
# An OPT record of 11 octets is added.
_ROOM = UDP_PAYLOAD - 11
_TC = 0x02
_HEADER = b"\0\0\0\0\0\1\0\0\0\0\0\1"
# They are made when they are asked for, or ask for more than one type, or are no types.
LEFT_OUT = frozenset(
    {0, RdataType.OPT, RdataType.NSEC, RdataType.RRSIG, RdataType.ZONEMD, *range(128, 256)}
)


class ReadyDenials:
    """Write answers about what one nameserver does not have."""

    def __init__(self, names: NameServer) -> None:
        """Learn from what *names* says."""
        self._names = names
        self._known: dict[bytes, Known] = {}
        self._lanes = Lanes(self._known)
        self._room = 0
        self._forget()

    def _forget(self) -> None:
        """Begin anew: only apexes are known, so that no gap of a parent reaches into a child."""
        zones = self._names.zones
        self._known = {served.apex_octets: _known(served) for served in zones.values()}
        self._lanes = Lanes(self._known)
        self._room = CAPACITY

    def followed_by(self, names: NameServer) -> "ReadyDenials":
        """Return what writes for *names*, and knows what is known here of zones that are the same.

        Where a zone comes or goes, gaps of others may end elsewhere: nothing is known then.
        """
        successor, zones = ReadyDenials(names), names.zones
        if zones.keys() == self._names.zones.keys():
            kept = {
                name: known
                for name, known in self._known.items()
                if zones[known.served.apex] is known.served
            }
            successor._known |= kept
            successor._room = self._room
        return successor

    def at_once(self, wire: bytes, now: Instant) -> tuple[bytes, Tally] | None:
        """Return the answer to *wire* without its ID, and its tally; None: it has to be read."""
        return self._lanes.answer(wire, now)

    def share(self, question: ReadyQuestion, wire: bytes, tally: Tally) -> None:
        """Answer others at once that are like *wire*, which was told that its name is missing."""
        name = question.name
        above = self._known.get(name[1 + name[0] :])
        if above is not None:
            self._lanes.open(wire, question, above, tally)

    def lasts(self, question: ReadyQuestion) -> bool:
        """Return whether the answer to *question* is about a name that is there, and stays so.

        Where a record is signed for each name, the signature has its own time.
        """
        known = self._known.get(question.name)
        told = None if known is None else known.lacking.get(question.edns_flags >> _DO_SHIFT)
        return told is not None and isinstance(told[1], Denied)

    def __call__(self, question: ReadyQuestion, now: Instant) -> ReadyAnswer | None:
        """Return the answer to *question*; None if it is about anything else."""
        if question.rdtype in LEFT_OUT:
            return None
        name, offsets = question.name, question.offsets
        dnssec = question.edns_flags >> _DO_SHIFT
        known = self._known.get(name)
        if known is not None:
            types, denied = known.lacking.get(dnssec, (frozenset(), None))
            if question.rdtype in types:
                return None
        else:
            closer = 0
            for at in offsets[1:]:
                known = self._known.get(name[at:])
                if known is not None:
                    break
                closer = at
            else:
                at = len(name) - 1
                known = self._known.get(name[at:])
                if known is None:
                    return None
            denied = known.denied(question, dnssec, closer, at)
        if denied is None or not denied.since <= now < denied.until:
            denied = self._learn(question, known.served, now)
        return None if denied is None else denied.answer(question, now)

    def _learn(self, question: ReadyQuestion, served: ServedZone, now: Instant) -> Told | None:
        """Ask the nameserver, and keep the answer for all whom it fits; None: it fits nobody."""
        way = way_of(served, question)
        scope = None if way is Way.OTHER else scope_of(self._names, served.zone, question)
        if scope is None or (way is Way.SIGNED and scope.compact is None):
            return None
        body = self._body(question, served, scope, now)
        if body is None or HEADER_OCTETS + len(question.asked) + len(body.octets) > _ROOM:
            return None
        if not self._room:
            self._forget()
        self._room -= 1
        told = _told(body, served, scope.compact if way is Way.SIGNED else None, now)
        if scope.place.exists:
            self._keep_types(question, served, scope.place, told)
        else:
            self._keep_gap(question, served, scope, (body.mentioned, told))
        return told

    def _body(
        self, question: ReadyQuestion, served: ServedZone, scope: Scope, now: Instant
    ) -> Body | None:
        """Return what is said: written here, if it is nothing but a "no"."""
        if scope.is_denied:
            proof = proof_of(served, question, scope.outcome)
            return write_denial(served, question, proof, scope.rcode, now)
        return self._full(question, now)

    def _full(self, question: ReadyQuestion, now: Instant) -> Body | None:
        """Return what the nameserver says to whoever asks for it with room enough."""
        opt = push_opt(question._replace(has_edns=True))
        wire = _HEADER + question.name + question.asked[-4:] + opt
        message = self._names.respond(wire, ANYBODY, now)
        return None if message is None or message[2] & _TC else pull_body(message)

    def _keep_types(
        self, question: ReadyQuestion, served: ServedZone, place: Place, denied: Told
    ) -> None:
        types = {int(one) for one in served.zone.types(place.name)}
        if place.name in self._names.zones:
            types.add(RdataType.DS)
        known = self._known.setdefault(question.name, _known(served))
        known.lacking[question.edns_flags >> _DO_SHIFT] = frozenset(types), denied

    def _keep_gap(
        self,
        question: ReadyQuestion,
        served: ServedZone,
        scope: Scope,
        answer: tuple[frozenset[bytes], Told],
    ) -> None:
        encloser, closer = name_octets(scope.place.closest_encloser), next_closer(scope.place)
        known = self._known.setdefault(encloser, _known(served))
        known.by_type = scope.by_type
        dnssec = question.edns_flags >> _DO_SHIFT
        key = known.key(name_octets(closer), dnssec)
        hashed = dnssec and known.hashing is not None
        low, high = _hashes(served, key) if hashed else _labels(served.zone, closer)
        mentioned, denied = answer
        for name in mentioned:
            child = _child(name, encloser)
            if child is None:
                continue
            end = known.key(child, dnssec)
            if end == key:
                return
            low, high = (max(low, end), high) if end < key else (low, min(high, end))
        kind = known.kind(question, dnssec)
        known.gaps.setdefault(kind, Gaps()).put(low, high, denied)


def _told(
    body: Body, served: ServedZone, compact: frozenset[RdataType] | None, now: Instant
) -> Told:
    times = _times(body, served, now)
    if compact is None or served.signer is None:
        return Denied(body, *times)
    return CompactDenied(body, times, served.signer, served.zone.negative_ttl, compact)


def _known(served: ServedZone) -> Known:
    hashed = served.signer is not None and served.signer.denial.mode.hashes
    return Known(served, served.signer.denial.hashing if served.signer and hashed else None)


def _times(body: Body, served: ServedZone, now: Instant) -> tuple[Instant, Instant]:
    """Return from when until when the signatures of *body* are those in use."""
    if not body.windows or served.signer is None:
        return _ALWAYS
    policy = served.signer.policy
    expirations, inceptions = zip(*body.windows, strict=True)
    since = max(serial_to_instant(one, now) for one in inceptions) + policy.inception_offset
    until = min(serial_to_instant(one, now) for one in expirations)
    return since, policy.replaced_at(until)


def _labels(zone: Zone, closer: Name) -> tuple[bytes, bytes]:
    """Return the labels of the neighbours that *closer*, which does not exist, has as a sibling."""
    low = _sibling(zone.place(closer).before, closer)
    return low, _sibling(zone.next_owner(closer), closer) or _BEHIND_LABELS


def _sibling(other: Name, closer: Name) -> bytes:
    """Return the label beside that of *closer* at or above *other*; none if it lies elsewhere."""
    if len(other) < len(closer) or not other.is_subdomain(closer.parent()):
        return b""
    return other.labels[-len(closer)].lower()


def _hashes(served: ServedZone, digest: bytes) -> tuple[bytes, bytes]:
    assert isinstance(served.denial, Nsec3Denial)
    return served.denial.gap(digest)


def _child(name: bytes, encloser: bytes) -> bytes | None:
    """Return *name* or the name above it that is one label longer than *encloser*, if any is."""
    at = 0
    while name[at]:
        above = at + 1 + name[at]
        if name[above:] == encloser:
            return name[at:]
        at = above
    return None

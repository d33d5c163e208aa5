"""What time brings by itself: the moments between two instants at which something changes.

Decides, without a clock: when signatures are made anew and run out, when certificates end.
What keys do depends on what parents say, so their steps are told from two worlds, before and after.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import groupby

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.checks import Report
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.pki.contents import read
from lab.world.build import World

_SHOWN = 5


class Change(Enum):
    """Name what time does to things, as a trace writes it."""

    RENEWED = "signatures have been made anew"
    EXPIRED = "signatures from before the journey have expired"
    KEY = "keys"
    DS = "the parent publishes another DS RRset"
    CERTIFICATE = "certificates have ended"
    CACHE = "a resolver forgets"


@dataclass(frozen=True, slots=True)
class Moment:
    """Tell of one change.

    Attributes:
        at: first second at which things are otherwise.
        change: what it is.
        about: to what it happens, e.g. a zone.
    """

    at: Instant
    change: Change
    about: str


@dataclass(frozen=True, slots=True)
class Journey:
    """Tell what happened while the clock was moved.

    Attributes:
        since: where it stood.
        until: where it stands.
        moments: what came on the way, in order of time.
    """

    since: Instant
    until: Instant
    moments: tuple[Moment, ...] = ()

    def report(self) -> Report:
        """Return it as lines that a reader can follow: what happens at once, to many, is one."""
        parts = []
        for (at, change), group in groupby(self.moments, key=lambda one: (one.at, one.change)):
            abouts = [one.about for one in group]
            parts.append(Report(f"{at} {change.value}", conclusion=_listed(abouts)))
        many = len(self.moments)
        count = f"{many} change{'s' * (many != 1)}" if many else "nothing changes by itself"
        return Report(f"from {self.since} to {self.until}", conclusion=count, parts=tuple(parts))


def _listed(abouts: list[str]) -> str:
    more = len(abouts) - _SHOWN
    return ", ".join(abouts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def journey(since: Instant, until: Instant, moments: Iterable[Moment]) -> Journey:
    """Return the trace of a journey; what lies outside it is left out."""
    within = (one for one in moments if since < one.at <= until)
    places = {change: place for place, change in enumerate(Change)}
    order = sorted(within, key=lambda one: (one.at, places[one.change], one.about))
    return Journey(since, until, tuple(order))


def coming(world: World, since: Instant, until: Instant) -> Iterator[Moment]:
    """Iterate over what happens to signatures and certificates of *world*, in no order."""
    for apex, signer in world.signers.items():
        policy, zone = signer.policy, str(apex)
        for at in policy.renewals(since, until):
            yield Moment(at, Change.RENEWED, zone)
        yield Moment(policy.outlived(since) + 1, Change.EXPIRED, zone)
    yield from _endings(world)


def _endings(world: World) -> Iterator[Moment]:
    told = set()
    materials = world.materials
    for name, identity in (*materials.identities.items(), *materials.dot_identities.items()):
        for certificate in identity.chain:
            content = read(certificate)
            about = str(name) if certificate is identity.leaf else content.subject.rfc4514_string()
            end = content.window.expiration + 1
            if (about, end) not in told:
                told.add((about, end))
                yield Moment(end, Change.CERTIFICATE, about)


def forgotten(answers: Iterable[tuple[Name, RdataType, Instant]]) -> Iterator[Moment]:
    """Iterate over the ends of *answers* that a cache holds until their time."""
    for qname, rdtype, until in answers:
        yield Moment(until, Change.CACHE, f"{qname} {rdtype.name}")


def key_steps(before: World, after: World, at: Instant) -> Iterator[Moment]:
    """Iterate over what keys and delegations of *after* have done since *before*."""
    for apex, zone_life in after.lives.items():
        was = before.lives.get(apex)
        if was is None or was is zone_life:
            continue
        known = was.life.entered
        for (key, record), (state, since) in zone_life.life.entered.items():
            if known.get((key, record)) != (state, since):
                yield Moment(at, Change.KEY, f"{apex} {key}: {record.value} is {state.value}")
        for key in sorted(was.secrets.keys() - zone_life.secrets.keys()):
            yield Moment(at, Change.KEY, f"{apex} {key}: forgotten")
    for apex, ds in after.delegations.items():
        if ds != before.delegations.get(apex):
            tags = ", ".join(str(one.key_tag) for one in ds) or "none"
            yield Moment(at, Change.DS, f"{apex} ({tags})")

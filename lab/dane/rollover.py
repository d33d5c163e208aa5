"""In which order TLSA records and certificates are replaced, and how long to wait (RFC 7671 8).

Decides: what is published when, so that every client matches whatever its cache holds. Data only:
who does it, and by which clock, is the caller's.
"""

from collections.abc import Iterable
from enum import Enum

from cryptography import x509

from lab.core.frozen import dataclass
from lab.dane.tlsa import Parameters, TlsaRecord, association_data

Chain = tuple[x509.Certificate, ...]


class Do(Enum):
    """Tell what a stage of a rollover does."""

    PUBLISH = "publish"
    WAIT = "wait"
    DEPLOY = "deploy"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Stage:
    """Hold one stage.

    Attributes:
        do: what it does.
        records: the whole RRset after it.
        seconds: how long to wait; 0 unless *do* is WAIT.
        why: the reason, for those who wait.
    """

    do: Do
    records: tuple[TlsaRecord, ...]
    seconds: int
    why: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Say how long old data live.

    Attributes:
        ttl: of the TLSA RRset that is published now, in seconds.
        propagation: until all nameservers of the zone serve a change, in seconds.
    """

    ttl: int
    propagation: int = 0

    @property
    def wait(self) -> int:
        """Return how long the new records must stand before a certificate relies on them."""
        # RFC 7671 section 8.1: two TTLs, as some caches keep an RRset for longer than they should.
        return self.propagation + 2 * self.ttl


@dataclass(frozen=True, slots=True)
class Deployment:
    """Hold what a server shows, and what is published about it.

    Attributes:
        chain: leaf first, with the root as last.
        forms: of its records.
    """

    chain: Chain
    forms: tuple[Parameters, ...]

    def record(self, form: Parameters) -> TlsaRecord:
        """Return the record in *form*: of the leaf for usages 1 and 3, of the root for 0 and 2."""
        certificate = self.chain[-1 if form.usage.names_authority else 0]
        data = association_data(certificate, form.selector, form.matching)
        return TlsaRecord(int(form.usage), int(form.selector), int(form.matching), data)

    def records(self, forms: Iterable[Parameters] = ()) -> tuple[TlsaRecord, ...]:
        """Return the records in its own forms, and in *forms*; each once."""
        return tuple(dict.fromkeys(self.record(one) for one in (*self.forms, *forms)))


def rollover(old: Deployment, new: Deployment, timing: Timing) -> tuple[Stage, ...]:
    """Return the stages from *old* to *new*."""
    before, after = old.records(), new.records()
    if set(before) == set(after):
        # RFC 7671 section 8.1: with selector SPKI and the same key, renewal concerns nobody.
        return (Stage(Do.DEPLOY, before, 0, "the records name the new certificate already"),)
    both = _together(old, new)
    wait = f"until no cache holds the old RRset: two TTLs of {timing.ttl} s" + (
        f" and {timing.propagation} s for all nameservers" if timing.propagation else ""
    )
    return (
        Stage(Do.PUBLISH, both, 0, "the new records beside the old ones"),
        Stage(Do.WAIT, both, timing.wait, wait),
        Stage(Do.DEPLOY, both, 0, "every client knows both certificates now"),
        Stage(Do.REMOVE, after, 0, "nobody shows the old certificate any more"),
    )


def _together(old: Deployment, new: Deployment) -> tuple[TlsaRecord, ...]:
    """Return the RRset by which clients accept either.

    RFC 7671 section 9: of several digests with one usage and selector only the strongest counts. So
    a digest of one certificate stands beside the same digest of the other.
    """
    joint = dict.fromkeys(
        (*old.records(_companions(old, new)), *new.records(_companions(new, old)))
    )
    return tuple(joint)


def _companions(own: Deployment, other: Deployment) -> tuple[Parameters, ...]:
    families = {(one.usage, one.selector) for one in own.forms}
    return tuple(one for one in other.forms if (one.usage, one.selector) in families)

"""Sign what a lookup returned, when an answer needs it, and keep the signatures.

The cache is keyed by what is signed, and by which key: a zone that changes makes other octets, and
nothing has to be invalidated. Faults act before the signature (the job) and after it (the RRset).
"""

from collections import OrderedDict
from dataclasses import field, replace

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, SIGNED_RRSET, RRset, SignedRRset
from lab.core.seams import Hooks, Seam
from lab.dnssec.keys import KeySet, SigningKey
from lab.dnssec.signing import SIGNING_JOB, SigningJob, SigningPolicy, place_of, sign
from lab.nameserver.denying import DenialPolicy

# RFC 6781 section 3.1: the key-signing keys sign the DNSKEY RRset. RFC 7344 section 4.1: CDS and
# CDNSKEY, too, because the parent knows no other keys.
_BY_KSK = frozenset({RdataType.DNSKEY, RdataType.CDS, RdataType.CDNSKEY})


class SignatureCache:
    """Keep the signatures of the most recently used jobs, a bounded number of them."""

    CAPACITY = 20_000

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Start empty, for at most *capacity* signatures."""
        self._capacity = capacity
        self._kept: OrderedDict[tuple[bytes, SigningKey], RRSIG] = OrderedDict()

    def sign(self, job: SigningJob) -> RRSIG:
        """Return the signature of *job*, made now or kept from an earlier time."""
        content = (job.octets, job.key)
        kept = self._kept.get(content)
        if kept is None:
            kept = self._kept[content] = sign(job)
            if len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(content)
        return kept

    def __len__(self) -> int:
        """Return the number of signatures kept."""
        return len(self._kept)


@dataclass(frozen=True, slots=True)
class ChosenKeys:
    """Say which keys sign one RRset.

    Attributes:
        rrset: to be signed.
        keys: each makes one RRSIG.
        zone: all keys that the zone has.
    """

    rrset: RRset
    keys: tuple[SigningKey, ...]
    zone: KeySet


CHOSEN_KEYS: Seam[ChosenKeys] = Seam("chosen-keys")


@dataclass(frozen=True, slots=True)
class Signer:
    """Sign the RRsets of one zone.

    Attributes:
        apex: the signer name of every RRSIG.
        keys: of the zone.
        policy: how long signatures live.
        denial: how the zone says no.
        zonemd: hash algorithm of the digest over the whole zone; None: it has none.
        hooks: the faults that act now.
        cache: shared by all versions of the zone.
    """

    apex: Name
    keys: KeySet
    policy: SigningPolicy = field(default_factory=SigningPolicy)
    denial: DenialPolicy = field(default_factory=DenialPolicy)
    zonemd: int | None = None
    hooks: Hooks = field(default_factory=Hooks)
    cache: SignatureCache = field(default_factory=SignatureCache)

    def signed(self, rrset: RRset, now: Instant, wildcard: Name | None = None) -> SignedRRset:
        """Return *rrset* with its RRSIGs.

        Args:
            rrset: authoritative data of the zone.
            now: the lab's present; decides the window.
            wildcard: the owner it was synthesised from: that one is signed (RFC 4035 5.3.2).
        """
        published = self.hooks.at(PUBLISHED_RRSET, rrset, now)
        source = published if wildcard is None else replace(published, owner=wildcard)
        rrsigs = tuple(self._rrsig(source, key, now) for key in self._keys_for(rrset, now))
        return self.hooks.at(SIGNED_RRSET, SignedRRset(published, rrsigs, published.ttl), now)

    def _rrsig(self, rrset: RRset, key: SigningKey, now: Instant) -> RRSIG:
        window = self.policy.window(now, place_of(rrset))
        job = SigningJob(rrset, key, window, self.apex)
        return self.cache.sign(self.hooks.at(SIGNING_JOB, job, now))

    def _keys_for(self, rrset: RRset, now: Instant) -> tuple[SigningKey, ...]:
        chosen = ChosenKeys(rrset, self.keys_of(rrset.rdtype), self.keys)
        return self.hooks.at(CHOSEN_KEYS, chosen, now).keys

    def keys_of(self, rdtype: int) -> tuple[SigningKey, ...]:
        """Return the keys that sign records of type *rdtype*, if no fault interferes."""
        return self.keys.key_signing if rdtype in _BY_KSK else self.keys.zone_signing

"""Keys that sign zones: a pair, its role, and the set that a zone holds.

A KSK signs the DNSKEY RRset only and is what the parent's DS names; a ZSK signs all the rest; a
CSK does both (RFC 6781 section 3.1). The SEP flag is a hint for people and parents, it has no
meaning for validators (RFC 4034 section 2.1.1).
"""

import struct
from collections.abc import Mapping
from dataclasses import field
from enum import Enum, Flag, auto
from functools import cached_property
from typing import NewType

from dns.dnssecalgs.base import GenericPrivateKey
from dns.dnssectypes import Algorithm
from dns.name import Name
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.dnskeybase import Flag as KeyFlag

from lab.core.entropy import Entropy
from lab.core.frozen import dataclass
from lab.dnssec.algorithms import SigningAlgorithm

KeyTag = NewType("KeyTag", int)

_DNSKEY_FIELDS = struct.Struct("!HBB")


class KeyRole(Enum):
    """Tell what a key signs."""

    KSK = "ksk"
    ZSK = "zsk"
    CSK = "csk"

    @property
    def flags(self) -> int:
        """Return the DNSKEY flags: Zone, and SEP for a key that a DS points at."""
        return int(KeyFlag.ZONE) if self is KeyRole.ZSK else int(KeyFlag.ZONE | KeyFlag.SEP)


def key_tag(dnskey: DNSKEY) -> KeyTag:
    """Return the hint by which RRSIG and DS name a key (RFC 4034 appendix B)."""
    octets = _DNSKEY_FIELDS.pack(dnskey.flags, dnskey.protocol, dnskey.algorithm) + dnskey.key
    if dnskey.algorithm == Algorithm.RSAMD5:
        # RFC 4034 appendix B.1: two octets of the modulus.
        return KeyTag(int.from_bytes(octets[-3:-1], "big"))
    octets += bytes(len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    return KeyTag((total + (total >> 16)) & 0xFFFF)


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """Hold one key pair of one zone.

    Attributes:
        owner: apex of the zone.
        role: what it signs.
        algorithm: its row of the table.
        private: the half that never leaves the state folder.
        dnskey: the half that is published.
        tag: its key tag.
    """

    owner: Name
    role: KeyRole
    algorithm: SigningAlgorithm
    private: GenericPrivateKey
    dnskey: DNSKEY = field(init=False)
    tag: KeyTag = field(init=False)

    def __post_init__(self) -> None:
        """Derive the public half once; every signature needs its key tag."""
        public = self.private.public_key()
        object.__setattr__(self, "dnskey", public.to_dnskey(flags=self.role.flags))
        object.__setattr__(self, "tag", key_tag(self.dnskey))

    def __hash__(self) -> int:
        """Return the key tag: caches of signatures ask for it with each answer."""
        return self.tag

    def sign(self, data: bytes) -> bytes:
        """Return the signature over *data* in the form that an RRSIG carries."""
        return self.private.sign(data)

    def pem(self) -> bytes:
        """Return the private half as PKCS#8 PEM, for a file of mode 0600."""
        return self.private.to_pem()

    def __repr__(self) -> str:
        """Show owner, tag and algorithm only; the secret must not end up in a log."""
        return f"<{self.role.name} {self.owner} {self.tag} {self.algorithm.mnemonic}>"


def generate(
    owner: Name, role: KeyRole, algorithm: SigningAlgorithm, entropy: Entropy | None = None
) -> SigningKey:
    """Return a fresh key pair.

    Args:
        owner: apex of the zone.
        role: what it signs.
        algorithm: its row of the table.
        entropy: what it is made of, where the algorithm allows; None: `cryptography` draws.
    """
    if entropy is None or algorithm.derive is None:
        return SigningKey(owner, role, algorithm, algorithm.generate())
    return SigningKey(owner, role, algorithm, algorithm.derive(entropy))


def from_pem(owner: Name, role: KeyRole, algorithm: SigningAlgorithm, pem: bytes) -> SigningKey:
    """Return the key pair that `pem()` wrote.

    Raises:
        ValueError: the bytes are no such key.
    """
    return SigningKey(owner, role, algorithm, algorithm.load(pem))


class Duty(Flag):
    """Name what a key is used for at present; in a rollover that is less than its role allows.

    Attributes:
        PUBLISHED: it stands in the DNSKEY RRset.
        SIGNS_KEYS: it signs the DNSKEY RRset, and CDS and CDNSKEY with it (RFC 7344 section 4.1).
        SIGNS_ZONE: it signs everything else.
        DELEGATED: the parent ought to have a DS of it; CDS and CDNSKEY say so.
    """

    NONE = 0
    PUBLISHED = auto()
    SIGNS_KEYS = auto()
    SIGNS_ZONE = auto()
    DELEGATED = auto()


DUTIES: Mapping[KeyRole, Duty] = {
    KeyRole.KSK: Duty.PUBLISHED | Duty.SIGNS_KEYS | Duty.DELEGATED,
    KeyRole.ZSK: Duty.PUBLISHED | Duty.SIGNS_ZONE,
    KeyRole.CSK: Duty.PUBLISHED | Duty.SIGNS_KEYS | Duty.SIGNS_ZONE | Duty.DELEGATED,
}


@dataclass(frozen=True)
class KeySet:
    """Hold the keys of one zone, each with what it is used for now.

    Attributes:
        keys: all of them.
        duties: of each key, in the same order; empty: each does all that its role allows.
    """

    keys: tuple[SigningKey, ...]
    duties: tuple[Duty, ...] = ()

    def __post_init__(self) -> None:
        """Fill in the duties that follow from the roles."""
        if not self.duties:
            object.__setattr__(self, "duties", tuple(DUTIES[key.role] for key in self.keys))
        assert len(self.duties) == len(self.keys)

    def with_duty(self, duty: Duty) -> tuple[SigningKey, ...]:
        """Return the keys that have *duty*, in the order of the set."""
        pairs = zip(self.keys, self.duties, strict=True)
        return tuple(key for key, duties in pairs if duty in duties)

    @cached_property
    def key_signing(self) -> tuple[SigningKey, ...]:
        """Return the keys that sign the DNSKEY RRset."""
        return self.with_duty(Duty.SIGNS_KEYS)

    @cached_property
    def zone_signing(self) -> tuple[SigningKey, ...]:
        """Return the keys that sign everything else."""
        return self.with_duty(Duty.SIGNS_ZONE)

    @property
    def delegated(self) -> tuple[SigningKey, ...]:
        """Return the keys that the parent ought to have DS records of."""
        return self.with_duty(Duty.DELEGATED)

    @property
    def dnskeys(self) -> tuple[DNSKEY, ...]:
        """Return the published halves, in the order of the set."""
        return tuple(key.dnskey for key in self.with_duty(Duty.PUBLISHED))

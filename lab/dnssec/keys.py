"""Keys that sign zones: a pair, its role, and the set that a zone holds.

A KSK signs the DNSKEY RRset only and is what the parent's DS names; a ZSK signs all the rest; a
CSK does both (RFC 6781 section 3.1). The SEP flag is a hint for people and parents, it has no
meaning for validators (RFC 4034 section 2.1.1).
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import NewType

import dns.dnssec
from dns.dnssecalgs.base import GenericPrivateKey
from dns.name import Name
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.dnskeybase import Flag

from lab.dnssec.algorithms import SigningAlgorithm

KeyTag = NewType("KeyTag", int)


class KeyRole(Enum):
    """Tell what a key signs."""

    KSK = "ksk"
    ZSK = "zsk"
    CSK = "csk"

    @property
    def flags(self) -> int:
        """Return the DNSKEY flags: Zone, and SEP for a key that a DS points at."""
        return int(Flag.ZONE) if self is KeyRole.ZSK else int(Flag.ZONE | Flag.SEP)


def key_tag(dnskey: DNSKEY) -> KeyTag:
    """Return the hint by which RRSIG and DS name a key (RFC 4034 appendix B)."""
    return KeyTag(dns.dnssec.key_id(dnskey))


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """Hold one key pair of one zone.

    Attributes:
        owner: apex of the zone.
        role: what it signs.
        algorithm: its row of the table.
        private: the half that never leaves the state folder.
        dnskey: the half that is published.
    """

    owner: Name
    role: KeyRole
    algorithm: SigningAlgorithm
    private: GenericPrivateKey
    dnskey: DNSKEY = field(init=False)

    def __post_init__(self) -> None:
        """Derive the public half once; every signature needs its key tag."""
        public = self.private.public_key()
        object.__setattr__(self, "dnskey", public.to_dnskey(flags=self.role.flags))

    @property
    def tag(self) -> KeyTag:
        """Return the key tag of the public half."""
        return key_tag(self.dnskey)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over *data* in the form that an RRSIG carries."""
        return self.private.sign(data)

    def pem(self) -> bytes:
        """Return the private half as PKCS#8 PEM, for a file of mode 0600."""
        return self.private.to_pem()

    def __repr__(self) -> str:
        """Show owner, tag and algorithm only; the secret must not end up in a log."""
        return f"<{self.role.name} {self.owner} {self.tag} {self.algorithm.mnemonic}>"


def generate(owner: Name, role: KeyRole, algorithm: SigningAlgorithm) -> SigningKey:
    """Return a fresh key pair; `cryptography` draws the randomness."""
    return SigningKey(owner, role, algorithm, algorithm.generate())


def from_pem(owner: Name, role: KeyRole, algorithm: SigningAlgorithm, pem: bytes) -> SigningKey:
    """Return the key pair that `pem()` wrote.

    Raises:
        ValueError: the bytes are no such key.
    """
    return SigningKey(owner, role, algorithm, algorithm.load(pem))


@dataclass(frozen=True, slots=True)
class KeySet:
    """Hold the keys of one zone.

    Attributes:
        keys: all of them, published; at least one of them signs DNSKEY, one the rest.
    """

    keys: tuple[SigningKey, ...]

    @property
    def key_signing(self) -> tuple[SigningKey, ...]:
        """Return the keys that sign the DNSKEY RRset, and that DS records are made of."""
        return tuple(key for key in self.keys if key.role is not KeyRole.ZSK)

    @property
    def zone_signing(self) -> tuple[SigningKey, ...]:
        """Return the keys that sign everything else."""
        return tuple(key for key in self.keys if key.role is not KeyRole.KSK)

    @property
    def dnskeys(self) -> tuple[DNSKEY, ...]:
        """Return the published halves, in the order of the set."""
        return tuple(key.dnskey for key in self.keys)

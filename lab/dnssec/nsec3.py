"""NSEC3: as NSEC, with hashed owners, so that a zone cannot simply be listed (RFC 5155).

Holds the hash, the interval arithmetic on it and the making of a record. What a set of records
proves is told by `validator.nsec3_proof`.
"""

from base64 import b32hexdecode, b32hexencode
from binascii import Error as BadBase32
from collections.abc import Iterable
from hashlib import sha1

from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC3 import NSEC3

from lab.core.frozen import dataclass
from lab.dnssec.canonical import name_octets
from lab.dnssec.nsec import bitmap

# RFC 5155 section 11: SHA-1 is the only hash algorithm there is.
SHA1 = 1
OPT_OUT = 0x01
HASH_SIZE = 20


@dataclass(frozen=True, slots=True)
class Nsec3Parameters:
    """Say how owners are hashed (RFC 5155 section 4).

    Attributes:
        iterations: how often the hash is repeated; RFC 9276 section 3.1 wants 0.
        salt: at most 255 octets; RFC 9276 section 3.1 wants none.
    """

    iterations: int = 0
    salt: bytes = b""

    def hash(self, name: Name) -> bytes:
        """Return the 20 octets that stand for *name* (RFC 5155 section 5)."""
        return self.hash_octets(name_octets(name))

    def hash_octets(self, name: bytes) -> bytes:
        """Return the same for a name in canonical form."""
        digest = name
        for _ in range(self.iterations + 1):
            digest = sha1(digest + self.salt, usedforsecurity=False).digest()
        return digest

    def owner(self, name: Name, apex: Name) -> Name:
        """Return where the NSEC3 of *name* stands in the zone *apex*."""
        return Name((to_label(self.hash(name)), *apex.labels))


_USUAL = Nsec3Parameters()


def parameters(nsec3: NSEC3) -> Nsec3Parameters:
    """Return how the owner of *nsec3* was hashed."""
    return Nsec3Parameters(nsec3.iterations, nsec3.salt)


def to_label(digest: bytes) -> bytes:
    """Return *digest* as an owner label: base32hex in lower case, without padding."""
    return b32hexencode(digest).lower()


def from_label(label: bytes) -> bytes | None:
    """Return the digest that an owner label holds; None if it holds none."""
    try:
        digest = b32hexdecode(label, casefold=True)
    except (BadBase32, ValueError):
        return None
    return digest if len(digest) == HASH_SIZE else None


def make_nsec3(
    following: bytes,
    rdtypes: Iterable[RdataType],
    hashing: Nsec3Parameters = _USUAL,
    *,
    opt_out: bool = False,
) -> NSEC3:
    """Return the NSEC3 that says: here are *rdtypes*, and no hash up to *following*."""
    flags = OPT_OUT if opt_out else 0
    return NSEC3(
        RdataClass.IN,
        RdataType.NSEC3,
        SHA1,
        flags,
        hashing.iterations,
        hashing.salt,
        following,
        bitmap(frozenset(rdtypes)),
    )


def covers(start: bytes, following: bytes, digest: bytes) -> bool:
    """Tell whether *digest* lies strictly between the hashes *start* and *following*.

    The last NSEC3 of a zone points back to the first one (RFC 5155 section 3.1.7).
    """
    if start < following:
        return start < digest < following
    return digest > start or digest < following

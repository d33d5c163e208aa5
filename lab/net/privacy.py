"""How far DNS over TLS is wanted by who asks (RFC 7858); `net/dot_client.py` does it."""

from dataclasses import dataclass
from enum import Enum

DOT_PORT = 853


class Profile(Enum):
    """Say what TLS is for: against those who listen, or also against those who interfere."""

    OPPORTUNISTIC = "opportunistic"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Privacy:
    """Say how much of it is wanted.

    Attributes:
        profile: opportunistic or strict.
        port: where servers speak TLS.
        pins: SHA-256 of the public key (SubjectPublicKeyInfo) of the server, any of them.
    """

    profile: Profile
    port: int = DOT_PORT
    pins: tuple[bytes, ...] = ()

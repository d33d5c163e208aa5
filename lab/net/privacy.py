"""How far DNS over TLS is wanted by who asks (RFC 7858); `net/dot_client.py` does it."""

from lab.core.frozen import dataclass
from lab.core.question import Profile

DOT_PORT = 853


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

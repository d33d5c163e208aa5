"""Which versions of TLS a role speaks; TLS 1.2 for the drafts of 2022 alone.

draft-ietf-dance-client-auth-13 forbids to negotiate less than TLS 1.3: in TLS 1.2 the client's name
travels in clear, in the ClientHello, to whoever listens.
"""

from enum import IntEnum


class Version(IntEnum):
    """Number the versions as they stand on the wire (RFC 8446 section 4.2.1)."""

    TLS1_2 = 0x0303
    TLS1_3 = 0x0304

    @property
    def pair(self) -> tuple[int, int]:
        """Return what people call it: (1, 3) is TLS 1.3."""
        return 1, self - 0x0301

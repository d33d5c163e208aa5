"""Actions about certificates, for stories about CAs: what they issue, and who trusts whom for what.

What comes of them is in `scenario.pki_scene`.
"""

from enum import Enum
from typing import TypeAlias

from dns.name import Name

from lab.core.frozen import dataclass
from lab.pki.revocation import RevocationDemand

SELF = "self"
"""The name of no CA: the key signs for itself."""


class Sent(Enum):
    """Tell which certificates a holder sends in its handshakes."""

    LEAF = "leaf"
    WITHOUT_ROOT = "without-root"
    WHOLE = "whole"


class Publicity(Enum):
    """Tell whether a CA tells a public log what it issues (RFC 9162)."""

    LOGGED = "logged"
    SECRET = "secret"  # noqa: S105 no password


class Means(Enum):
    """Tell by what means a verifier decides.

    Attributes:
        PKIX: a path to one of the roots that it trusts (RFC 5280).
        TOFU: trust on first use: the key must be that of the first time.
        CT: PKIX, and the certificate must stand in a public log (RFC 9162).
        DANE: the TLSA RRset of the server, validated from the root of the DNS (RFC 6698).
    """

    PKIX = "pkix"
    TOFU = "tofu"
    CT = "ct"
    DANE = "dane"


@dataclass(frozen=True, slots=True)
class MakeCa:
    """Make a certification authority; no result.

    Attributes:
        name: as the story calls it.
        organization: in its certificates.
        under: the CA that certifies it; empty: it is a root.
    """

    name: str
    organization: str
    under: str


@dataclass(frozen=True, slots=True)
class IssueCertificate:
    """Give an identity of the lab another key and certificate; no result.

    Attributes:
        identity: whose.
        ca: which CA of the story issues it, or SELF.
        names: dNSNames; none: those of the identity.
        lifetime: seconds.
        sends: which part of the chain the holder sends from now on.
        publicity: whether the CA logs it.
    """

    identity: str
    ca: str
    names: tuple[str, ...]
    lifetime: int
    sends: Sent
    publicity: Publicity


@dataclass(frozen=True, slots=True)
class RevokeCertificate:
    """Let a CA of the story revoke the certificate of an identity; no result.

    Attributes:
        identity: whose.
        ca: who issued it.
    """

    identity: str
    ca: str


@dataclass(frozen=True, slots=True)
class CheckCertificate:
    """Let somebody verify what an identity shows; the result is a Report.

    Attributes:
        of: who shows key and chain.
        name: whom the verifier wants to reach.
        as_client: whether the identity shows itself as a client.
        by: the means.
        trusts: names of the CAs in the verifier's trust store.
        revocation: what the verifier makes of CRLs.
        verifier: whose memory counts (TOFU).
    """

    of: str
    name: Name
    as_client: bool
    by: Means
    trusts: str
    revocation: RevocationDemand
    verifier: str


@dataclass(frozen=True, slots=True)
class RequestCertificate:
    """Ask the lab's public CA for a certificate; the result is a Report.

    Attributes:
        by: who asks; it puts the proof of control into the zone of its operator, if the name is
            there.
        names: dNSNames.
    """

    by: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WatchLog:
    """Look into the public log for certificates of a name that its holder does not use.

    Attributes:
        name: whose certificates are looked for; the result is a Report.
        holder: the identity that has the name.
    """

    name: Name
    holder: str


PkiAction: TypeAlias = (
    MakeCa | IssueCertificate | RevokeCertificate | CheckCertificate | RequestCertificate | WatchLog
)

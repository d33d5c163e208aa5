"""What a story about certificates has besides the lab: CAs, their CRLs, a public log, memories."""

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from lab.core.errors import InputError
from lab.core.frozen import dataclass

if TYPE_CHECKING:
    # Most worlds have no story about certificates.
    from cryptography import x509

    from lab.pki.crl import Revocation
    from lab.pki.identity import Identity


@dataclass(frozen=True, slots=True)
class SceneCa:
    """Hold one CA of a story.

    Attributes:
        title: organization in its subject.
        identity: its key, and the chain up to the root.
        revocations: of what it issued.
        crl: the last list that it made.
    """

    title: str
    identity: "Identity"
    crl: "x509.CertificateRevocationList"
    revocations: "tuple[Revocation, ...]" = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """Hold what stories add to a world; it goes when the world is set back.

    Attributes:
        cas: by the name that the story gives them.
        log: certificates that are publicly known (Certificate Transparency, RFC 9162).
        memories: verifier and name to the digest of the key that was seen first (TOFU).
    """

    cas: Mapping[str, SceneCa] = field(default_factory=dict)
    log: "tuple[x509.Certificate, ...]" = ()
    memories: Mapping[tuple[str, str], bytes] = field(default_factory=dict)

    def ca(self, name: str) -> SceneCa:
        """Return the CA that the story calls *name*.

        Raises:
            InputError: the story has not made it.
        """
        if name not in self.cas:
            known = ", ".join(self.cas) or "none"
            raise InputError(f"the story has made no CA {name!r}; there are: {known}")
        return self.cas[name]

    def trust_store(self, names: str) -> "tuple[x509.Certificate, ...]":
        """Return the certificates of the CAs *names*, which are separated by spaces."""
        return tuple(self.ca(name).identity.leaf for name in names.split())

    @property
    def crls(self) -> "tuple[x509.CertificateRevocationList, ...]":
        """Return the last list of every CA."""
        return tuple(one.crl for one in self.cas.values())

"""The certification authority of one operator: a root, an intermediate, and what they issue.

Each operator has its own; nobody else's trust store knows it. That peers accept its certificates
all the same is what DANE adds.
"""

from dataclasses import field, replace
from typing import ClassVar

from cryptography import x509

from lab.core.entropy import Entropy
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import HOUR, Instant, Window
from lab.core.seams import Hooks
from lab.pki.contents import read
from lab.pki.identity import Identity, identities_from_pem
from lab.pki.keys import P256, KeyType, PrivateKey, make_key, signing_form
from lab.pki.profiles import (
    CERTIFICATE_JOB,
    INTERMEDIATE,
    PEER,
    ROOT,
    CertificateJob,
    Profile,
    Purpose,
    builder,
)

BACKDATED = HOUR
_SERIAL_BYTES = 16


@dataclass(frozen=True, slots=True)
class Maker:
    """Hold what every certificate that is made now is made with.

    Attributes:
        now: the validity begins BACKDATED seconds earlier, for clocks that run late.
        entropy: gives keys and serial numbers.
        hooks: faults that act at CERTIFICATE_JOB.
    """

    now: Instant
    entropy: Entropy
    hooks: Hooks = field(default_factory=Hooks)

    def key(self, key_type: KeyType = P256) -> PrivateKey:
        """Return a new key."""
        return make_key(self.entropy, key_type)

    def window(self, lifetime: int) -> Window:
        """Return the validity of what is issued now for *lifetime* seconds."""
        return Window(self.now - BACKDATED, self.now + lifetime)

    def serial(self) -> int:
        """Return a random serial number, positive and of 17 octets at most."""
        # RFC 5280 section 4.1.2.2: not zero, and not more than 20 octets.
        return int.from_bytes(self.entropy.bytes(_SERIAL_BYTES), "big") | 1

    def job(
        self, profile: Profile, organization: str, key: PrivateKey, common_name: str = ""
    ) -> CertificateJob:
        """Return what a certificate of *profile* for *key* states."""
        return CertificateJob(
            organization,
            common_name,
            key.public_key(),
            self.window(profile.lifetime),
            self.serial(),
            profile.path_length,
            purpose=profile.purpose,
        )

    def self_signed(self, job: CertificateJob, key: PrivateKey) -> Identity:
        """Return *key* with a certificate that it signed itself."""
        job = self.hooks.at(CERTIFICATE_JOB, job, self.now)
        return Identity(key, (_signed(builder(job, job.subject, key.public_key()), key),))

    def issued(self, job: CertificateJob, key: PrivateKey, issuer: Identity) -> Identity:
        """Return *key* with a certificate that *issuer* signed, and the chain above it."""
        job = self.hooks.at(CERTIFICATE_JOB, job, self.now)
        return Identity(key, (_certificate(job, issuer), *issuer.chain))


def _certificate(job: CertificateJob, issuer: Identity) -> x509.Certificate:
    key = issuer.private_key
    return _signed(builder(job, issuer.leaf.subject, key.public_key()), key)


def _signed(draft: x509.CertificateBuilder, key: PrivateKey) -> x509.Certificate:
    form = signing_form(key)
    return draft.sign(key, form.digest, ecdsa_deterministic=form.deterministic)


def self_signed(
    organization: str,
    names: tuple[str, ...],
    maker: Maker,
    key_type: KeyType = P256,
    profile: Profile = PEER,
) -> Identity:
    """Return a new key with a leaf certificate that no CA has anything to do with."""
    key = maker.key(key_type)
    return maker.self_signed(replace(maker.job(profile, organization, key), names=names), key)


@dataclass(frozen=True, slots=True, repr=False)
class CertificateAuthority:
    """Issue the certificates of one operator.

    Attributes:
        organization: the operator's name, in every subject.
        root: self-signed; its identity has a chain of one.
        intermediate: signed by the root; its chain is (intermediate, root).
    """

    CA_LIFETIME: ClassVar[int] = ROOT.lifetime
    LEAF_LIFETIME: ClassVar[int] = PEER.lifetime

    organization: str
    root: Identity
    intermediate: Identity

    @classmethod
    def create(
        cls, organization: str, now: Instant, entropy: Entropy, hooks: Hooks | None = None
    ) -> "CertificateAuthority":
        """Return a new root and a new intermediate, valid from *now* on for CA_LIFETIME."""
        return cls.made(organization, Maker(now, entropy, hooks or Hooks()))

    @classmethod
    def made(
        cls, organization: str, maker: Maker, key_type: KeyType = P256
    ) -> "CertificateAuthority":
        """Return a new root and a new intermediate with keys of *key_type*."""
        root_key = maker.key(key_type)
        job = maker.job(ROOT, organization, root_key, _root_name(organization))
        root = maker.self_signed(job, root_key)
        return cls(organization, root, subordinate(root, organization, maker, key_type))

    def issue(
        self,
        names: tuple[str, ...],
        purpose: Purpose,
        now: Instant,
        entropy: Entropy,
        *,
        hooks: Hooks | None = None,
    ) -> Identity:
        """Return a fresh key with a leaf certificate for *names*, valid for LEAF_LIFETIME.

        Args:
            names: dNSNames without trailing dot.
            purpose: the extended key usage.
            now: the lab's present.
            entropy: gives key and serial number.
            hooks: faults that act at CERTIFICATE_JOB.
        """
        maker = Maker(now, entropy, hooks or Hooks())
        return self.certify(maker.key(), names, replace(PEER, purpose=purpose), maker)

    def certify(
        self, key: PrivateKey, names: tuple[str, ...], profile: Profile, maker: Maker
    ) -> Identity:
        """Return *key* with a leaf certificate for *names*."""
        job = replace(maker.job(profile, self.organization, key), names=names)
        return maker.issued(job, key, self.intermediate)

    def renewed(self, identity: Identity, maker: Maker, key: PrivateKey | None = None) -> Identity:
        """Return *identity* with a new certificate: same names, purpose and length of validity.

        With the same key a TLSA record with selector SPKI still names it (RFC 7671 section 8.1).

        Args:
            identity: what is renewed.
            maker: of the new certificate.
            key: another key; None: the same.
        """
        old = read(identity.leaf)
        lifetime = old.window.expiration - old.window.inception - BACKDATED
        profile = replace(PEER, purpose=old.purposes, lifetime=lifetime)
        return self.certify(key or identity.private_key, old.dns_names, profile, maker)

    def to_pem(self) -> bytes:
        """Return both keys and certificates as PEM, for a file of mode 0600."""
        return self.root.to_pem() + self.intermediate.to_pem()

    @classmethod
    def from_pem(cls, organization: str, pem: bytes) -> "CertificateAuthority":
        """Return the authority that `to_pem` wrote.

        Raises:
            InputError: the text does not hold two identities.
        """
        parts = identities_from_pem(pem)
        if len(parts) != len(("root", "intermediate")):
            raise InputError("the PEM text holds no certification authority (two keys)")
        return cls(organization, *parts)

    def __repr__(self) -> str:
        """Show the operator only; secrets must not end up in a log."""
        return f"<CertificateAuthority {self.organization}>"


def subordinate(
    root: Identity,
    organization: str,
    maker: Maker,
    key_type: KeyType = P256,
    key: PrivateKey | None = None,
) -> Identity:
    """Return an intermediate for *organization* below *root*: it may issue leaves only.

    Args:
        root: signs its certificate.
        organization: who holds it.
        maker: of the certificate.
        key_type: of its new key.
        key: a key that is there already.
    """
    own = key or maker.key(key_type)
    job = maker.job(INTERMEDIATE, organization, own, f"{organization} Issuing CA")
    return maker.issued(job, own, root)


@dataclass(frozen=True, slots=True)
class Rollover:
    """Hold an authority with a new root key, and the bridges between both (RFC 4210 section 4.4).

    Attributes:
        authority: new root; the intermediate has its key as before, so its leaves and its CRL go
            on, and a certificate of the new root.
        new_with_old: the new root's key, certified by the old one: for peers who only trust that.
        old_with_new: the old root's key, certified by the new one: for peers who have gone on
            already, about holders who still send the old chain.
    """

    authority: CertificateAuthority
    new_with_old: x509.Certificate
    old_with_new: x509.Certificate


def rolled(authority: CertificateAuthority, maker: Maker, key_type: KeyType = P256) -> Rollover:
    """Return *authority* with a new root key under the same name."""
    organization, key = authority.organization, maker.key(key_type)
    job = maker.job(ROOT, organization, key, _root_name(organization))
    root = maker.self_signed(job, key)
    kept = authority.intermediate.private_key
    intermediate = subordinate(root, organization, maker, key=kept)
    return Rollover(
        CertificateAuthority(organization, root, intermediate),
        new_with_old=_cross(organization, root, authority.root, maker),
        old_with_new=_cross(organization, authority.root, root, maker),
    )


def _root_name(organization: str) -> str:
    return f"{organization} Root CA"


def _cross(
    organization: str, subject: Identity, issuer: Identity, maker: Maker
) -> x509.Certificate:
    """Return the root key of *subject* as *issuer* certifies it, for as long as both live."""
    end = min(read(one.leaf).window.expiration for one in (subject, issuer))
    job = maker.job(ROOT, organization, subject.private_key, _root_name(organization))
    return _certificate(job.for_window(Window(job.window.inception, end)), issuer)

"""Faults of certificates: what an operator's server or client shows is not what it should be.

The operator's own CA makes them, by the code that makes honest ones: only what it is told is wrong.
DANE judges them by the usage of the TLSA record: usage 3 pins a key and looks at nothing else.
"""

from abc import abstractmethod
from dataclasses import replace

from dns.name import Name

from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import DAY, Instant, Window
from lab.core.parameters import Seconds
from lab.core.seams import Seam
from lab.faults.fault import NamedFault, fault
from lab.pki.ca import BACKDATED, CertificateAuthority, Maker
from lab.pki.contents import read
from lab.pki.identity import Identity
from lab.pki.profiles import PEER, CertificateJob

ONE_DAY = Seconds(DAY)


@dataclass(frozen=True, slots=True)
class Showing:
    """Hold what somebody is about to show in a handshake.

    Attributes:
        owner: whose it is, e.g. "tsp.js".
        identity: private key and chain.
        authority: the CA of the operator.
    """

    owner: str
    identity: Identity
    authority: CertificateAuthority


SHOWN_IDENTITY: Seam[Showing] = Seam("shown-identity")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnIdentity(NamedFault):
    """Limit a fault to what one identity shows, as server and as client.

    Attributes:
        identity: operator and role, e.g. "tsp.js".
    """

    identity: str

    def acts_in(self, apex: Name) -> bool:
        """Tell that no zone changes: the TLSA records are those of the honest certificate."""
        del apex
        return False

    def apply(self, value: Showing, now: Instant) -> Showing:
        """Return what is shown instead; *now* plays no part, so that it is the same each time."""
        del now
        if value.owner != self.identity:
            return value
        return replace(value, identity=self.shown(value))

    @abstractmethod
    def shown(self, honest: Showing) -> Identity:
        """Return the identity to show in place of that of *honest*."""

    def maker(self, honest: Showing) -> Maker:
        """Return what makes certificates as of the moment when the honest one was made."""
        issued = read(honest.identity.leaf).window.inception + BACKDATED
        return Maker(issued, SeededEntropy(f"{self.kind} {self.identity}"))

    def job(self, honest: Showing) -> CertificateJob:
        """Return what the certificate of *honest* states, to be made once more."""
        old = read(honest.identity.leaf)
        key, organization = honest.identity.private_key, honest.authority.organization
        job = self.maker(honest).job(PEER, organization, key)
        return replace(job, names=old.dns_names, purpose=old.purposes, window=old.window)

    def issued(self, honest: Showing, job: CertificateJob) -> Identity:
        """Return the key of *honest* with *job* as the operator's CA certifies it."""
        key, issuer = honest.identity.private_key, honest.authority.intermediate
        return self.maker(honest).issued(job, key, issuer)

    def __str__(self) -> str:
        """Return it as `certificate-expired of tsp.js`."""
        return f"{self.kind} of {self.identity}"


@fault("certificate-expired", seam=SHOWN_IDENTITY)
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateExpired(OnIdentity):
    """Show a certificate that has expired: nobody renewed it. Its key is the right one.

    With usage 3 the decision reports: nothing, and accepts, as the TLSA record says what is valid
    (RFC 7671 section 5.1). With usage 2 it reports: rule tlsa.path (RFC 7671 section 5.2).

    Attributes:
        ago: how long before the honest certificate was made it expired.
    """

    ago: Seconds = ONE_DAY

    def shown(self, honest: Showing) -> Identity:
        """Return the key with an old certificate."""
        job = self.job(honest)
        end = job.window.inception - self.ago
        return self.issued(honest, job.for_window(Window(end - PEER.lifetime, end)))


@fault("certificate-wrong-name", seam=SHOWN_IDENTITY)
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateWrongName(OnIdentity):
    """Show a certificate for another name. Its key is the right one.

    Of a server with usage 3 the decision reports: nothing, and accepts (RFC 7671 section 5.1), with
    usage 2 it reports: rule tlsa.path. Of a client with usage 2 it reports: rule
    client.name-in-san.

    Attributes:
        name: the only dNSName of the certificate.
    """

    name: Name

    def shown(self, honest: Showing) -> Identity:
        """Return the key with a certificate for the other name."""
        names = (self.name.to_text(omit_final_dot=True),)
        return self.issued(honest, replace(self.job(honest), names=names))


@fault("certificate-by-stranger", seam=SHOWN_IDENTITY)
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateByStranger(OnIdentity):
    """Show a certificate that another CA has issued than the operator's own. The key is the same.

    With usage 3 the decision reports: nothing, and accepts; no CA counts (RFC 7671 section 5.1).
    With usage 2 it reports: rule dane.authenticated, as the CA of the TLSA record is missing.
    """

    def shown(self, honest: Showing) -> Identity:
        """Return the key with a certificate of somebody else."""
        maker, job = self.maker(honest), self.job(honest)
        stranger = CertificateAuthority.made("Somebody Else", maker)
        return maker.issued(job, honest.identity.private_key, stranger.intermediate)


@fault("certificate-other-key", seam=SHOWN_IDENTITY)
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOtherKey(OnIdentity):
    """Show a good certificate of the operator's CA with another key, for which no TLSA record is.

    With usage 3 the decision reports: rule dane.authenticated (RFC 7671 section 5.1). With usage 2
    it reports: nothing, and accepts: the CA vouches for every key that it certifies.
    """

    def shown(self, honest: Showing) -> Identity:
        """Return a new key with a certificate for the same names."""
        maker, old = self.maker(honest), read(honest.identity.leaf)
        profile = replace(PEER, purpose=old.purposes)
        return honest.authority.certify(maker.key(), old.dns_names, profile, maker)


@fault("certificate-chain-short", seam=SHOWN_IDENTITY)
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateChainShort(OnIdentity):
    """Send the beginning of the chain only: the intermediate is missing, or the CA of the record.

    With usage 3 the decision reports: nothing, and accepts. With usage 2 it reports: rule
    dane.authenticated: the CA must be sent, as the other side has it not (RFC 7671 section 5.2.2).

    Attributes:
        certificates: how many are sent, the leaf among them.
    """

    certificates: int = 1

    def __post_init__(self) -> None:
        """Refuse a chain without a leaf."""
        if self.certificates < 1:
            raise InputError("the leaf is always sent: expected a number from 1 on", "certificates")

    def shown(self, honest: Showing) -> Identity:
        """Return the same key with less of its chain."""
        return replace(honest.identity, chain=honest.identity.chain[: self.certificates])

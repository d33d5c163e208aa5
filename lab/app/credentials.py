"""The certificates of a state folder: authorities of operators, their servers, and devices.

Each is made when it is first wanted, used again afterwards, and renewed when its time is over.
"""

from collections.abc import Callable
from pathlib import Path

from dns.name import Name

from lab.app.state import StateFolder, file_name
from lab.core.entropy import Entropy
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.pki.ca import CertificateAuthority, Maker, self_signed
from lab.pki.identity import Identity
from lab.pki.profiles import Purpose
from lab.world.operators import IdentityConfig, OperatorConfig


@dataclass(frozen=True, slots=True)
class Credentials:
    """Read and make the certificates of one state folder.

    Attributes:
        state: the folder.
        now: when they have to be valid.
        entropy: what new keys are made of.
    """

    state: StateFolder
    now: Instant
    entropy: Entropy

    def authority(self, operator: OperatorConfig) -> CertificateAuthority:
        """Return the certification authority of an operator."""
        return self.state.kept(
            self.state.path / "ca" / f"{operator.name}.pem",
            make=lambda: CertificateAuthority.create(operator.title, self.now, self.entropy),
            read=lambda pem: CertificateAuthority.from_pem(operator.title, pem),
            pem=lambda authority: authority.to_pem(),
        )

    def identity(self, config: IdentityConfig, authority: CertificateAuthority) -> Identity:
        """Return key and certificate of a server or client."""
        names = tuple(name.to_text(omit_final_dot=True) for name in (config.host, config.client))
        return self._certified(
            f"{config.name}.pem",
            lambda: authority.issue(names, Purpose.BOTH, self.now, self.entropy),
        )

    def nameserver(self, host: Name, authority: CertificateAuthority) -> Identity:
        """Return key and certificate of a nameserver for DNS over TLS."""
        name = host.to_text(omit_final_dot=True)
        return self._certified(
            f"dot/{file_name(name)}.pem",
            lambda: authority.issue((name,), Purpose.SERVER, self.now, self.entropy),
        )

    def device(self, owner: Name, title: str) -> Identity:
        """Return the key pair of a device, with a certificate that it signed itself."""
        name = owner.to_text(omit_final_dot=True)
        return self._certified(
            f"devices/{title}.pem",
            lambda: self_signed(title, (name,), Maker(self.now, self.entropy)),
        )

    def _certified(self, place: str, make: Callable[[], Identity]) -> Identity:
        path = self.state.path / "identities" / place
        kept = self._kept(path, make)
        leaf = kept.leaf
        if leaf.not_valid_before_utc <= self.now.datetime() <= leaf.not_valid_after_utc:
            return kept
        path.unlink()
        return self._kept(path, make)

    def _kept(self, path: Path, make: Callable[[], Identity]) -> Identity:
        return self.state.kept(path, make, Identity.from_pem, Identity.to_pem)

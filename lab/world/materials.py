"""What a world is made of: everything that was read from files or generated at the edge."""

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from dns.name import Name
from dns.rdtypes.ANY.DS import DS

from lab.core.frozen import dataclass
from lab.dnssec.keys import KeySet
from lab.dnssec.zonelife import ZoneLife
from lab.nameserver.exchange import Service
from lab.world.config import ZoneConfig
from lab.world.distribution import Distribution
from lab.world.lorawan_tables import NOBODY, LorawanConfig

if TYPE_CHECKING:
    # Zones can be served without operators, and without what is broken on purpose.
    from lab.pki.identity import Identity
    from lab.world.operators import OperatorConfig
    from lab.world.specimens import Specimen, SpecimenTree


@dataclass(frozen=True, slots=True)
class Materials:
    """Hold what the edge read and generated for a world.

    Attributes:
        configs: the zones.
        texts: apex to master file; none once they have been read.
        operators: who runs servers and clients.
        keys: apex to the keys that a signed zone starts with.
        identities: name such as "tsp.ns" to certificate and key.
        tls_port: where the operators' servers listen.
        dot_identities: name of a nameserver to the certificate it shows over TLS.
        dot_port: where nameservers answer over TLS.
        distribution: where secondaries fetch all zones; None: nowhere.
        lives: apex to what is known of the life of its keys from earlier runs.
        delegations: apex to the DS RRset of earlier runs, where it is known.
        tree: zones that are kept ready-broken; None: there are none.
        service: what every nameserver tells and demands; each has a name of its own.
        lorawan: who speaks LoRaWAN.
        devices: owner of a TLSA RRset to the LoRaWAN device's key pair, with a certificate that it
            signed itself.
    """

    configs: tuple[ZoneConfig, ...]
    texts: Mapping[Name, str]
    operators: "tuple[OperatorConfig, ...]"
    keys: Mapping[Name, KeySet]
    identities: "Mapping[str, Identity]"
    tls_port: int
    dot_identities: "Mapping[Name, Identity]" = field(default_factory=dict)
    dot_port: int = 853
    lives: Mapping[Name, ZoneLife] = field(default_factory=dict)
    delegations: Mapping[Name, tuple[DS, ...]] = field(default_factory=dict)
    tree: "SpecimenTree | None" = None
    service: Service = field(default_factory=Service)
    distribution: Distribution | None = None
    lorawan: LorawanConfig = NOBODY
    devices: "Mapping[Name, Identity]" = field(default_factory=dict)

    @property
    def specimens(self) -> "tuple[Specimen, ...]":
        """Return the zones that are broken on purpose."""
        return () if self.tree is None else self.tree.specimens

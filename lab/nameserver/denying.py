"""How a zone says no, as its operator chose it: a mode and its parameters make a `Denial`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from enum import Enum

from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC3PARAM import NSEC3PARAM

from lab.core.frozen import dataclass
from lab.core.rrsets import RRset
from lab.dnssec.nsec3 import SHA1, Nsec3Parameters
from lab.nameserver.denial import Denial
from lab.nameserver.denial_minimal import CompactDenial, MinimalNsecDenial
from lab.nameserver.denial_nsec import NsecDenial
from lab.nameserver.denial_nsec3 import MinimalNsec3Denial, Nsec3Denial
from lab.nameserver.zone import Zone


class DenialMode(Enum):
    """Name the ways to prove that something does not exist."""

    NSEC = "nsec"
    NSEC3 = "nsec3"
    COMPACT = "compact"
    NSEC_MINIMAL = "nsec-minimal"
    NSEC3_MINIMAL = "nsec3-minimal"

    @property
    def hashes(self) -> bool:
        """Tell whether the owners are hashed."""
        return self in {DenialMode.NSEC3, DenialMode.NSEC3_MINIMAL}


@dataclass(frozen=True, slots=True)
class DenialPolicy:
    """Say how a zone denies.

    Attributes:
        mode: the way.
        hashing: for NSEC3.
        opt_out: for NSEC3: insecure delegations are left out of the chain.
    """

    mode: DenialMode = DenialMode.NSEC
    hashing: Nsec3Parameters = field(default_factory=Nsec3Parameters)
    opt_out: bool = False

    def of(self, zone: Zone) -> Denial:
        """Return the denial of one version of a zone."""
        return _MAKERS[self.mode](self, zone)

    def parameters(self, zone: Zone) -> RRset | None:
        """Return the NSEC3PARAM RRset for the apex: a complete chain is there to be had."""
        if not self.mode.hashes:
            return None
        # RFC 5155 section 4.1.2: the flags are 0, whatever those of the NSEC3 records are.
        rdata = NSEC3PARAM(
            RdataClass.IN,
            RdataType.NSEC3PARAM,
            SHA1,
            0,
            self.hashing.iterations,
            self.hashing.salt,
        )
        return RRset(zone.apex, RdataType.NSEC3PARAM, zone.soa.ttl, (rdata,))

    def warnings(self) -> Iterator[str]:
        """Iterate over what an operator had better not do, a sentence each."""
        if self.hashing.iterations:
            yield (
                f"{self.hashing.iterations} NSEC3 iterations: RFC 9276 section 3.1 wants 0; "
                "validators may call the zone insecure"
            )
        if self.hashing.salt:
            yield "an NSEC3 salt: RFC 9276 section 3.1 wants none, it protects nothing"
        if self.opt_out:
            yield (
                "NSEC3 opt-out: anybody can forge an insecure delegation; RFC 9276 section 3.1 "
                "wants it in very big zones only"
            )


_Maker = Callable[[DenialPolicy, Zone], Denial]
_MAKERS: Mapping[DenialMode, _Maker] = {
    DenialMode.NSEC: lambda _, zone: NsecDenial(zone),
    DenialMode.NSEC3: lambda policy, zone: Nsec3Denial(zone, policy.hashing, policy.opt_out),
    DenialMode.COMPACT: lambda _, zone: CompactDenial(zone),
    DenialMode.NSEC_MINIMAL: lambda _, zone: MinimalNsecDenial(zone),
    DenialMode.NSEC3_MINIMAL: lambda policy, zone: MinimalNsec3Denial(zone, policy.hashing),
}

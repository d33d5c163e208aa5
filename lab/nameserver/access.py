"""Who may fetch, change or be told of a zone: by key, by address, or by both.

Decides: does this caller satisfy a grant. Not: what is then done (reception).
"""

from dataclasses import field
from ipaddress import IPv4Network, IPv6Network, ip_address

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.frozen import dataclass
from lab.nameserver.query import Peer


@dataclass(frozen=True, slots=True)
class Caller:
    """Say who sent a message.

    Attributes:
        peer: the address it came from, and how.
        key: name of the TSIG key by which it was proved; None without.
    """

    peer: Peer
    key: Name | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Say who may do something: whoever satisfies all that is given; nothing given: nobody.

    Attributes:
        keys: one of these TSIG keys is needed.
        networks: the address must be in one of these.
    """

    keys: tuple[Name, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def allows(self, caller: Caller) -> bool:
        """Tell whether *caller* may."""
        if not self.keys and not self.networks:
            return False
        if self.keys and caller.key not in self.keys:
            return False
        return not self.networks or self._is_near(caller.peer.host)

    def _is_near(self, host: str) -> bool:
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self.networks)


NOBODY = Grant()


@dataclass(frozen=True, slots=True)
class Permit:
    """Say who may change what of a zone.

    Attributes:
        who: may do it.
        below: only names at or below this one; None: any.
        types: only RRsets of these types; none given: any.
    """

    who: Grant
    below: Name | None = None
    types: tuple[RdataType, ...] = ()

    def allows(self, caller: Caller, owner: Name, rdtype: RdataType) -> bool:
        """Tell whether *caller* may change the RRset of *owner* and *rdtype*."""
        if self.below is not None and not owner.is_subdomain(self.below):
            return False
        return self.who.allows(caller) and (not self.types or rdtype in self.types)


@dataclass(frozen=True, slots=True)
class Target:
    """Name a secondary that is told of changes (RFC 1996).

    Attributes:
        address: where to.
        port: of its nameserver.
        key: by which the NOTIFY is signed; None: it is not.
    """

    address: str
    port: int
    key: Name | None = None

    def __str__(self) -> str:
        """Return `ADDRESS:PORT`."""
        return f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class Access:
    """Hold the access lists of one zone.

    Attributes:
        transfer: who may fetch the whole zone.
        update: who may change what of it (RFC 2136); one that allows is enough.
        notify: who is told of a new version.
    """

    transfer: Grant = NOBODY
    update: tuple[Permit, ...] = ()
    notify: tuple[Target, ...] = field(default=())

    def may_update(self, caller: Caller) -> bool:
        """Tell whether *caller* may change anything at all."""
        return any(one.who.allows(caller) for one in self.update)

    def may_change(self, caller: Caller, owner: Name, rdtype: RdataType) -> bool:
        """Tell whether *caller* may change the RRset of *owner* and *rdtype*."""
        return any(one.allows(caller, owner, rdtype) for one in self.update)

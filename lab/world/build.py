"""The lab as one value: zones, keys, operators and faults, assembled and checked.

A `World` never changes; editing a zone or setting a fault returns another one, and undoing it is
to go back to the first. Signatures are kept across versions by the signers' caches.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import dns.name
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS

from lab.core.errors import InputError, ZoneError
from lab.core.frozen import dataclass
from lab.core.question import Server
from lab.core.rrsets import RRset
from lab.core.seams import Fault, Hooks
from lab.dnssec.keys import KeySet
from lab.dnssec.zonelife import ZoneLife
from lab.nameserver.access import Access
from lab.nameserver.server import NameServer
from lab.nameserver.signer import Signer
from lab.nameserver.tree import ServedZone, ds_rdatas, home_of, parent_of
from lab.nameserver.zone import Zone, load
from lab.validator.anchor import TrustAnchor
from lab.world.acting import AtServer, find_server, without
from lab.world.co_signing import CoSigner
from lab.world.config import ZoneConfig
from lab.world.consistency import check_world
from lab.world.ground import Ground
from lab.world.growth import Grown, Growth
from lab.world.materials import Materials
from lab.world.scene import Scene

if TYPE_CHECKING:
    # Who serves zones without operators need not load what these do.
    from lab.dane.bounds import LookupLimits
    from lab.dane.policy import ClientPolicy
    from lab.world.dot import DotServer
    from lab.world.operators import Endpoint, IdentityConfig, OperatorConfig


@dataclass(frozen=True)
class World:
    """Hold everything that the lab's servers and clients are made of.

    Attributes:
        materials: what it was built from.
        sources: apex to zone, with TLSA records but without DNSSEC.
        signers: apex to signer, for the signed zones; it holds the zone's keys of today.
        delegations: apex of each signed zone to the DS RRset that its parent publishes.
        hooks: the faults that act now, beside those of the specimens.
        lives: apex to the life of its keys, as far as it has begun; see `world.keylife`.
        scene: what a story about certificates has made.
        policies: identity to what its server demands of clients; others as operators.toml says.
        limits: identity to how much its server looks up for strangers; others as is usual.
        co_signers: apex to the second operator, for the zones that have one.
        growth: what all versions of this world share, so that a change costs what it changes.
    """

    materials: Materials
    sources: Mapping[Name, Zone]
    signers: Mapping[Name, Signer]
    delegations: Mapping[Name, tuple[DS, ...]]
    hooks: Hooks
    lives: Mapping[Name, ZoneLife] = field(default_factory=dict)
    scene: Scene = field(default_factory=Scene)
    policies: "Mapping[str, ClientPolicy]" = field(default_factory=dict)
    limits: "Mapping[str, LookupLimits]" = field(default_factory=dict)
    co_signers: Mapping[Name, CoSigner] = field(default_factory=dict)
    growth: Growth = field(default_factory=Growth, repr=False, compare=False)

    @cached_property
    def served(self) -> dict[Name, ServedZone]:
        """Return the zones as they are served: signed, and linked by DS records."""
        return self._grown.served

    @cached_property
    def name_servers(self) -> dict[str, NameServer]:
        """Return address to server; each knows only the zones that it was given."""
        return self._grown.servers

    @cached_property
    def _grown(self) -> Grown:
        ground = Ground(self.materials, self.sources, self.delegations, self.lives, self.hooks)
        return self.growth.grown(ground, self.signers, self.co_signers)

    @property
    def access(self) -> dict[Name, Access]:
        """Return apex to access lists."""
        configs = self.materials.configs
        return self.growth.access.of((configs,), lambda: {one.apex: one.access for one in configs})

    @property
    def honest(self) -> tuple[ZoneConfig, ...]:
        """Return the zones that are not broken on purpose."""
        broken = {one.apex for one in self.materials.specimens}
        return tuple(one for one in self.materials.configs if one.apex not in broken)

    def config(self, apex: Name) -> ZoneConfig:
        """Return the table of zone *apex*."""
        configs = self.materials.configs
        return self.growth.configs.of((configs,), lambda: {one.apex: one for one in configs})[apex]

    @property
    def hints(self) -> tuple[Server, ...]:
        """Return the root servers; none where there is no root."""
        configs = self.materials.configs
        return next((one.nameservers for one in configs if one.apex == dns.name.root), ())

    @property
    def anchors(self) -> tuple[TrustAnchor, ...]:
        """Return a trust anchor for each signed zone that has no parent here."""
        tops = (apex for apex in self.signers if parent_of(apex, self.sources) is None)
        return tuple(self._anchor(apex) for apex in tops)

    @property
    def anchor(self) -> TrustAnchor:
        """Return the trust anchor of the root, at which every walk through a lab starts."""
        return self._anchor(dns.name.root)

    def _anchor(self, apex: Name) -> TrustAnchor:
        """Return the key-signing keys of *apex*, as DNSKEY and as DS."""
        keys = self.signers[apex].keys
        return TrustAnchor(apex, ds_rdatas(apex, keys), tuple(key.dnskey for key in keys.delegated))

    @property
    def endpoints(self) -> "tuple[Endpoint, ...]":
        """Return the operators' TLS servers."""
        if not self.materials.operators:
            return ()
        from lab.world.operators import Endpoint  # noqa: PLC0415 as said at the imports

        return tuple(
            Endpoint(identity, self.materials.tls_port)
            for operator in self.materials.operators
            for identity in operator.identities
            if identity.address is not None
        )

    @property
    def dot(self) -> "tuple[DotServer, ...]":
        """Return the nameservers that answer over TLS."""
        if not self.materials.operators:
            return ()
        from lab.world.tlsa import dot_of  # noqa: PLC0415 as above

        return dot_of(self.materials)

    def identity(self, name: str) -> "IdentityConfig":
        """Return the identity that scenarios call *name*.

        Raises:
            InputError: there is none; the message lists those there are.
        """
        known = [one for operator in self.materials.operators for one in operator.identities]
        for one in known:
            if one.name == name:
                return one
        names = ", ".join(one.name for one in known)
        raise InputError(f"unknown identity {name!r}; known are {names}")

    def operator_of(self, identity: str) -> "OperatorConfig":
        """Return whose identity it is."""
        own = self.identity(identity)
        return next(one for one in self.materials.operators if own in one.identities)

    def without_texts(self) -> "World":
        """Return the world without the master files, which have been read."""
        return replace(self, materials=replace(self.materials, texts={}))

    def with_fault(self, fault: Fault, server: str = "") -> "World":
        """Return the world in which *fault* acts, too.

        Args:
            fault: what goes wrong.
            server: name or address of the one nameserver where it does; empty: at all of them.

        Raises:
            InputError: there is no such nameserver of a zone in which it could act.
        """
        if server:
            concerned = (one for one in self.materials.configs if fault.acts_in(one.apex))
            servers = (each for one in concerned for each in one.nameservers)
            fault = AtServer(fault, find_server(server, servers))
        return replace(self, hooks=self.hooks.plus(fault))

    def without_faults(self, which: str = "") -> "World":
        """Return the world without the faults that *which* names; empty: the honest world.

        Raises:
            InputError: no such fault acts.
        """
        return replace(self, hooks=without(self.hooks, which) if which else Hooks())

    def with_keys(self, apex: Name, keys: KeySet) -> "World":
        """Return the world in which the signed zone *apex* has other keys, or other duties."""
        signer = replace(self.signers[apex], keys=keys)
        return replace(self, signers={**self.signers, apex: signer})

    def with_delegation(self, apex: Name, rdatas: tuple[DS, ...]) -> "World":
        """Return the world in which the parent of *apex* publishes *rdatas*; none: insecure."""
        return replace(self, delegations={**self.delegations, apex: rdatas})

    def with_source(self, zone: Zone) -> "World":
        """Return the world with another version of one zone, without its DNSSEC records."""
        return replace(self, sources={**self.sources, zone.apex: zone})

    def with_records(self, apex: Name, text: str) -> "World":
        """Return the world with the records of a piece of master file added to zone *apex*.

        Raises:
            ZoneError: the zone is not here, or the text is no such piece.
        """
        zone = self._source(apex).with_records(text, f"records for {apex}")
        return self.with_source(zone)

    def without_records(self, owner: Name, rdtype: RdataType) -> "World":
        """Return the world without the RRset of *owner* and *rdtype*.

        Raises:
            ZoneError: there is no such RRset to remove, or no zone can be without it.
        """
        apex = self._home(owner)
        zone = self._source(apex)
        if rdtype == RdataType.SOA and owner == apex:
            raise ZoneError(f"{apex} is no zone without its SOA record")
        if zone.rrset(owner, rdtype) is None:
            raise ZoneError(f"there is no RRset {owner} {RdataType.to_text(rdtype)} to remove")
        return self.with_source(zone.without(owner, rdtype))

    def _home(self, owner: Name) -> Name:
        apex = home_of(owner, self.sources)
        assert apex is not None
        return apex

    def _source(self, apex: Name) -> Zone:
        zone = self.sources.get(apex)
        if zone is None:
            names = ", ".join(str(one) for one in self.sources)
            raise ZoneError(f"{apex} is no zone of this lab; there are {names}")
        return zone


def build(materials: Materials) -> World:
    """Return the honest world that *materials* make, from a root down.

    Raises:
        ZoneError: a master file is wrong, or disagrees with the configuration.
    """
    zones = _load(materials)
    if dns.name.root not in zones:
        raise ZoneError('expected a table [zone."."]: every walk starts at the root')
    check_world(materials.configs, materials.operators, zones)
    return _assemble(materials, zones)


def assemble(materials: Materials) -> World:
    """Return the honest world of zones that stand alone: their parents need not be here.

    Raises:
        ZoneError: a master file is wrong.
    """
    return _assemble(materials, _load(materials))


def _load(materials: Materials) -> dict[Name, Zone]:
    return {
        config.apex: load(materials.texts[config.apex], config.apex, config.file)
        for config in materials.configs
    }


def _assemble(materials: Materials, zones: dict[Name, Zone]) -> World:
    made: dict[Name, list[RRset]] = {}
    for rrset in _published(materials):
        apex = home_of(rrset.owner, zones)
        assert apex is not None
        made.setdefault(apex, []).append(rrset)
    zones |= {apex: zones[apex].with_rrsets(rrsets) for apex, rrsets in made.items()}
    policies = {config.apex: config.policy for config in materials.configs}
    signers = {
        apex: Signer(
            apex, keys, policies[apex].signing, policies[apex].denial, policies[apex].zonemd
        )
        for apex, keys in materials.keys.items()
    }
    delegations = {
        apex: ds_rdatas(apex, keys, policies[apex].ds_digests)
        for apex, keys in materials.keys.items()
    }
    delegations |= materials.delegations
    return World(materials, zones, signers, delegations, Hooks(), materials.lives)


def _published(materials: Materials) -> Iterable[RRset]:
    """Return what the operators publish of their servers and devices."""
    if not materials.operators:
        return ()
    from lab.world.publishing import published_rrsets  # noqa: PLC0415 as said at the imports

    return published_rrsets(materials)

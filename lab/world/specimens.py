"""Read `faults.toml`: zones that are broken on purpose, each in one way, ready to be asked for.

A specimen is an honest zone with faults that never cease, below one apex of the tree. What
validators ought to say about it stands beside it, so that the file is lesson, test and table.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dns.exception
import dns.name
import dns.rdata
from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS

from lab.core.errors import InputError, ZoneError
from lab.core.frozen import dataclass
from lab.core.located import LocatedToml
from lab.core.parameters import KINDS, build, parameters_of, suggestion
from lab.core.question import Server
from lab.core.rules import Ede
from lab.core.status import SecurityStatus
from lab.faults import FAULTS, NamedFault
from lab.world.config import (
    ZoneConfig,
    absolute_name,
    located,
    loopback_address,
    refuse_unknown_keys,
    tables,
    zone_config,
)
from lab.world.policy import POLICY_KEYS

_TREE_KEYS = ("apex", "file", "nameservers", "specimens")
_ABOUT_KEYS = (
    *("title", "ask", "faults", "status", "ede"),
    *("ds", "delegated_to", "address"),
)
_ZONE_KEYS = ("file", "signed", *POLICY_KEYS)
_TTL = 60


@dataclass(frozen=True, slots=True)
class Expectation:
    """Say what a validator tells of a specimen.

    Attributes:
        status: the verdict; INDETERMINATE is what nobody can be asked about.
        ede: Extended DNS Errors that come with it, in order of their numbers.
    """

    status: SecurityStatus
    ede: tuple[Ede, ...]

    def __str__(self) -> str:
        """Return it as `bogus, 7`."""
        return ", ".join((self.status.value, *(str(int(one)) for one in self.ede)))


@dataclass(frozen=True, slots=True)
class Specimen:
    """Hold one zone that is broken on purpose.

    Attributes:
        apex: of the zone.
        title: what is wrong, in a few words.
        config: how it is served; None if nobody serves it.
        host: the nameserver that the delegation names.
        faults: that always act.
        qname: what to ask for to see the fault.
        rdtype: the type to ask for.
        ds: what the parent publishes; None: what the keys ask for.
        expected: of our validator.
    """

    apex: Name
    title: str
    config: ZoneConfig | None
    host: Name
    faults: tuple[NamedFault, ...]
    qname: Name
    rdtype: RdataType
    ds: tuple[DS, ...] | None
    expected: Expectation

    @property
    def name(self) -> str:
        """Return its label."""
        return self.apex.labels[0].decode()


@dataclass(frozen=True, slots=True)
class SpecimenTree:
    """Hold all specimens, and the zone that they hang from.

    Attributes:
        config: of that zone.
        host: the nameserver that most of them have; its address stands in the master file.
        specimens: in the order of the file.
    """

    config: ZoneConfig
    host: Name
    specimens: tuple[Specimen, ...] = ()

    @property
    def configs(self) -> tuple[ZoneConfig, ...]:
        """Return all zones that are served."""
        own = (one.config for one in self.specimens)
        return (self.config, *(one for one in own if one is not None))

    @property
    def faults(self) -> tuple[NamedFault, ...]:
        """Return all faults."""
        return tuple(fault for one in self.specimens for fault in one.faults)

    @property
    def delegations(self) -> dict[Name, tuple[DS, ...]]:
        """Return apex to DS RRset where it is not that of the keys."""
        return {one.apex: one.ds for one in self.specimens if one.ds is not None}

    def above(self) -> str:
        """Return what the parent of the tree has to say of it, as a piece of master file."""
        lines = []
        for server in self.config.nameservers:
            lines.append(f"{self.config.apex} {_TTL} IN NS {server.name}")
            lines.append(f"{server.name} {_TTL} IN A {server.address}")
        return "".join(f"{line}\n" for line in lines)

    def below(self) -> str:
        """Return the delegations of all specimens, as a piece of master file."""
        lines = [f"{one.apex} {_TTL} IN NS {one.host}\n" for one in self.specimens]
        apart = (one for config in self.configs[1:] for one in config.nameservers)
        hosts = {one.name: one for one in apart if one.name != self.host}
        lines += [f"{one.name} {_TTL} IN A {one.address}\n" for one in hosts.values()]
        return "".join(lines)

    def planted(self, texts: Mapping[Name, str]) -> dict[Name, str]:
        """Return the master files *texts*, which include that of the tree, with its delegations.

        Raises:
            InputError: no zone stands above the tree.
        """
        apex = self.config.apex
        above = [one for one in texts if one != apex and apex.is_subdomain(one)]
        if not above:
            raise InputError(f"no zone of the lab stands above {apex}", self.config.where)
        parent = max(above, key=len)
        named = (one for one in self.specimens if one.config is not None)
        return {
            **texts,
            **{
                one.apex: f"{texts[one.apex]}\n{one.apex} {_TTL} IN NS {one.host}\n"
                for one in named
            },
            parent: f"{texts[parent]}\n{self.above()}",
            apex: f"{texts[apex]}\n{self.below()}",
        }


def read_specimens(text: str, file: str) -> SpecimenTree:
    """Return the tree that the text of a `faults.toml` describes.

    Raises:
        ZoneError: names file, line and what was expected.
    """
    document = located(text, file)
    refuse_unknown_keys(document, (), ("tree", "specimen"))
    refuse_unknown_keys(document, ("tree",), _TREE_KEYS)
    tree = document.data.get("tree", {})
    missing = [key for key in _TREE_KEYS if key not in tree]
    if missing:
        raise ZoneError(f"the table [tree] needs the key {missing[0]!r}", document.where("tree"))
    apex = absolute_name(tree["apex"], document.where("tree", "apex"))
    servers = tuple(
        Server(absolute_name(host, where), loopback_address(address, where))
        for host, address in dict(tree["nameservers"]).items()
        if (where := document.where("tree", "nameservers"))
    )
    reader = _Reader(document, apex, dict(tree["specimens"]))
    specimens = tuple(reader.read(*one) for one in tables(document, "specimen").items())
    config = zone_config(document, apex, servers, {"file": tree["file"]})
    return SpecimenTree(config, reader.host, specimens)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Read the `[specimen.NAME]` tables."""

    document: LocatedToml
    parent: Name
    usual: Mapping[str, Any]

    @property
    def host(self) -> Name:
        """Return the nameserver of those that need none of their own."""
        return dns.name.from_text("ns", self.parent)

    def read(self, name: str, table: Mapping[str, Any]) -> Specimen:
        refuse_unknown_keys(self.document, ("specimen", name), (*_ABOUT_KEYS, *_ZONE_KEYS))
        apex = dns.name.from_text(name, self.parent)
        qname, _, rdtype = str(table.get("ask", "@ A")).partition(" ")
        status = table.get("status", SecurityStatus.BOGUS.value)
        expected = self._expectation(name, {"status": status, "ede": table.get("ede", [])})
        server = self._server(name, table)
        return Specimen(
            apex=apex,
            title=str(table.get("title", "")),
            config=None if server is None else self._config(name, apex, server, table),
            host=self._delegated_to(table) if server is None else server.name,
            faults=tuple(self._faults(name, apex, table.get("faults", []))),
            qname=dns.name.from_text(qname, apex),
            rdtype=RdataType.from_text(rdtype),
            ds=self._ds(name, table.get("ds")),
            expected=expected,
        )

    def _where(self, name: str, *key: str) -> str:
        return self.document.where("specimen", name, *key)

    def _expectation(self, name: str, table: Mapping[str, Any]) -> Expectation:
        try:
            status, ede = SecurityStatus(table["status"]), tuple(Ede(one) for one in table["ede"])
        except ValueError as error:
            raise ZoneError(f"{error}", self._where(name)) from error
        return Expectation(status, ede)

    def _delegated_to(self, table: Mapping[str, Any]) -> Name:
        return dns.name.from_text(str(table["delegated_to"]), self.parent)

    def _server(self, name: str, table: Mapping[str, Any]) -> Server | None:
        """Return who serves the zone; None: nobody does.

        Resolvers judge a server by its address: what is wrong with one is not to harm the others.
        """
        if "delegated_to" in table:
            return None
        if "address" not in table:
            where = self.document.where("tree", "specimens")
            return Server(self.host, loopback_address(self.usual.get("address"), where))
        own = dns.name.from_text(f"ns-{name}", self.parent)
        return Server(own, loopback_address(table["address"], self._where(name, "address")))

    def _config(
        self, name: str, apex: Name, server: Server, table: Mapping[str, Any]
    ) -> ZoneConfig:
        own = {key: value for key, value in table.items() if key in _ZONE_KEYS}
        settings = {"file": self.usual.get("file"), **own}
        try:
            return zone_config(self.document, apex, (server,), settings)
        except ZoneError as error:
            raise ZoneError(error.what, self._where(name)) from error

    def _faults(self, name: str, apex: Name, given: list[dict[str, Any]]) -> Iterator[NamedFault]:
        where = self._where(name, "faults")
        for table in given:
            kind = str(table.get("fault"))
            if kind not in FAULTS:
                raise ZoneError(f"there is no fault {kind!r}{suggestion(kind, FAULTS)}", where)
            cls = FAULTS[kind].cls
            names = {one.key for one in parameters_of(cls) if one.kind is KINDS[Name]}
            parameters = {
                # As in a master file, a name without final dot is one below the apex.
                key: str(dns.name.from_text(value, apex)) if key in names else value
                for key, value in table.items()
                if key != "fault"
            }
            fault, mistakes = build(cls, parameters, f"the fault {kind!r}")
            if fault is None:
                raise ZoneError("; ".join(one.what for one in mistakes), where)
            yield fault

    def _ds(self, name: str, given: list[str] | None) -> tuple[DS, ...] | None:
        if given is None:
            return None
        try:
            rdatas = [dns.rdata.from_text(RdataClass.IN, RdataType.DS, one) for one in given]
        except (dns.exception.DNSException, ValueError) as error:
            what = f"expected ds = a list of DS records: {error}"
            raise ZoneError(what, self._where(name, "ds")) from error
        return tuple(one for one in rdatas if isinstance(one, DS))

"""One zone in the hands of a test: add and remove records, break it, unsign it, roll its keys."""

from collections.abc import Mapping
from dataclasses import replace
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import dns.exception
from cryptography import x509
from dns.name import Name, from_text, root
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.parameters import KINDS, build, parameters_of, suggestion
from lab.core.seams import Fault, Hooks
from lab.dane.text import line
from lab.dane.tlsa import parse_parameters, server_owner
from lab.faults import FAULTS
from lab.testing.certificates import Certified, subject_of
from lab.testing.tree import TTL, signed, unsigned
from lab.world.config import ZoneConfig

if TYPE_CHECKING:
    from lab.testing.lab import Address, Lab


class ZoneSettings(TypedDict, total=False):
    """Say how a zone is signed, in the words of a table in `zones/hierarchy.toml`.

    Attributes:
        signed: False for a zone without keys: its parent proves that there is no DS.
        algorithm: mnemonic, e.g. "ED25519"; ECDSAP256SHA256 if nothing is said.
        denial: "nsec", "nsec3", "compact", "nsec-minimal", "nsec3-minimal", or a table with
            `mode`, `iterations`, `salt` and `opt_out`.
        keys: "ksk+zsk", "csk", or a list of them.
        ds_digests: numbers of the digests in the DS RRset.
        zonemd: "sha384", "sha512" or "none".
        lifetime: of signatures, e.g. "14d".
        inception_offset: by which they begin before they are made.
        refresh: how long before their end they are made anew.
        jitter: over which their ends are spread.
    """

    signed: bool
    algorithm: str
    denial: str | dict[str, object]
    keys: str | list[str]
    ds_digests: list[int]
    zonemd: str
    lifetime: str | int
    inception_offset: str | int
    refresh: str | int
    jitter: str | int


class LabZone:
    """Change one zone of a `Lab`; what is changed is served at once.

    Names without a dot at the end are below the apex, `@` is the apex, as in a master file.

    Attributes:
        apex: its name, without the dot at the end.
    """

    def __init__(self, lab: "Lab", config: ZoneConfig) -> None:
        """Take *lab*'s zone *config* in hand."""
        self._lab, self._config = lab, config
        self._faults: list[Fault] = []
        self.apex = config.apex.to_text(omit_final_dot=True)

    def __repr__(self) -> str:
        """Return it as `<LabZone shop.example>`."""
        return f"<LabZone {self.apex}>"

    @property
    def nameserver(self) -> "Address":
        """Return where its nameserver listens."""
        return self._lab.at(self._config.nameservers[0].address)

    def name(self, label: str = "@") -> str:
        """Return a name of the zone in full, e.g. "www.shop.example", as clients ask for it."""
        return self._name(label).to_text(omit_final_dot=True)

    def add(self, records: str) -> None:
        """Add records, e.g. "www A 192.0.2.80": lines of a master file, without class and TTL.

        Raises:
            ZoneError: one of them is no record, or does not go with what is there.
        """
        world, where = self._lab.world, f"records for {self.apex}"
        zone = world.sources[self._config.apex].with_records(cleandoc(records), where, TTL)
        self._lab.world = world.with_source(zone)

    def remove(self, owner: str, rdtype: str) -> None:
        """Remove an RRset.

        Raises:
            InputError: it is not there, or that is no type.
        """
        kind = KINDS[RdataType].convert(rdtype)
        assert isinstance(kind, RdataType)
        self._lab.world = self._lab.world.without_records(self._name(owner), kind)

    def tlsa(
        self,
        host: str,
        port: int,
        certificate: Certified | x509.Certificate | Path,
        *,
        form: str = "3 1 1",
        transport: str = "tcp",
    ) -> str:
        """Add the TLSA record of a server, and return its owner name (RFC 6698 section 3).

        Args:
            host: of the server, in this zone.
            port: where it listens.
            certificate: what `Lab.ca` issued, a certificate, or a file of PEM. For usages 0 and 2
                the last one of a chain is meant.
            form: usage, selector and matching type.
            transport: "tcp", "udp" or "sctp".

        Raises:
            InputError: *form* has no meaning, or *certificate* is none.
        """
        owner = server_owner(self._name(host), port, transport)
        self.add(line(owner, TTL, subject_of(certificate).record(parse_parameters(form))))
        return owner.to_text(omit_final_dot=True)

    def fault(self, kind: str, **parameters: object) -> None:
        """Break the zone in one way, as `lab fault show KIND` describes it, until `clear`.

        Where nothing says which records are meant, all of the zone are; a fault of a delegation is
        in the parent's DS RRset for this zone.

        Raises:
            InputError: lists what is wrong with the name or the parameters.
        """
        if kind not in FAULTS:
            raise InputError(f"there is no fault {kind!r}{suggestion(kind, FAULTS)}")
        made, mistakes = build(FAULTS[kind].cls, self._table(kind, parameters), f"fault {kind!r}")
        if made is None:
            raise InputError("; ".join(one.what for one in mistakes))
        self._faults.append(made)
        self._lab.world = self._lab.world.with_fault(made)

    def _table(self, kind: str, given: Mapping[str, object]) -> dict[str, object]:
        """Return *given* with names in full, and what goes without saying."""
        known = {one.key: one.kind for one in parameters_of(FAULTS[kind].cls)}
        table = {
            key: self._name(value).to_text()
            if known.get(key) is KINDS[Name] and isinstance(value, str)
            else value
            for key, value in given.items()
        }
        whole = {"child": str(self._config.apex), "zone": str(self._config.apex)}
        absent = {key: apex for key, apex in whole.items() if key in known and key not in table}
        return table if "owner" in table else {**absent, **table}

    def clear(self) -> None:
        """Mend all that `fault` has broken."""
        mended = Hooks(
            tuple(one for one in self._lab.world.hooks.faults if one not in self._faults)
        )
        self._faults.clear()
        self._lab.world = replace(self._lab.world, hooks=mended)

    def unsign(self) -> None:
        """Sign no more, and let the parent prove that: what is in the zone becomes insecure.

        Raises:
            InputError: it is the root, for which a trust anchor stands.
        """
        self._refuse_root()
        self._lab.world = unsigned(self._lab.world, self._config.apex)

    def withdraw_ds(self) -> None:
        """Remove the DS RRset from the parent: the zone is insecure, signed or not, until `roll`.

        Raises:
            InputError: it is the root, which has no parent.
        """
        self._refuse_root()
        self._lab.world = self._lab.world.with_delegation(self._config.apex, ())

    def roll(self) -> None:
        """Sign with new keys from now on, with a new DS RRset; also after `unsign`."""
        keys = self._lab.key_maker.key_set(self._config)
        self._lab.world = signed(self._lab.world, self._config, keys)

    def _refuse_root(self) -> None:
        if self._config.apex == root:
            raise InputError("the root has no parent, and clients have a trust anchor for it")

    def _name(self, text: str) -> Name:
        try:
            return self._config.apex if text == "@" else from_text(text, self._config.apex)
        except dns.exception.DNSException as error:
            raise InputError(f"{text!r} is not a domain name: {error}") from error

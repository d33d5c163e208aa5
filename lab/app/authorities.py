"""The certification authorities of a state folder, with all that they issued and revoked.

`ca/<operator>.pem` holds the keys, `ca/<operator>.ledger.json` the memory, `ca/issued/` what
`lab ca issue` made, `identities/` what the lab itself uses. Who writes holds the folder's lock.
"""

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from lab.app.state import StateError, StateFolder
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.pki.ca import CertificateAuthority
from lab.pki.crl import REASONS, Revocation
from lab.pki.identity import (
    Identity,
    certificates_from_pem,
    certificates_to_pem,
    identities_from_pem,
)
from lab.pki.ledger import SERIAL_DIGITS, Ledger

SCHEMA = 1
_FOLDER = "ca"
_SUFFIX = ".pem"
_LEDGER = ".ledger.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """Name one certificate of an authority.

    Attributes:
        operator: whose authority issued it, e.g. "tsp".
        label: how to call it: "tsp.root", "tsp.ns", else its first dNSName.
        certificate: itself.
        file: where its key is; None if the lab has not got it.
    """

    operator: str
    label: str
    certificate: x509.Certificate
    file: Path | None

    @property
    def serial(self) -> str:
        """Return its serial number in hexadecimal digits."""
        return f"{self.certificate.serial_number:x}"


class AuthorityStore:
    """Read and write the authorities of one state folder."""

    def __init__(self, state: StateFolder) -> None:
        """Use *state*."""
        self._state = state

    @property
    def _folder(self) -> Path:
        return self._state.path / _FOLDER

    @cached_property
    def operators(self) -> tuple[str, ...]:
        """Return the operators that have an authority here.

        Raises:
            StateError: there is none.
        """
        found = sorted(one.stem for one in self._folder.glob(f"*{_SUFFIX}"))
        if not found:
            raise StateError(
                f"{self._state.path} holds no certification authority; `lab up` makes them"
            )
        return tuple(found)

    def authority(self, operator: str) -> CertificateAuthority:
        """Return the authority of *operator*.

        Raises:
            InputError: there is none.
            StateError: its file is damaged.
        """
        if operator not in self.operators:
            known = ", ".join(self.operators)
            raise InputError(f"there is no operator {operator!r}; there are {known}")
        file = self._folder / f"{operator}{_SUFFIX}"
        try:
            root, _ = identities_from_pem(file.read_bytes())
            title = root.leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
            return CertificateAuthority.from_pem(str(title), file.read_bytes())
        except (InputError, ValueError, IndexError, OSError) as error:
            raise StateError(f"{file}: {error}") from error

    def keep_authority(self, operator: str, authority: CertificateAuthority) -> None:
        """Write the keys of *operator* in place of those that were there."""
        self._state.write_secret(self._folder / f"{operator}{_SUFFIX}", authority.to_pem())

    def ledger(self, operator: str) -> Ledger:
        """Return what the authority of *operator* remembers, with all that is in use.

        Raises:
            StateError: the file is damaged.
        """
        file = self._folder / f"{operator}{_LEDGER}"
        kept = Ledger()
        if file.exists():
            try:
                kept = _ledger(json.loads(file.read_text()))
            except (ValueError, KeyError, TypeError, InputError) as error:
                raise StateError(f"{file}: {error}") from error
        own = self.authority(operator)
        in_use = (one.leaf for _, one in self._identities(operator, own))
        return kept.with_issued((own.root.leaf, own.intermediate.leaf, *in_use))

    def keep_ledger(self, operator: str, ledger: Ledger) -> None:
        """Write what the authority of *operator* remembers."""
        file = self._folder / f"{operator}{_LEDGER}"
        self._state.write_secret(file, json.dumps(_document(ledger), indent=1).encode())

    def keep_identity(self, file: Path, identity: Identity) -> None:
        """Write key and chain in place of those that were there."""
        self._state.write_secret(file, identity.to_pem())

    def file_for(self, operator: str, certificate: x509.Certificate) -> Path:
        """Return where the key of a certificate stays that `lab ca issue` made."""
        name = f"{certificate.serial_number:x}{_SUFFIX}"
        return self._folder / "issued" / operator / name

    def entries(self, operator: str) -> tuple[Entry, ...]:
        """Return every certificate that the authority of *operator* ever issued."""
        own = self.authority(operator)
        file = self._folder / f"{operator}{_SUFFIX}"
        named: dict[x509.Certificate, tuple[str, Path | None]] = {
            own.root.leaf: (f"{operator}.root", file),
            own.intermediate.leaf: (f"{operator}.intermediate", file),
            **{
                one.leaf: (self._label(path), path) for path, one in self._identities(operator, own)
            },
        }
        return tuple(
            Entry(operator, label, one, path)
            for one in self.ledger(operator).issued
            for label, path in [named.get(one, (_first_name(one), None))]
        )

    def _label(self, path: Path) -> str:
        """Return how to call the certificate in the file *path*."""
        if path.parent == self._state.path / "identities":
            return path.stem
        return _first_name(Identity.from_pem(path.read_bytes()).leaf)

    def _identities(
        self, operator: str, authority: CertificateAuthority
    ) -> Iterator[tuple[Path, Identity]]:
        """Iterate over the files with a key and a certificate of *operator*."""
        issuer, made = authority.intermediate.leaf.subject, self._folder / "issued" / operator
        used = (self._state.path / "identities").rglob(f"*{_SUFFIX}")
        for path in (*sorted(used), *sorted(made.glob(f"*{_SUFFIX}"))):
            try:
                identity = Identity.from_pem(path.read_bytes())
            except InputError as error:
                raise StateError(f"{path}: {error}") from error
            if identity.leaf.issuer == issuer or path.parent == made:
                yield path, identity

    def find(self, which: str) -> Entry:
        """Return the certificate that a user calls *which*: label, dNSName, or serial number.

        Of a serial number the first SERIAL_DIGITS digits are enough, as `lab ca list` prints them.

        Raises:
            InputError: there is none, or more than one.
        """
        known = [one for operator in self.operators for one in self.entries(operator)]
        found = [one for one in known if one.label == which]
        digits = which.lower().replace(":", "")
        if not found and len(digits) >= SERIAL_DIGITS:
            found = [one for one in known if one.serial.startswith(digits)]
        found = found or [one for one in known if which in names_of(one.certificate)]
        # Of several certificates for a name, the one in use is meant.
        found = [one for one in found if one.file is not None] or found
        if len(found) == 1:
            return found[0]
        if found:
            serials = ", ".join(one.serial for one in found)
            raise InputError(f"{which!r} is the name of several certificates: {serials}")
        raise InputError(f"there is no certificate {which!r}; `lab ca list` shows those there are")


def names_of(certificate: x509.Certificate) -> list[str]:
    """Return the dNSNames of *certificate*, as written."""
    try:
        value = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return value.get_values_for_type(x509.DNSName)


def _first_name(certificate: x509.Certificate) -> str:
    return next(iter(names_of(certificate)), certificate.subject.rfc4514_string())


def _ledger(document: dict[str, Any]) -> Ledger:
    if document["schema"] != SCHEMA:
        raise InputError("it was written by another version of the lab")
    pem = "".join(document["issued"]).encode()
    return Ledger(
        certificates_from_pem(pem) if pem else (),
        tuple(
            Revocation(int(one["serial"], 16), Instant(one["at"]), REASONS[one["reason"]])
            for one in document["revoked"]
        ),
        int(document["crl_number"]),
    )


def _document(ledger: Ledger) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "crl_number": ledger.crl_number,
        "issued": [certificates_to_pem((one,)).decode() for one in ledger.issued],
        "revoked": [
            {"serial": f"{one.serial:x}", "at": int(one.at), "reason": one.reason.value}
            for one in ledger.revocations
        ],
    }

"""What `lab ca` does with the authorities of a state folder, in a running lab or without one."""

from collections.abc import Callable
from dataclasses import field, replace
from typing import Any, Protocol

import dns.name
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from lab.app.authorities import AuthorityStore, Entry
from lab.core.entropy import Entropy
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import DAY, Instant
from lab.pki.ca import Maker, rolled, self_signed
from lab.pki.contents import Contents, read
from lab.pki.crl import REASONS, Revocation, make_crl
from lab.pki.identity import Identity, certificates_to_pem
from lab.pki.keys import KEY_TYPES, P256, title_of
from lab.pki.ledger import Ledger
from lab.pki.names import presented_name
from lab.pki.profiles import EXTENDED_KEY_USAGES, LEAF_PROFILES, PEER, SERVER

Answer = dict[str, Any]

MAX_DAYS = 3650
AT_THE_NEXT_START = "at the next start of the lab"


class User(Protocol):
    """Use the certificates of the state folder."""

    def check(self, entry: Entry, renewed: Identity) -> None:
        """Refuse what cannot be exchanged now, before anything is written.

        Raises:
            LabError: the sentence says what to do.
        """
        ...

    def use(self, entry: Entry, renewed: Identity) -> str:
        """Take up what was written; return since when it is in use."""
        ...


class Nobody:
    """Stand for a lab that does not run: it takes everything up when it starts."""

    def check(self, entry: Entry, renewed: Identity) -> None:
        """Let everything pass."""

    def use(self, entry: Entry, renewed: Identity) -> str:
        """Return when it will be in use."""
        del entry, renewed
        return AT_THE_NEXT_START


@dataclass(frozen=True, slots=True)
class Registrar:
    """Do one task after the other.

    Attributes:
        store: the authorities.
        now: the lab's present.
        entropy: for keys and serial numbers.
        user: of the certificates: a lab that runs, or nobody.
    """

    store: AuthorityStore
    now: Instant
    entropy: Entropy
    user: User = field(default_factory=Nobody)

    @property
    def maker(self) -> Maker:
        """Return what certificates are made with now."""
        return Maker(self.now, self.entropy)

    def perform(self, request: Answer) -> Answer:
        """Do the task of *request* and return what there is to tell, without any private key.

        Raises:
            InputError: the request is wrong.
            LabError: it cannot be done.
        """
        tasks = {
            "list": self.list_,
            "show": self.show,
            "issue": self.issue,
            "renew": self.renew,
            "revoke": self.revoke,
            "crl": self.crl,
            "export": self.export,
        }
        task = tasks.get(str(request.get("task")))
        if task is None:
            raise InputError(f'expected "task" to be one of {", ".join(tasks)}')
        return task(request)

    def list_(self, request: Answer) -> Answer:
        """Return every certificate of one operator, or of all."""
        wanted = request.get("operator")
        operators = self.store.operators if wanted is None else (str(wanted),)
        return {
            "now": int(self.now),
            "authorities": [
                {
                    "operator": one,
                    "organization": self.store.authority(one).organization,
                    "crl_number": self.store.ledger(one).crl_number,
                    "certificates": [self._described(entry) for entry in self.store.entries(one)],
                }
                for one in operators
            ],
        }

    def show(self, request: Answer) -> Answer:
        """Return one certificate, with the chain that its holder sends."""
        return self._shown(self.store.find(_text(request, "which")))

    def issue(self, request: Answer) -> Answer:
        """Make a key and a certificate for names."""
        operator, names = _text(request, "operator"), _names(request)
        authority = self.store.authority(operator)
        profile = LEAF_PROFILES.get(str(request.get("profile", SERVER.name)))
        key_type = KEY_TYPES.get(str(request.get("key", P256.name)))
        if profile is None or key_type is None:
            raise InputError("expected a profile of a leaf and a type of key that the lab knows")
        profile = replace(profile, lifetime=_days(request) * DAY)
        made = (
            self_signed(authority.organization, names, self.maker, key_type, profile)
            if request.get("self_signed")
            else authority.certify(self.maker.key(key_type), names, profile, self.maker)
        )
        self.store.keep_identity(self.store.file_for(operator, made.leaf), made)
        self._keep(operator, lambda ledger: ledger)
        return self._shown(self.store.find(f"{made.leaf.serial_number:x}"))

    def renew(self, request: Answer) -> Answer:
        """Make a new certificate in place of one: of the same key, or of a new one."""
        entry = self.store.find(_text(request, "which"))
        if entry.file is None:
            raise InputError(f"{entry.label} is not in use; only what is in use can be renewed")
        if entry.label == f"{entry.operator}.root":
            return self._roll(entry)
        if entry.label == f"{entry.operator}.intermediate":
            raise InputError("an intermediate is renewed with its root: name the root")
        authority = self.store.authority(entry.operator)
        old = Identity.from_pem(entry.file.read_bytes())
        key_type = KEY_TYPES.get(str(request.get("key", P256.name)), P256)
        key = self.maker.key(key_type) if request.get("new_key") else None
        if read(old.leaf).self_issued:
            raise InputError("a self-signed certificate is not renewed; issue another one")
        made = authority.renewed(old, self.maker, key)
        self.user.check(entry, made)
        self._keep(entry.operator, lambda ledger: ledger.with_issued((old.leaf,)))
        self.store.keep_identity(entry.file, made)
        in_use = self.user.use(entry, made)
        return {**self._shown(self.store.find(f"{made.leaf.serial_number:x}")), "in_use": in_use}

    def _roll(self, entry: Entry) -> Answer:
        """Give an operator a new root key, with cross-certificates both ways."""
        authority = self.store.authority(entry.operator)
        change = rolled(authority, self.maker)
        made = change.authority
        self.user.check(entry, made.root)
        signed = (change.new_with_old, change.old_with_new, made.root.leaf, made.intermediate.leaf)
        self._keep(entry.operator, lambda ledger: ledger.with_issued(signed))
        self.store.keep_authority(entry.operator, made)
        in_use = self.user.use(entry, made.root)
        return {**self._shown(self.store.find(f"{entry.operator}.root")), "in_use": in_use}

    def revoke(self, request: Answer) -> Answer:
        """Revoke one certificate, for good."""
        entry = self.store.find(_text(request, "which"))
        reason = REASONS.get(str(request.get("reason", "unspecified")))
        if reason is None:
            raise InputError(f'expected "reason" to be one of {", ".join(REASONS)}')
        if read(entry.certificate).self_issued:
            # RFC 5280 section 6.1.1 (d): a trust anchor is trusted because the verifier has it.
            raise InputError(
                f"nobody can revoke {entry.label}, which signed itself: take it out of the trust"
                " stores, and its TLSA records out of the DNS"
            )
        revocation = Revocation(entry.certificate.serial_number, self.now, reason)
        self._keep(entry.operator, lambda ledger: ledger.with_revocation(revocation))
        return self._shown(entry)

    def crl(self, request: Answer) -> Answer:
        """Make the next CRL of an operator's intermediate, or of its root."""
        operator = _text(request, "operator")
        authority, ledger = self.store.authority(operator), self.store.ledger(operator)
        issuer = {"root": authority.root, "intermediate": authority.intermediate}.get(
            str(request.get("of", "intermediate"))
        )
        if issuer is None:
            raise InputError('expected "of" to be root or intermediate')
        revoked = ledger.revoked_by(issuer.leaf)
        ledger = ledger.with_next_crl()
        made = make_crl(issuer, revoked, ledger.crl_number, self.now)
        self.store.keep_ledger(operator, ledger)
        return {
            "operator": operator,
            "issuer": issuer.leaf.subject.rfc4514_string(),
            "number": ledger.crl_number,
            "next_update": int(made.next_update_utc.timestamp()) if made.next_update_utc else None,
            "revoked": [
                {"serial": f"{one.serial:x}", "at": int(one.at), "reason": one.reason.value}
                for one in revoked
            ],
            "pem": made.public_bytes(Encoding.PEM).decode(),
        }

    def export(self, request: Answer) -> Answer:
        """Return what others need to trust an operator: its root, or every root."""
        wanted = request.get("operator")
        operators = self.store.operators if wanted is None else (str(wanted),)
        roots = [self.store.authority(one).root.leaf for one in operators]
        return {"operators": list(operators), "pem": certificates_to_pem(tuple(roots)).decode()}

    def _keep(self, operator: str, edit: Callable[[Ledger], Ledger]) -> None:
        self.store.keep_ledger(operator, edit(self.store.ledger(operator)))

    def _shown(self, entry: Entry) -> Answer:
        chain = self._chain(entry)
        return {**self._described(entry), "pem": certificates_to_pem(chain).decode()}

    def _chain(self, entry: Entry) -> tuple[x509.Certificate, ...]:
        if entry.file is None or entry.file.parent.name == "ca":
            return (entry.certificate,)
        return Identity.from_pem(entry.file.read_bytes()).chain

    def _described(self, entry: Entry) -> Answer:
        contents, certificate = read(entry.certificate), entry.certificate
        ledger = self.store.ledger(entry.operator)
        revocation = ledger.revocation(certificate.serial_number)
        return {
            "operator": entry.operator,
            "label": entry.label,
            "serial": entry.serial,
            "subject": contents.subject.rfc4514_string(),
            "issuer": contents.issuer.rfc4514_string(),
            "names": list(contents.dns_names),
            "key": title_of(contents.public_key),
            "authority": contents.is_ca,
            "purposes": _purposes(contents),
            "not_before": int(contents.window.inception),
            "not_after": int(contents.window.expiration),
            "status": ledger.status(certificate, self.now).value,
            "revoked": None
            if revocation is None
            else {"at": int(revocation.at), "reason": revocation.reason.value},
            "sha256": certificate.fingerprint(hashes.SHA256()).hex(),
            "file": None if entry.file is None else str(entry.file),
        }


def _purposes(contents: Contents) -> list[str]:
    if contents.is_ca:
        return []
    return [str(one.name).lower() for one in EXTENDED_KEY_USAGES if one in contents.purposes]


def _text(request: Answer, key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str) or not value:
        raise InputError(f'expected "{key}" with a text')
    return value


def _names(request: Answer) -> tuple[str, ...]:
    names = request.get("names")
    if not isinstance(names, list) or not names:
        raise InputError("expected at least one name")
    for one in names:
        name = presented_name(one) if isinstance(one, str) and one.isascii() else None
        # RFC 5280 section 4.2.1.6: a dNSName has the syntax of a domain name, and is not empty.
        if name is None or name == dns.name.root or one.endswith("."):
            raise InputError(f"{one!r} is not a domain name without dot at its end")
    return tuple(names)


def _days(request: Answer) -> int:
    days = request.get("days", PEER.lifetime // DAY)
    if not isinstance(days, int) or not 0 < days <= MAX_DAYS:
        raise InputError(f"expected 1 to {MAX_DAYS} days, not {days!r}")
    return days

"""The tasks of `lab ca` on a state folder: what is made, what is refused, and what is kept."""

from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from lab.app.authorities import AuthorityStore
from lab.app.credentials import Credentials
from lab.app.registrar import Registrar
from lab.app.state import StateError, StateFolder
from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError
from lab.core.instant import DAY
from lab.pki.contents import read
from lab.pki.identity import Identity, certificates_from_pem
from lab.pki.ledger import SERIAL_DIGITS
from lab.pki.signature import is_signed_by
from tests.fakes import NOW
from tests.unit.world.small import materials

ENTROPY = SeededEntropy("registrar")
OPERATOR = materials().operators[0]
IDENTITY = OPERATOR.identities[0]
NAME = "gateway.op.example"


@pytest.fixture(name="state")
def _state(tmp_path: Path) -> StateFolder:
    folder = StateFolder(tmp_path / "state")
    folder.prepare()
    credentials = Credentials(folder, NOW, ENTROPY)
    credentials.identity(IDENTITY, credentials.authority(OPERATOR))
    return folder


@pytest.fixture(name="registrar")
def _registrar(state: StateFolder) -> Registrar:
    return at(state, NOW)


def at(state: StateFolder, now: int) -> Registrar:
    return Registrar(AuthorityStore(state), NOW + (now - NOW), ENTROPY)


def do(registrar: Registrar, task: str, **request: object) -> dict[str, Any]:
    return registrar.perform({"task": task, **request})


def issued(registrar: Registrar, **order: object) -> dict[str, Any]:
    return do(registrar, "issue", operator=OPERATOR.name, names=[NAME], **order)


def labels(registrar: Registrar) -> dict[str, str]:
    (authority,) = do(registrar, "list")["authorities"]
    return {one["label"]: one["status"] for one in authority["certificates"]}


def crl_of(registrar: Registrar, **request: object) -> x509.CertificateRevocationList:
    pem = do(registrar, "crl", operator=OPERATOR.name, **request)["pem"]
    return x509.load_pem_x509_crl(pem.encode())


def test_the_list_has_the_authority_and_what_the_lab_uses(registrar: Registrar) -> None:
    own = (f"{OPERATOR.name}.root", f"{OPERATOR.name}.intermediate", IDENTITY.name)
    assert labels(registrar) == dict.fromkeys(own, "valid")


@pytest.mark.parametrize("key", ["p-256", "ed25519"])
def test_an_issued_certificate_is_kept_with_its_key_for_its_owner_only(
    registrar: Registrar, key: str
) -> None:
    answer = issued(registrar, profile="client", key=key, days=30)
    file = Path(answer["file"])
    identity = Identity.from_pem(file.read_bytes())
    assert file.stat().st_mode & 0o777 == 0o600
    assert identity.chain == certificates_from_pem(answer["pem"].encode())
    assert (answer["names"], answer["purposes"]) == ([NAME], ["client"])
    assert answer["not_after"] == NOW + 30 * DAY
    assert labels(registrar)[NAME] == "valid"


def test_no_answer_holds_a_private_key(registrar: Registrar) -> None:
    tasks = (
        issued(registrar),
        issued(registrar, self_signed=True, key="ed25519"),
        do(registrar, "list"),
        do(registrar, "show", which=f"{OPERATOR.name}.root"),
        do(registrar, "renew", which=IDENTITY.name),
        do(registrar, "export"),
    )
    assert not any("PRIVATE" in repr(one) for one in tasks)


def test_a_self_signed_certificate_is_listed_but_nobody_can_revoke_it(
    registrar: Registrar,
) -> None:
    answer = issued(registrar, self_signed=True)
    assert answer["issuer"] == answer["subject"]
    assert labels(registrar)[NAME] == "valid"
    with pytest.raises(InputError, match="nobody can revoke"):
        do(registrar, "revoke", which=NAME)
    with pytest.raises(InputError, match="issue another one"):
        do(registrar, "renew", which=NAME)


def test_renewal_keeps_the_key_unless_another_is_wanted(state: StateFolder) -> None:
    file = state.path / "identities" / f"{IDENTITY.name}.pem"
    before = Identity.from_pem(file.read_bytes())
    later = at(state, NOW + 60 * DAY)
    do(later, "renew", which=IDENTITY.name)
    same = Identity.from_pem(file.read_bytes())
    do(later, "renew", which=IDENTITY.name, new_key=True, key="ed25519")
    other = Identity.from_pem(file.read_bytes())
    assert before.key_pem() == same.key_pem() != other.key_pem()
    assert read(same.leaf).window.expiration > read(before.leaf).window.expiration
    serials = [one.serial for one in AuthorityStore(state).entries(OPERATOR.name)]
    assert f"{before.leaf.serial_number:x}" in serials


def test_a_revoked_certificate_is_on_the_next_list_for_ever(state: StateFolder) -> None:
    registrar = at(state, NOW)
    answer = issued(registrar)
    assert len(crl_of(registrar)) == 0
    do(registrar, "revoke", which=answer["serial"][:SERIAL_DIGITS], reason="keyCompromise")
    crl = crl_of(at(state, NOW + 100 * DAY))
    assert [one.serial_number for one in crl] == [int(answer["serial"], 16)]
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 2
    assert labels(registrar)[NAME] == "revoked"
    with pytest.raises(InputError, match="was revoked at"):
        do(registrar, "revoke", which=answer["serial"])


def test_the_root_lists_the_intermediate_and_the_intermediate_lists_leaves(
    registrar: Registrar,
) -> None:
    do(registrar, "revoke", which=f"{OPERATOR.name}.intermediate", reason="cACompromise")
    assert len(crl_of(registrar)) == 0
    assert len(crl_of(registrar, of="root")) == 1


def test_a_rolled_root_keeps_the_intermediates_key_and_leaves_bridges(state: StateFolder) -> None:
    store = AuthorityStore(state)
    before = store.authority(OPERATOR.name)
    do(at(state, NOW + DAY), "renew", which=f"{OPERATOR.name}.root")
    after = store.authority(OPERATOR.name)
    assert after.root.leaf.public_key() != before.root.leaf.public_key()
    assert after.intermediate.key_pem() == before.intermediate.key_pem()
    crosses = [
        one
        for one in store.ledger(OPERATOR.name).issued
        if one.subject == one.issuer and not is_signed_by(one, one.public_key())
    ]
    assert len(crosses) == 2


WRONG = {
    "no task": ({"task": "forge"}, 'expected "task"'),
    "no such operator": ({"task": "list", "operator": "x"}, "there is no operator 'x'"),
    "no such certificate": ({"task": "show", "which": "x"}, "there is no certificate 'x'"),
    "no name": ({"task": "issue", "operator": OPERATOR.name, "names": []}, "at least one name"),
    "an odd name": (
        {"task": "issue", "operator": OPERATOR.name, "names": ["a..b"]},
        "'a..b' is not a domain name",
    ),
    "a dot at the end": (
        {"task": "issue", "operator": OPERATOR.name, "names": ["a.b."]},
        "without dot",
    ),
    "an authority as leaf": (
        {"task": "issue", "operator": OPERATOR.name, "names": [NAME], "profile": "root"},
        "profile of a leaf",
    ),
    "too long a life": (
        {"task": "issue", "operator": OPERATOR.name, "names": [NAME], "days": 10_000},
        "3650 days",
    ),
    "an odd reason": (
        {"task": "revoke", "which": IDENTITY.name, "reason": "removeFromCRL"},
        'expected "reason"',
    ),
    "the list of nobody": (
        {"task": "crl", "operator": OPERATOR.name, "of": "leaf"},
        "root or intermediate",
    ),
    "only the intermediate": (
        {"task": "renew", "which": f"{OPERATOR.name}.intermediate"},
        "name the root",
    ),
}


@pytest.mark.parametrize(("request_", "reason"), WRONG.values(), ids=WRONG)
def test_a_wrong_request_is_refused_in_one_sentence(
    registrar: Registrar, request_: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        registrar.perform(request_)


def test_one_name_of_several_certificates_asks_back(registrar: Registrar) -> None:
    for _ in range(2):
        issued(registrar)
    with pytest.raises(InputError, match="several certificates"):
        do(registrar, "show", which=NAME)


def test_a_damaged_ledger_is_named(state: StateFolder, registrar: Registrar) -> None:
    (state.path / "ca" / f"{OPERATOR.name}.ledger.json").write_text("{")
    with pytest.raises(StateError, match=r"ledger\.json"):
        do(registrar, "list")


def test_a_folder_without_authorities_says_what_makes_them(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "empty")
    folder.prepare()
    with pytest.raises(StateError, match="`lab up` makes them"):
        do(at(folder, NOW), "list")

from pathlib import Path

import dns.tsigkeyring
import pytest

from lab.app.keyring import Keyring
from lab.app.state import StateFolder
from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError, LabError
from tests.fakes import name

ENTROPY = SeededEntropy("keyring")


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    folder = StateFolder(tmp_path / "state")
    folder.prepare()
    return Keyring(folder)


def test_the_lab_makes_its_own_key_once(keyring: Keyring) -> None:
    made = keyring.prepare(ENTROPY)
    assert list(made) == [name("lab-key.")]
    assert keyring.prepare(ENTROPY) == made


def test_a_new_key_is_a_file_for_its_owner_alone_in_the_form_of_bind(keyring: Keyring) -> None:
    key = keyring.add("Second.Key", "hmac-sha512", ENTROPY)
    path = keyring.path(key.name)
    assert path.name == "second.key.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert dns.tsigkeyring.from_file(path) == {name("second.key."): key}
    assert len(key.secret) == 64
    assert keyring.get("SECOND.key.") == key


def test_a_key_is_not_overwritten(keyring: Keyring) -> None:
    keyring.add("a.", "hmac-sha256", ENTROPY)
    with pytest.raises(InputError, match=r"there is a key a\. already"):
        keyring.add("a.", "hmac-sha256", ENTROPY)


def test_a_removed_key_is_gone(keyring: Keyring) -> None:
    keyring.add("a.", "hmac-sha256", ENTROPY)
    keyring.add("b.", "hmac-sha256", ENTROPY)
    keyring.remove("a.")
    with pytest.raises(InputError, match=r"there is no TSIG key a\.; there are: b\."):
        keyring.get("a.")


@pytest.mark.parametrize("text", ["", ".", "a..b", 'a"b.', "a b.", "../a"])
def test_a_name_that_configuration_files_do_not_take_is_refused(
    keyring: Keyring, text: str
) -> None:
    with pytest.raises(InputError):
        keyring.add(text, "hmac-sha256", ENTROPY)


@pytest.mark.parametrize(
    "text", ["", 'key "a." { secret "c2VjcmV0"; };', 'key a { algorithm md5; secret "c2Vj"; };']
)
def test_a_file_that_holds_no_key_is_named(keyring: Keyring, text: str) -> None:
    keyring.add("a.", "hmac-sha256", ENTROPY)
    keyring.path(name("a.")).write_text(text)
    with pytest.raises(LabError, match=r"a\.key: expected"):
        keyring.load()

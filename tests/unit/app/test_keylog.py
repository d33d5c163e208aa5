import stat
from contextlib import closing
from pathlib import Path

import pytest

from lab.app.keylog import KeyLogFile
from lab.core.errors import InputError


def test_secrets_are_appended_to_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    file.write_text("before\n")
    file.chmod(0o644)
    with closing(KeyLogFile(file)) as keylog:
        keylog("LABEL 00 11")
    assert file.read_text() == "before\nLABEL 00 11\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere/keys\.txt: cannot write a key log: No such"):
        KeyLogFile(tmp_path / "nowhere" / "keys.txt")


def test_a_full_disk_ends_the_log_and_nothing_else() -> None:
    with closing(KeyLogFile(Path("/dev/full"))) as keylog:
        keylog("LABEL 00 11")
        keylog("LABEL 00 22")

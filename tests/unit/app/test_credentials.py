"""Certificates in a state folder."""

from dataclasses import replace
from pathlib import Path

import pytest

from lab.app.credentials import Credentials
from lab.app.state import StateError, StateFolder
from lab.core.entropy import SeededEntropy
from lab.core.instant import DAY
from tests.fakes import NOW
from tests.unit.world.small import materials

OPERATOR = materials().operators[0]


@pytest.fixture(name="credentials")
def _credentials(tmp_path: Path) -> Credentials:
    state = StateFolder(tmp_path / "state")
    state.prepare()
    return Credentials(state, NOW, SeededEntropy("credentials"))


def test_certificates_are_kept_and_renewed_when_they_are_over(credentials: Credentials) -> None:
    authority = credentials.authority(OPERATOR)
    assert credentials.authority(OPERATOR).to_pem() == authority.to_pem()
    config = OPERATOR.identities[0]
    first = credentials.identity(config, authority)
    assert credentials.identity(config, authority).leaf == first.leaf
    over = NOW + 1 + int(first.leaf.not_valid_after_utc.timestamp()) - NOW
    renewed = replace(credentials, now=over).identity(config, authority)
    assert renewed.leaf != first.leaf
    early = replace(credentials, now=NOW - 5 * DAY).identity(config, authority)
    assert early.leaf != renewed.leaf


def test_a_broken_certificate_file_is_named(credentials: Credentials) -> None:
    credentials.authority(OPERATOR)
    (credentials.state.path / "ca" / "op.pem").write_text("no certificate")
    with pytest.raises(StateError, match=r"op\.pem"):
        credentials.authority(OPERATOR)

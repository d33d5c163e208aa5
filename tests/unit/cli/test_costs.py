"""`lab lorawan costs` on the command line."""

import json
from pathlib import Path

from click.testing import CliRunner

from lab.cli.frame import main
from lab.pki.identity import certificates_to_pem
from tests.unit.pki.chains import LEAF


def test_usual_sizes_are_shown_without_a_certificate() -> None:
    run = CliRunner().invoke(main, ["lorawan", "costs", "--json"])
    assert run.exit_code == 0
    assert [one["octets"] for one in json.loads(run.output)] == [0, 24, 32, 91, 140, 316, 2048]


def test_a_certificate_is_weighed(tmp_path: Path) -> None:
    file = tmp_path / "leaf.pem"
    file.write_bytes(certificates_to_pem(LEAF.chain))
    run = CliRunner().invoke(main, ["lorawan", "costs", str(file)])
    assert run.exit_code == 0
    assert "certificate as C509" in run.output


def test_what_is_no_certificate_is_told_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "no.pem"
    file.write_text("nothing")
    run = CliRunner().invoke(main, ["lorawan", "costs", str(file)])
    assert run.exit_code != 0
    assert f"{file}: the PEM text holds no readable certificate" in run.output

import json
from pathlib import Path

import pytest

from lab.app.state import StateFolder
from lab.app.status import SCHEMA, describe, write_public_files
from lab.net.clock import LabClock
from lab.validator.anchor import parse_anchors
from lab.world.build import build
from tests.fakes import NOW
from tests.unit.world.small import materials

WORLD = build(materials())


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    folder = StateFolder(tmp_path / "state")
    folder.prepare()
    return folder


def test_a_status_is_json_and_has_what_other_programs_need(state: StateFolder) -> None:
    status = describe(WORLD, state, 5300, LabClock(lambda: float(NOW)))
    assert json.loads(json.dumps(status)) == status
    assert (status["schema"], status["port"]) == (SCHEMA, 5300)
    assert status["clock"] == {"now": int(NOW), "setting": "real"}
    assert status["root_servers"] == [{"name": "ns.root.", "address": "127.53.0.1"}]
    assert status["faults"] == []
    assert status["tls_library"]["version"].startswith("OpenSSL ")


def test_a_signed_zone_shows_its_keys_and_an_unsigned_one_has_none(state: StateFolder) -> None:
    zones = describe(WORLD, state, 5300, LabClock(lambda: float(NOW)))["zones"]
    root, operator, bare = zones
    assert (root["name"], root["serial"]) == (".", 7)
    assert [one["role"] for one in root["keys"]] == ["ksk", "zsk"]
    assert [one["role"] for one in operator["keys"]] == ["csk"]
    assert operator["algorithm"] == {
        "number": 15,
        "mnemonic": "ED25519",
        "experimental": False,
    }
    assert operator["ds"][0].startswith(f"{operator['keys'][0]['tag']} 15 2 ")
    assert (bare["signed"], bare["algorithm"], bare["denial"]) == (False, None, None)
    assert (bare["keys"], bare["ds"]) == ([], [])


def test_servers_and_clients_are_listed_with_their_tlsa_owners(state: StateFolder) -> None:
    status = describe(WORLD, state, 5300, LabClock(lambda: float(NOW)))
    assert [(one["identity"], one["tlsa_owner"], one["tlsa"]) for one in status["tls"]] == [
        ("op.js", "_8003._tcp.js.op.", "3 1 1"),
        ("op.as", "_8003._tcp.as.op.", "2 0 2"),
    ]
    assert [one["identity"] for one in status["clients"]] == ["op.js", "op.as", "guest.ns"]


def test_the_files_are_where_the_status_says(state: StateFolder) -> None:
    write_public_files(WORLD, state)
    status = describe(WORLD, state, 5300, LabClock(lambda: float(NOW)))
    files = [status["root_hints"], *status["trust_anchor"].values()]
    assert all(Path(one).is_file() for one in files)
    anchors = parse_anchors(Path(status["trust_anchor"]["ds"]).read_text(), "anchor.ds")
    assert anchors[0].ds == WORLD.anchor.ds

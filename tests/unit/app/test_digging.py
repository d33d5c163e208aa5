from pathlib import Path
from typing import Any

import pytest
from dns.rdatatype import RdataType

from lab.app.digging import _server
from lab.app.state import StateFolder
from lab.app.status import describe
from lab.app.words import Asked
from lab.core.errors import InputError
from lab.net.clock import LabClock
from lab.present.validation import validation_to_json
from lab.world.build import build
from tests.fakes import NOW, Internet, name
from tests.unit.world.small import materials

WORLD = build(materials())


@pytest.fixture
def status(tmp_path: Path) -> dict[str, Any]:
    return describe(WORLD, StateFolder(tmp_path), 5300, LabClock(lambda: float(NOW)))


def test_the_words_of_a_command_line_become_a_question() -> None:
    assert Asked.parse("www.op", "txt") == Asked(name("www.op."), RdataType.TXT)
    assert Asked.parse("www.op.", "TYPE65280").rdtype == 65280


@pytest.mark.parametrize(
    ("qname", "rdtype"),
    [("a..b", "A"), ("x" * 64, "A"), ("a", "FOO"), ("a", "TYPE99999"), ("\udcff", "A")],
)
def test_what_is_no_question_is_one_sentence(qname: str, rdtype: str) -> None:
    with pytest.raises(InputError, match="cannot ask for"):
        Asked.parse(qname, rdtype)


CHOSEN = {
    # question, wanted server: address
    ("js.op.", "A", None): "127.53.0.2",
    ("www.bare.op.", "A", None): "127.53.0.3",
    ("op.", "DS", None): "127.53.0.1",
    ("bare.op.", "DS", None): "127.53.0.2",
    ("op.", "SOA", None): "127.53.0.2",
    (".", "DS", None): "127.53.0.1",
    ("nowhere.", "A", None): "127.53.0.1",
    ("js.op.", "A", "127.53.0.1"): "127.53.0.1",
    ("js.op.", "A", "ns.root"): "127.53.0.1",
    ("js.op.", "A", "ns.root."): "127.53.0.1",
}


@pytest.mark.parametrize(("qname", "rdtype", "wanted"), CHOSEN)
def test_a_question_goes_to_the_closest_zone_or_where_the_user_says(
    qname: str, rdtype: str, wanted: str | None, status: dict[str, Any]
) -> None:
    chosen = _server(status, Asked.parse(qname, rdtype), wanted)
    assert chosen.address == CHOSEN[qname, rdtype, wanted]


def test_a_server_that_is_not_here_is_refused(status: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"192\.0\.2\.1 is no nameserver of this lab"):
        _server(status, Asked.parse("op", "A"), "192.0.2.1")


def test_a_validation_is_told_with_all_its_evidence() -> None:
    internet = Internet(WORLD.name_servers, WORLD.served[name(".")], WORLD.hints)
    document = validation_to_json(internet.resolve("js.op."), NOW)
    assert (document["status"], document["kind"], document["rcode"]) == (
        "secure",
        "positive",
        "NOERROR",
    )
    assert document["records"] == ["js.op. 60 IN A 127.53.0.11"]
    assert document["report"]["title"] == "js.op. A"
    assert document["ede"] == []


def test_what_is_bogus_is_told_with_its_code() -> None:
    world = WORLD.without_records(name("op."), RdataType.NS)
    servers = dict(world.name_servers)
    del servers["127.53.0.2"]
    internet = Internet(servers, world.served[name(".")], world.hints)
    document = validation_to_json(internet.resolve("js.op."), NOW)
    assert (document["status"], document["rcode"]) == ("indeterminate", "SERVFAIL")

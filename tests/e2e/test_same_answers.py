"""BIND and Knot, given the zones that the lab exports, answer as the lab does: section by section.

Compared are RCODE, AA and the RRsets of each section; of an RRSIG what it covers and who made it.
NSD is not asked: it follows aliases into any zone that it has, and adds proofs that nobody needs.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.zone
import pytest
from dns.name import Name
from dns.rdatatype import RdataType

from tests.e2e.running import Lab, free_port, listening

# Answers that are made for a question are in no zone file.
MADE = {"nsec-minimal", "nsec3-minimal", "compact"}
TYPES = ("A", "TXT", "DS", "NS", "SOA", "CNAME", "DNSKEY", "NSEC", "DNAME", "MX")
NOT_THERE = ("0", "zzz", "*", "a.b")
DEPTH = 3

NAMED = """\
options {{
    directory "{folder}"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
    recursion no; pid-file none; session-keyfile "{folder}/session.key"; dnssec-validation no;
    minimal-responses yes; empty-zones-enable no; zero-no-soa-ttl no;
}};
controls {{ }};
"""
NAMED_ZONE = 'zone "{name}" {{ type primary; file "{file}"; }};\n'
KNOT = """\
server:
  rundir: "{folder}"
  listen: 127.0.0.1@{port}
database:
  storage: "{folder}"
template:
- id: default
  zonefile-load: whole
zone:
"""
KNOT_ZONE = '- domain: "{name}"\n  file: "{file}"\n'
REFEREES = {
    "named": (NAMED, NAMED_ZONE, ("-f", "-c")),
    "knotd": (KNOT, KNOT_ZONE, ("-c",)),
}
# Knot gives a referral for it. BIND answers as we do: the NSEC at a cut is data of the parent, who
# signs it (RFC 4035 section 2.3).
EXPLAINED = {("knotd", "NSEC at a cut")}

Question: TypeAlias = tuple[Name, str]
Answer: TypeAlias = tuple[str, bool, frozenset[Any], frozenset[Any], frozenset[Any]]


@dataclass
class Asker:
    """Ask over TCP, with one connection for each server."""

    lines: dict[tuple[str, int], socket.socket] = field(default_factory=dict)

    def ask(self, question: Question, address: str, port: int) -> Answer:
        """Return what is compared of the answer."""
        query = dns.message.make_query(*question, use_edns=0, want_dnssec=True)
        query.flags &= ~dns.flags.RD
        where = (address, port)
        for _ in range(2):
            line = self.lines.get(where) or socket.create_connection(where, timeout=5)
            self.lines[where] = line
            try:
                return _comparable(dns.query.tcp(query, address, 5, port, sock=line))
            except (OSError, EOFError):
                self.lines.pop(where).close()
        raise AssertionError((question, where))

    def close(self) -> None:
        """Close every connection."""
        for line in self.lines.values():
            line.close()


def _comparable(answer: dns.message.Message) -> Answer:
    # Addresses beside an answer are a favour; only glue of a referral is compared.
    referral = not answer.answer and answer.flags & dns.flags.AA == 0
    additional = answer.additional if referral else []
    return (
        dns.rcode.to_text(answer.rcode()),
        bool(answer.flags & dns.flags.AA),
        *(_section(one) for one in (answer.answer, answer.authority, additional)),  # type: ignore[return-value]  # three
    )


def _section(section: list[Any]) -> frozenset[Any]:
    return frozenset(
        (rrset.name.canonicalize(), rrset.ttl, rrset.rdtype, _rdata(rdata))
        for rrset in section
        for rdata in rrset
    )


def _rdata(rdata: Any) -> object:  # noqa: ANN401 any type of rdata
    if rdata.rdtype == RdataType.RRSIG:
        return rdata.type_covered, rdata.labels, rdata.signer, rdata.key_tag, rdata.expiration
    return rdata.to_digestable()


@pytest.fixture(scope="module")
def still(lab: Lab) -> Iterator[Lab]:
    """The lab while its clock stands: every week it signs anew for half a day, RRset by RRset."""
    assert lab.run("clock", "freeze").returncode == 0
    yield lab
    assert lab.run("clock", "reset").returncode == 0


@pytest.fixture(scope="module")
def exported(still: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[Name, Path]:
    folder = tmp_path_factory.mktemp("exported")
    assert still.run("export", str(folder)).returncode == 0
    files = {
        dns.name.from_text(zone["name"]): folder / f"{zone['name'].rstrip('.') or 'root'}.zone"
        for zone in still.status["zones"]
        if zone["denial"] not in MADE
    }
    assert all(file.is_file() for file in files.values())
    return files


def questions(exported: dict[Name, Path]) -> Iterator[Question]:
    """Iterate over names that are there, empty non-terminals, and names that are not there."""
    for apex, file in exported.items():
        zone = dns.zone.from_file(str(file), origin=apex, relativize=False, check_origin=False)
        plain = {
            name
            for name, node in zone.nodes.items()
            if not any(one.rdtype == RdataType.NSEC3 for one in node.rdatasets)
        }
        above = {
            Name(name.labels[cut:]) for name in plain for cut in range(len(name) - len(apex) + 1)
        }
        for name in above:
            yield from ((name, rdtype) for rdtype in TYPES)
            if len(name) <= len(apex) + DEPTH:
                for label in NOT_THERE:
                    yield from ((dns.name.from_text(label, name), one) for one in ("A", "DS"))


@pytest.fixture(scope="module")
def ours(still: Lab, exported: dict[Name, Path]) -> Iterator[dict[Question, Answer]]:
    """What the lab answers to each question, asked where it belongs."""
    zones = {dns.name.from_text(zone["name"]): zone for zone in still.status["zones"]}
    asker, answers = Asker(), {}
    for name, rdtype in questions(exported):
        home = name.parent() if rdtype == "DS" and name in zones and len(name) > 1 else name
        while home not in zones:
            home = home.parent()
        if home in exported:
            address = zones[home]["nameservers"][0]["address"]
            answers[name, rdtype] = asker.ask((name, rdtype), address, still.port)
    yield answers
    asker.close()


@pytest.mark.timeout(150)
@pytest.mark.parametrize("program", REFEREES)
def test_another_server_answers_the_same(
    program: str, exported: dict[Name, Path], ours: dict[Question, Answer], tmp_path: Path
) -> None:
    head, zone, options = REFEREES[program]
    port = free_port()
    text = head.format(folder=tmp_path, port=port)
    text += "".join(zone.format(name=apex, file=file) for apex, file in exported.items())
    (tmp_path / "conf").write_text(text)
    asker = Asker()
    with closing(asker), listening(port, program, *options, str(tmp_path / "conf")):
        _wait_for_zones(asker, exported, port)
        theirs = {question: asker.ask(question, "127.0.0.1", port) for question in ours}
    different = {
        question: (ours[question], theirs[question])
        for question in ours
        if ours[question] != theirs[question] and (program, _kind(question, ours)) not in EXPLAINED
    }
    assert len(ours) > 1000
    assert not different, list(different.items())[:5]


def _wait_for_zones(asker: Asker, exported: dict[Name, Path], port: int) -> None:
    """Return when every zone is loaded: ports are open before that."""
    deadline = time.monotonic() + 30
    for apex in exported:
        while asker.ask((apex, "SOA"), "127.0.0.1", port)[0] != "NOERROR":
            assert time.monotonic() < deadline, apex
            time.sleep(0.1)


def _kind(question: Question, ours: dict[Question, Answer]) -> str:
    name, rdtype = question
    is_cut = ours.get((name, "NS"), ("", True))[1] is False
    return f"{rdtype} at a cut" if is_cut else rdtype

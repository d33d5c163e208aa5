"""Every way to deny, for every kind of "no": unbound, delv and our validator believe it."""

import dns.message
import dns.name
import dns.query
import dns.rcode
import pytest
from dns.flags import Flag
from dns.rdatatype import RdataType

from lab.core.dialogue import answer_all
from lab.core.instant import Instant
from lab.core.question import Question, Response, Server
from lab.core.status import SecurityStatus
from lab.validator.anchor import parse_anchors
from lab.validator.resolve import Settings, Validation, resolve
from tests.e2e.running import Lab, Resolver, Tool

WAYS = ["nsec3", "opt-out", "nsec3-minimal", "nsec-minimal", "compact"]
# Question to what it ends in; the names are those of zones/lesson.zone.
QUESTIONS = {
    "nowhere A": "NXDOMAIN",
    "very.deep.nowhere A": "NXDOMAIN",
    "nowhere.www A": "NXDOMAIN",
    "nowhere DS": "NXDOMAIN",
    "nowhere.deep.ent A": "NXDOMAIN",
    "nowhere.lonely A": "NXDOMAIN",
    "nowhere.moved A": "NXDOMAIN",
    "www AAAA": "NODATA",
    "www DS": "NODATA",
    "alias MX": "NODATA",
    "ent A": "NODATA",
    "deep.ent A": "NODATA",
    "lonely A": "NODATA",
    "any.wild MX": "NODATA",
    "moved A": "NODATA",
    "unsigned DS": "NODATA",
    "cut.lonely DS": "NODATA",
    "any.wild TXT": "positive",
    "so.many.labels.wild TXT": "positive",
    "book.moved A": "positive",
}
# One of each kind: each needs a process of its own.
FOR_DELV = [
    "very.deep.nowhere A",
    "nowhere.moved A",
    "www AAAA",
    "deep.ent A",
    "any.wild MX",
    "unsigned DS",
    "so.many.labels.wild TXT",
    "book.moved A",
]
# RFC 5155 section 9.2: what depends on an Opt-Out span is not secure.
NOT_SECURE_UNDER_OPT_OUT = {"NXDOMAIN"} | {
    question
    for question in QUESTIONS
    if question.split()[0] in {"any.wild", "so.many.labels.wild", "unsigned", "cut.lonely"}
}


def is_secure(way: str, question: str) -> bool:
    if way != "opt-out":
        return True
    return not {question, QUESTIONS[question]} & NOT_SECURE_UNDER_OPT_OUT


def absolute(question: str, way: str) -> tuple[str, str]:
    relative, rdtype = question.split()
    return f"{relative}.{way}.lessons.fr.", rdtype


def by_our_stub(lab: Lab, qname: str, rdtype: str) -> Validation:
    def ask(question: Question) -> Response:
        wanted = dns.message.make_query(question.qname, question.rdtype, want_dnssec=True)
        return Response(
            dns.query.tcp(wanted, question.server.address, 5, lab.port), question.server
        )

    hints = tuple(
        Server(dns.name.from_text(one["name"]), one["address"])
        for one in lab.status["root_servers"]
    )
    anchors = parse_anchors((lab.state / "anchor.ds").read_text(), "anchor.ds")
    now = Instant(lab.status["clock"]["now"])
    asked = dns.name.from_text(qname)
    dialogue = resolve(asked, RdataType.from_text(rdtype), Settings(hints, anchors), now)
    return answer_all(dialogue, ask).result


@pytest.mark.parametrize("way", WAYS)
def test_our_validator_believes_it(lab_53: Lab, way: str) -> None:
    for question, end in QUESTIONS.items():
        validation = by_our_stub(lab_53, *absolute(question, way))
        secure = SecurityStatus.SECURE if is_secure(way, question) else SecurityStatus.INSECURE
        assert validation.status is secure, question
        assert validation.resolution.require(secure).kind.value.lower() == end.lower(), question


@pytest.mark.parametrize("way", WAYS)
def test_unbound_believes_it(unbound: Resolver, way: str) -> None:
    for question, end in QUESTIONS.items():
        qname, rdtype = absolute(question, way)
        wanted = dns.message.make_query(qname, rdtype, want_dnssec=True)
        told = dns.query.udp(wanted, unbound.address, 10, unbound.port)
        # RFC 9824 section 5: a resolver that does not know the CO flag passes NOERROR on.
        absent = "NOERROR" if way == "compact" else "NXDOMAIN"
        expected = absent if end == "NXDOMAIN" else "NOERROR"
        assert dns.rcode.to_text(told.rcode()) == expected, question
        assert bool(told.flags & Flag.AD) == is_secure(way, question), question


@pytest.mark.parametrize("way", WAYS)
def test_delv_believes_it(tool: Tool, lab_53: Lab, unbound: Resolver, way: str) -> None:
    server = ("-p", str(unbound.port), f"@{unbound.address}")
    anchor = ("-a", lab_53.status["trust_anchor"]["named_conf"], "+root=.")
    for question in FOR_DELV:
        end = QUESTIONS[question]
        done = tool("delv", *server, *anchor, *absolute(question, way))
        said = done.stdout + done.stderr
        # BIND calls what depends on an Opt-Out span validated, and only leaves out AD.
        unsigned = not is_secure(way, question) and "unsigned answer" in said
        assert unsigned or "fully validated" in said, question
        # "resolution failed: ncache" is how delv says that an alias leads to nothing.
        denied = "negative response" in said or "ncache" in said
        assert denied == (end != "positive"), question

"""Who is told how much of a name, and what becomes of servers that cannot bear it."""

from dataclasses import replace

import dns.message
import pytest
from dns.message import Message
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.question import Question, Role, Server
from lab.validator.minimise import MAX_MINIMISE_COUNT, shorter_names
from lab.validator.settings import Minimisation
from tests.unit.validator.scenes import SECURE, WORLD, two_servers, world
from tests.unit.validator.world import Tamper, World
from tests.unit.validator.zone import ROOT_ADDRESS, name

# RFC 9156 section 2.3 has this example: 18 labels, of which the last six questions share 14.
LONG = name(".".join("abcdefghijklmnopqr") + ".")


@pytest.mark.parametrize(
    ("qname", "lengths"),
    [
        (name("."), []),
        (name("fr."), []),
        (name("www.example.fr."), [1, 2]),
        (name("_443._tcp.www.example.fr."), [1, 2, 3]),
        (name("_tcp.fr."), [1]),
        (name("sensor._device.fr."), [1, 2]),
        (name("a.b.c.d.e.f.g.h.i.j."), [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (name("a.b.c.d.e.f.g.h.i.j.k."), [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (LONG, [1, 2, 3, 4, 6, 8, 10, 12, 15]),
    ],
)
def test_a_name_is_shown_label_by_label_in_a_bounded_number_of_questions(
    qname: Name, lengths: list[int]
) -> None:
    names = shorter_names(qname)
    assert [len(one) - 1 for one in names] == lengths
    assert all(qname.is_subdomain(one) for one in names)
    assert len(names) < MAX_MINIMISE_COUNT


def asked(made: World, qname: str, rdtype: str = "A", *, whole: bool = False) -> list[str]:
    """Return the questions of a walk until the name itself was asked for, without DNSKEY and DS."""
    told = Minimisation.OFF if whole else Minimisation.RELAXED
    settings = replace(made.settings(), minimisation=told)
    transcript = made.transcript(qname, rdtype, settings)
    assert transcript.result.status is SECURE
    chain = {RdataType.DNSKEY, RdataType.DS}
    questions = (question for question, _ in transcript.exchanges)
    return [str(one).split(" (")[0] for one in questions if one.rdtype not in chain]


def test_what_is_meant_of_a_name_is_asked_for_at_once() -> None:
    assert asked(WORLD, "_443._tcp.www.example.fr.", "TLSA")[2:] == [
        "www.example.fr. A @ ns.example.fr.",
        "_443._tcp.www.example.fr. TLSA @ ns.example.fr.",
    ]


def test_the_root_sees_the_top_label_alone() -> None:
    assert asked(WORLD, "www.example.fr.", "TXT") == [
        "fr. A @ ns.root.",
        "example.fr. A @ ns.fr.",
        "www.example.fr. TXT @ ns.example.fr.",
    ]


def test_who_is_told_so_asks_for_the_whole_name_everywhere() -> None:
    assert asked(WORLD, "www.example.fr.", "TXT", whole=True) == [
        "www.example.fr. TXT @ ns.root.",
        "www.example.fr. TXT @ ns.fr.",
        "www.example.fr. TXT @ ns.example.fr.",
    ]


def test_a_ds_is_asked_of_the_zone_above() -> None:
    transcript = WORLD.transcript("example.fr.", "DS")
    questions = [str(question).split(" (")[0] for question, _ in transcript.exchanges]
    assert questions[:2] == ["fr. A @ ns.root.", "example.fr. DS @ ns.fr."]


def test_a_recursive_server_is_told_the_whole_name() -> None:
    hint = Server(name("."), ROOT_ADDRESS, Role.RECURSIVE)
    transcript = WORLD.transcript("www.example.fr.", settings=WORLD.settings().through(hint))
    assert transcript.exchanges[0][0].qname == name("www.example.fr.")


def at_ent(change: Tamper) -> Tamper:
    """Return the server that is wrong about the empty non-terminals of example.fr."""

    def answer(question: Question, message: Message) -> Message:
        empty = question.qname in {name("ent.example.fr."), name("deep.ent.example.fr.")}
        return change(question, message) if empty else message

    return answer


def with_rcode(rcode: Rcode) -> Tamper:
    def answer(_question: Question, message: Message) -> Message:
        bare = dns.message.make_response(dns.message.make_query(message.question[0].name, "A"))
        bare.id = message.id
        bare.set_rcode(rcode)
        return bare

    return answer


@pytest.mark.parametrize("rcode", [Rcode.NXDOMAIN, Rcode.REFUSED, Rcode.SERVFAIL, Rcode.NOERROR])
def test_a_server_that_does_not_know_empty_non_terminals_is_asked_for_the_whole_name(
    rcode: Rcode,
) -> None:
    broken = world(at_ent(with_rcode(rcode)))
    found = asked(broken, "a.deep.ent.example.fr.")
    assert found[2:] == [
        "ent.example.fr. A @ ns.example.fr.",
        "a.deep.ent.example.fr. A @ ns.example.fr.",
    ]


def test_an_absent_name_is_denied_by_the_answer_to_the_whole_question() -> None:
    found = WORLD.transcript("a.b.nope.example.fr.")
    names = [str(question.qname) for question, _ in found.exchanges]
    assert (found.result.status, found.result.rcode) == (SECURE, Rcode.NXDOMAIN)
    assert names[2:4] == ["nope.example.fr.", "a.b.nope.example.fr."]


def test_a_silent_server_is_waited_for_once() -> None:
    made = two_servers(lambda _question, message: message)
    honest = made.answer
    silent = "127.53.2.9"
    made.silent = frozenset({silent})

    def answer(question: Question) -> object:
        if question.server.address == silent:
            return World.answer(made, question)
        return honest(question)

    made.answer = answer  # type: ignore[method-assign,assignment]  # one server of two
    transcript = made.transcript("a.deep.ent.example.fr.")
    assert transcript.result.status is SECURE
    waited = [one for one, _ in transcript.exchanges if one.server.address == silent]
    assert [str(one.qname) for one in waited] == ["ent.example.fr."]

"""What is plain is answered briefly; everything else is left to the whole walk."""

from dataclasses import dataclass, field, replace

import pytest
from dns.rdatatype import RdataType

from lab.core.dialogue import answer_all
from lab.core.errors import TransportError
from lab.core.instant import Instant
from lab.core.message import Undecoded
from lab.core.question import Question, Response
from lab.dnssec.algorithms import DIGESTS
from lab.validator.anchor import NegativeAnchor
from lab.validator.brief import Brief
from lab.validator.cache import Cache, resolve_briefly, resolve_cached
from lab.validator.resolve import Limits, Settings, Validation
from lab.validator.settings import Paths
from tests.unit.validator.scenes import BOGUS, WORLD, expired, only, world
from tests.unit.validator.test_forwarding import FORWARDER, Recursor
from tests.unit.validator.world import anchor_of
from tests.unit.validator.zone import NOW, TTL, name

SETTINGS = Settings((FORWARDER,), (anchor_of(name(".")),))


@dataclass
class Octets(Recursor):
    """Give octets, as a socket does."""

    silent: set[Question] = field(default_factory=set)

    def answer(self, question: Question) -> Response:
        if question in self.silent:
            self.asked.append(question)
            raise TransportError("timed out")
        wire = super().answer(question).message.wire
        assert wire is not None
        return Response(Undecoded(wire), FORWARDER)

    def find(
        self,
        qname: str,
        rdtype: str = "A",
        told: Settings = SETTINGS,
        now: Instant = NOW,
        cache: Cache | None = None,
    ) -> Brief | Validation:
        about = name(qname), RdataType.from_text(rdtype)
        return answer_all(resolve_briefly(*about, told, now, cache), self.answer).result

    def whole(
        self, qname: str, told: Settings = SETTINGS, now: Instant = NOW, cache: Cache | None = None
    ) -> Validation:
        about = name(qname), RdataType.A
        return answer_all(resolve_cached(*about, told, now, cache), self.answer).result


@pytest.mark.parametrize(
    ("qname", "rdtype"),
    [("www.example.fr.", "A"), ("_443._tcp.www.example.fr.", "TLSA"), ("fr.", "NS")],
)
def test_a_plain_answer_is_brief(qname: str, rdtype: str) -> None:
    found = Octets(WORLD).find(qname, rdtype)
    assert isinstance(found, Brief)
    assert found.ttl == TTL
    assert found.rrset.rdatas == found.validation.resolution.require(found.status).rdatas


@pytest.mark.parametrize(
    "qname",
    [
        "nope.example.fr.",
        "alias.example.fr.",
        "x.tree.example.fr.",
        "x.w.example.fr.",
        "www.open.fr.",
        "www.island.fr.",
        "www.plain.lab.",
    ],
)
def test_what_is_not_plain_is_walked_for(qname: str) -> None:
    short, long = Octets(WORLD), Octets(WORLD)
    assert short.find(qname) == long.whole(qname)
    assert short.asked == long.asked


def test_the_explanation_comes_from_what_was_heard() -> None:
    asked = Octets(WORLD)
    found = asked.find("www.example.fr.")
    assert isinstance(found, Brief)
    count = len(asked.asked)
    assert found.validation == Octets(WORLD).whole("www.example.fr.")
    assert len(asked.asked) == count == 6


def test_a_bogus_answer_is_never_brief() -> None:
    found = Octets(world(job=only(RdataType.A, expired))).find("www.example.fr.")
    assert isinstance(found, Validation)
    assert found.status is BOGUS


def test_a_server_that_says_nothing_is_not_asked_twice_in_a_row() -> None:
    question = Question(name("fr."), RdataType.DNSKEY, FORWARDER)
    short, long = Octets(WORLD, silent={question}), Octets(WORLD, silent={question})
    assert short.find("www.example.fr.") == long.whole("www.example.fr.")
    assert short.asked == long.asked


@pytest.mark.parametrize(
    "told",
    [
        replace(SETTINGS, paths=Paths.EVERY_ALGORITHM),
        replace(SETTINGS, limits=Limits(questions=3)),
        replace(SETTINGS, negative=(NegativeAnchor(name("example.fr.")),)),
        replace(SETTINGS, algorithms=frozenset({13})),
        replace(SETTINGS, digests=frozenset(DIGESTS) - {2}),
        replace(SETTINGS, anchors=()),
        replace(SETTINGS, hints=()),
    ],
)
def test_settings_of_which_it_knows_nothing_are_left_to_the_walk(told: Settings) -> None:
    assert Octets(WORLD).find("www.example.fr.", told=told) == Octets(WORLD).whole(
        "www.example.fr.", told
    )


def test_with_the_chain_known_one_question_is_enough() -> None:
    asked, cache = Octets(WORLD), Cache()
    assert isinstance(asked.find("www.example.fr.", cache=cache), Validation)
    asked.asked.clear()
    found = asked.find("a.deep.ent.example.fr.", now=NOW + 10, cache=cache)
    assert isinstance(found, Brief)
    assert [one.rdtype for one in asked.asked] == [RdataType.A]
    told = {one.rule.id for one in found.validation.report.every_check()}
    assert "cache.alive" in told


def test_a_brief_answer_is_kept_and_grows_old() -> None:
    caches = Cache(), Cache()
    for moment in (0, 10, 20):
        short = Octets(WORLD).find("www.example.fr.", now=NOW + moment, cache=caches[0])
        long = Octets(WORLD).whole("www.example.fr.", now=NOW + moment, cache=caches[1])
        assert (short.validation if isinstance(short, Brief) else short) == long
    about = "a.deep.ent.example.fr."
    for moment in (30, 40, 50):
        asked = Octets(WORLD)
        short = asked.find(about, now=NOW + moment, cache=caches[0])
        assert isinstance(short, Brief)
        assert (short.ttl, len(asked.asked)) == (TTL - moment + 30, moment == 30)
        assert short.validation == asked.whole(about, now=NOW + moment, cache=caches[1])
    assert caches[0].recall((name(about), RdataType.A), NOW + 60) == caches[1].recall(
        (name(about), RdataType.A), NOW + 60
    )
    assert dict.fromkeys(caches[0].ends()) == dict.fromkeys(caches[1].ends())

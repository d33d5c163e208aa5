"""With a cache or without one: the same verdicts, whatever is asked, and whenever."""

from dataclasses import dataclass, field

from dns.rdatatype import RdataType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.core.dialogue import answer_all
from lab.core.instant import DAY, Instant
from lab.core.question import Question, Response
from lab.core.rules import Ede
from lab.validator.cache import Cache, resolve_cached
from lab.validator.resolve import Settings, Validation, resolve
from tests.fakes import NOW, TCP_PEER, name, query, tell
from tests.properties.trees import Change, Tree, questions, records, targets, trees

FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Every TTL of the trees.
TTL = 60


@dataclass
class Asker:
    """Ask a tree twice: with a cache that stays, and without."""

    tree: Tree
    now: Instant = NOW
    change: Change | None = None
    cache: Cache = field(default_factory=Cache)

    def answer(self, question: Question) -> Response:
        server = self.tree.internet.servers[question.server.address]
        message = tell(server, query(question.qname, question.rdtype), TCP_PEER, self.now)
        if self.change is not None:
            self.change.apply(message)
        return Response(message, question.server)

    def both(self, qname: str, rdtype: str) -> tuple[Validation, Validation]:
        about = name(qname), RdataType.from_text(rdtype)
        told = Settings(self.tree.internet.hints, (self.tree.internet.anchor,))
        cached = answer_all(resolve_cached(*about, told, self.now, self.cache), self.answer)
        return cached.result, answer_all(resolve(*about, told, self.now), self.answer).result


def same(cached: Validation, plain: Validation) -> None:
    """Compare all that a client is told, and that the explanation is whole."""
    assert (cached.status, cached.rcode) == (plain.status, plain.rcode)
    assert [one for one in cached.ede if one is not Ede.CACHED_ERROR] == list(plain.ede)
    assert records(cached) == records(plain)
    assert [one.apex for one in cached.chain.links] == [one.apex for one in plain.chain.links]
    assert [one.title for one in cached.report.parts] == [one.title for one in plain.report.parts]


# Mostly within the TTL, sometimes beyond it, and sometimes back to before anything was asked.
JUMPS = st.one_of(st.integers(0, TTL), st.integers(TTL, 400 * DAY), st.integers(-DAY, 0))


@FEW
@given(trees(), st.data())
def test_a_cache_changes_no_verdict(tree: Tree, data: st.DataObject) -> None:
    asker = Asker(tree)
    for _ in range(data.draw(st.integers(2, 6))):
        same(*asker.both(*data.draw(questions(tree))))
        asker.now = asker.now + data.draw(JUMPS)


@FEW
@given(trees(), st.data())
def test_a_cache_hides_no_change_longer_than_the_ttl(tree: Tree, data: st.DataObject) -> None:
    asker = Asker(tree)
    for _ in range(3):
        same(*asker.both(*data.draw(questions(tree))))
    asker.now = asker.now + TTL
    about = data.draw(questions(tree))
    target = data.draw(st.sampled_from(targets(tree.ask(*about))))
    asker.change = Change(target, data.draw(st.integers(0, 255)), data.draw(st.integers(1, 255)))
    for _ in range(3):
        same(*asker.both(*data.draw(st.one_of(st.just(about), questions(tree)))))
    asker.now, asker.change = asker.now + TTL, None
    same(*asker.both(*about))

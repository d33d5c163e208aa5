"""A brief answer is that of the whole walk: same verdict, same records, same explanation."""

from dataclasses import replace

from dns.name import root
from dns.rdatatype import RdataType
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lab.core.dialogue import answer_all
from lab.core.instant import DAY, Instant
from lab.core.message import pull_message
from lab.core.question import Role
from lab.core.status import SecurityStatus
from lab.validator.brief import Brief
from lab.validator.cache import Cache, resolve_briefly, resolve_cached
from lab.validator.plain import name_of, read_plain
from lab.validator.reading import Kind, read
from lab.validator.resolve import Validation
from lab.validator.settings import Settings
from tests.fakes import NOW, name
from tests.properties.recursors import Forge, Recursor, changing, forgeries, only_at
from tests.properties.trees import Change, Tree, questions, targets, trees

# A tree is too big to be made smaller in reasonable time.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
FEW = settings(
    max_examples=8, phases=PHASES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
MANY = settings(
    max_examples=25, phases=PHASES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

JUMPS = st.one_of(st.just(0), st.integers(-20 * DAY, 40 * DAY))


def both(
    asked: Recursor,
    about: tuple[str, str],
    told: Settings,
    now: Instant = NOW,
    caches: tuple[Cache | None, Cache | None] = (None, None),
) -> Brief | Validation:
    """Resolve both ways, compare everything, and return what the short one has found."""
    subject = name(about[0]), RdataType.from_text(about[1])
    asked.asked, asked.given = [], {}
    whole = answer_all(resolve_cached(*subject, told, now, caches[0]), asked.answer).result
    wanted, asked.asked = asked.asked, []
    found = answer_all(resolve_briefly(*subject, told, now, caches[1]), asked.answer).result
    assert asked.asked == wanted
    assert found.status is whole.status
    if isinstance(found, Brief):
        answer = whole.resolution.require(SecurityStatus.SECURE).answer
        assert answer is not None
        assert found.rrset == answer.rrset
    told_later = found.validation if isinstance(found, Brief) else found
    assert told_later == whole
    return found


@FEW
@given(trees(), st.data())
def test_the_short_way_says_what_the_long_one_says(tree: Tree, data: st.DataObject) -> None:
    asked = Recursor(tree)
    for _ in range(3):
        both(asked, data.draw(questions(tree)), asked.settings)


@MANY
@given(trees(), st.data())
def test_nothing_forged_is_accepted(tree: Tree, data: st.DataObject) -> None:
    asked = Recursor(tree)
    apex = data.draw(st.sampled_from(tree.apexes))
    about = f"www.{apex.lstrip('.')}", "A"
    for _ in range(8):
        forge: Forge = data.draw(forgeries())
        asked.forge = only_at(data.draw(st.integers(0, 4)), forge)
        told = replace(asked.settings, skew_s=data.draw(st.sampled_from((0, 0, 5 * DAY))))
        both(asked, about, told, NOW + data.draw(JUMPS))


@FEW
@given(trees(), st.data())
def test_no_changed_record_is_accepted(tree: Tree, data: st.DataObject) -> None:
    asked = Recursor(tree)
    about = data.draw(questions(tree))
    found = targets(tree.ask(*about))
    for _ in range(4):
        place, flip = data.draw(st.integers(0, 255)), data.draw(st.integers(1, 255))
        asked.forge = changing(Change(data.draw(st.sampled_from(found)), place, flip))
        both(asked, about, asked.settings)


@FEW
@given(trees(), st.data())
def test_what_is_known_is_the_same_both_ways(tree: Tree, data: st.DataObject) -> None:
    asked, now, caches = Recursor(tree), NOW, (Cache(), Cache())
    for _ in range(data.draw(st.integers(2, 6))):
        both(asked, data.draw(questions(tree)), asked.settings, now, caches)
        ends = [sorted(one.ends(), key=str) for one in caches]
        assert ends[0] == ends[1]
        now = now + data.draw(st.sampled_from((0, 1, 30, 61, -5, DAY)))


@MANY
@given(trees(), st.data())
def test_octets_are_read_as_dnspython_reads_them(tree: Tree, data: st.DataObject) -> None:
    asked, about = Recursor(tree), data.draw(questions(tree))
    qname, rdtype = name(about[0]), RdataType.from_text(about[1])
    wire = asked.octets(qname, rdtype)
    for _ in range(8):
        forged = data.draw(forgeries())(wire)
        plain = read_plain(forged, qname, rdtype)
        if plain is None:
            continue
        reading = read(pull_message(forged), root, qname, rdtype, Role.RECURSIVE)
        assert (reading.kind, reading.alias) == (Kind.ANSWER, None)
        (signed,) = reading.rrsets
        assert signed.rrset.rdatas == plain.records()
        assert (signed.rrset.ttl, signed.rrsig_ttl) == (plain.ttl, plain.rrsig_ttl)
        assert [
            (one.algorithm, one.key_tag, one.signer, one.signature) for one in signed.rrsigs
        ] == [
            (one.algorithm, one.key_tag, name_of(one.signer), one.signature) for one in plain.rrsigs
        ]


@FEW
@given(trees(), st.data())
def test_a_plain_answer_is_brief(tree: Tree, data: st.DataObject) -> None:
    asked = Recursor(tree)
    apex = data.draw(st.sampled_from([one for one in tree.apexes if one in {".", "a.", "b.a."}]))
    found = both(asked, (f"www.{apex.lstrip('.')}", "A"), asked.settings)
    assert isinstance(found, Brief) or apex == "b.a."

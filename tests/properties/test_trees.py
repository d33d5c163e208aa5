"""Honest trees are secure whatever their keys and denials; one changed octet is never secure."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lab.core.question import Response
from lab.core.status import SecurityStatus
from lab.validator.settings import Minimisation
from tests.properties.trees import Change, Tree, questions, records, targets, trees

# Each example signs a tree of zones: fewer of them than of cheaper things.
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
REFUSED = {SecurityStatus.BOGUS, SecurityStatus.INDETERMINATE}


@FEW
@given(trees(), st.data())
def test_an_honest_tree_is_secure(tree: Tree, data: st.DataObject) -> None:
    qname, rdtype = data.draw(questions(tree))
    found = tree.ask(qname, rdtype).result
    assert found.status is SecurityStatus.SECURE
    assert found.ede == ()


@FEW
@given(trees(), st.data())
def test_servers_that_are_told_less_lead_to_the_same_answer(
    tree: Tree, data: st.DataObject
) -> None:
    about = data.draw(questions(tree))
    less, whole = tree.ask(*about), tree.ask(*about, told=Minimisation.OFF)
    assert records(less.result) == records(whole.result)
    assert [one.apex for one in less.result.chain.links] == [
        one.apex for one in whole.result.chain.links
    ]
    # RFC 9156 section 4.1 fears more questions: here it is one for each label within a zone.
    assert len(less.exchanges) <= len(whole.exchanges) + 4


@FEW
@given(trees(), st.data())
def test_one_changed_octet_is_never_secure(tree: Tree, data: st.DataObject) -> None:
    qname, rdtype = data.draw(questions(tree))
    # What is said about a shorter name on the way is no part of the verdict.
    whole = Minimisation.OFF
    honest = tree.ask(qname, rdtype, told=whole)
    target = data.draw(st.sampled_from(targets(honest)))
    change = Change(target, data.draw(st.integers(0, 255)), data.draw(st.integers(1, 255)))
    responses = (one for _, one in honest.exchanges if isinstance(one, Response))
    assume(any(change.matters(one.message) for one in responses))
    assert tree.ask(qname, rdtype, change, whole).result.status in REFUSED

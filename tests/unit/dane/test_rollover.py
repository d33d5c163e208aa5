"""Replacing certificates: whatever a cache holds, the certificate that is shown matches."""

from collections.abc import Iterator
from itertools import product

import dns.name
import pytest

from lab.core.entropy import SeededEntropy
from lab.dane.matching import match
from lab.dane.rollover import Deployment, Do, Stage, Timing, rollover
from lab.dane.tlsa import TlsaRecord, parse_parameters
from lab.pki.ca import CertificateAuthority, Maker
from lab.pki.path import Expected
from lab.pki.profiles import Purpose
from tests.unit.pki.chains import CA, LEAF, NOW

NEXT = CA.issue(("js.tsp.example",), Purpose.SERVER, NOW, SeededEntropy("next"))
MOVED = CertificateAuthority.create("New", NOW, SeededEntropy("new")).issue(
    ("js.tsp.example",), Purpose.SERVER, NOW, SeededEntropy("moved")
)
EXPECTED = Expected(dns.name.from_text("js.tsp.example"), Purpose.SERVER, NOW)
TIMING = Timing(ttl=300, propagation=60)
FORMS = ("3 1 1", "3 1 2", "3 0 1", "3 1 0", "2 1 1", "2 0 2", "3 1 1;3 1 2", "3 1 1;2 1 1")

Cached = tuple[TlsaRecord, ...]


def deployment(chain: tuple[object, ...], forms: str) -> Deployment:
    """Return what is shown and published."""
    parsed = tuple(parse_parameters(one) for one in forms.split(";"))
    return Deployment(chain, parsed)  # type: ignore[arg-type] # certificates


def moments(
    old: Deployment, new: Deployment, stages: tuple[Stage, ...]
) -> Iterator[tuple[Deployment, Cached]]:
    """Iterate over every certificate that is shown with every RRset that a cache may hold then."""
    held: list[Cached] = [old.records()]
    shown = old
    for stage in stages:
        if stage.do is Do.WAIT and stage.seconds >= 2 * TIMING.ttl:
            held = held[-1:]
        if stage.do is Do.DEPLOY:
            # Not all servers change at the same second.
            yield from product((old, new), held)
            shown = new
        held.append(stage.records)
        yield from product((shown,), held)


@pytest.mark.parametrize("before", FORMS)
@pytest.mark.parametrize("after", FORMS)
@pytest.mark.parametrize("chain", [NEXT.chain, MOVED.chain], ids=["same CA", "another CA"])
def test_whatever_a_cache_holds_matches_what_is_shown(
    before: str, after: str, chain: tuple[object, ...]
) -> None:
    old, new = deployment(LEAF.chain, before), deployment(chain, after)
    stages = rollover(old, new, TIMING)
    for shown, held in moments(old, new, stages):
        assert match(shown.chain, held, EXPECTED).authenticated
    assert set(stages[-1].records) == set(new.records())


def test_the_order_is_publish_wait_deploy_remove() -> None:
    stages = rollover(deployment(LEAF.chain, "3 1 1"), deployment(NEXT.chain, "3 1 1"), TIMING)
    assert [one.do for one in stages] == [Do.PUBLISH, Do.WAIT, Do.DEPLOY, Do.REMOVE]
    assert [one.seconds for one in stages] == [0, 660, 0, 0]
    assert [len(one.records) for one in stages] == [2, 2, 2, 1]


def test_a_renewal_that_keeps_the_key_needs_no_new_record() -> None:
    renewed = CA.renewed(LEAF, Maker(NOW, SeededEntropy("renewed")))
    stages = rollover(deployment(LEAF.chain, "3 1 1"), deployment(renewed.chain, "3 1 1"), TIMING)
    assert [one.do for one in stages] == [Do.DEPLOY]
    whole = rollover(deployment(LEAF.chain, "3 0 1"), deployment(renewed.chain, "3 0 1"), TIMING)
    assert next(one.do for one in whole) is Do.PUBLISH


def test_a_new_leaf_below_the_same_root_needs_no_new_record_of_the_root() -> None:
    stages = rollover(deployment(LEAF.chain, "2 1 1"), deployment(NEXT.chain, "2 1 1"), TIMING)
    assert [one.do for one in stages] == [Do.DEPLOY]


def test_another_digest_stands_beside_the_same_digest_of_the_other_certificate() -> None:
    old, new = deployment(LEAF.chain, "3 1 1"), deployment(NEXT.chain, "3 1 2")
    (publish, *_) = rollover(old, new, TIMING)
    kinds = sorted((one.matching, one in old.records(new.forms)) for one in publish.records)
    assert kinds == [(1, False), (1, True), (2, False), (2, True)]


def test_the_careless_order_leaves_clients_without_a_match() -> None:
    old, new = deployment(LEAF.chain, "3 1 1"), deployment(NEXT.chain, "3 1 1")
    careless = (
        Stage(Do.DEPLOY, old.records(), 0, ""),
        Stage(Do.PUBLISH, new.records(), 0, ""),
    )
    verdicts = [
        match(shown.chain, held, EXPECTED).authenticated
        for shown, held in moments(old, new, careless)
    ]
    assert not all(verdicts)

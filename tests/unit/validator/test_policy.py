"""What whoever runs a validator may decide: negative anchors, clock skew, algorithms, islands."""

from dataclasses import replace

import pytest
from dns.dnssectypes import DSDigest
from dns.rdatatype import RdataType

from lab.core.instant import DAY, Window
from lab.core.rules import Ede
from lab.core.status import SecurityStatus
from lab.dnssec.delegation import make_ds
from lab.validator.anchor import NegativeAnchor
from lab.validator.settings import Paths
from tests.unit.validator.scenes import (
    BOGUS,
    INSECURE,
    SECURE,
    WORLD,
    assert_bogus,
    expired,
    only,
    world,
)
from tests.unit.validator.world import anchor_of
from tests.unit.validator.zone import NOW, key_of, name

BROKEN = world(job=only(RdataType.A, expired))


def test_a_negative_anchor_makes_a_broken_zone_insecure_and_says_so() -> None:
    negative = (NegativeAnchor(name("example.fr."), NOW, "signer died"),)
    settings = replace(BROKEN.settings(), negative=negative)
    found = BROKEN.ask("www.example.fr.", settings=settings)
    assert (found.status, found.ede) == (INSECURE, (Ede.NEGATIVE_TRUST_ANCHOR,))
    assert BROKEN.ask("www.h.fr.", settings=settings).status is SECURE


def test_a_negative_anchor_ends() -> None:
    negative = (NegativeAnchor(name("example.fr."), NOW - 1),)
    settings = replace(BROKEN.settings(), negative=negative)
    assert BROKEN.ask("www.example.fr.", settings=settings).status is BOGUS


@pytest.mark.parametrize("above", [".", "fr."])
def test_a_trust_anchor_below_a_negative_one_counts(above: str) -> None:
    negative = (NegativeAnchor(name(above)),)
    settings = replace(WORLD.settings(name("."), name("example.fr.")), negative=negative)
    assert WORLD.ask("www.example.fr.", settings=settings).status is SECURE
    assert WORLD.ask("www.h.fr.", settings=settings).status is INSECURE


@pytest.mark.parametrize(
    ("window", "skew", "status"),
    [
        (Window(NOW - DAY, NOW - 10), 9, BOGUS),
        (Window(NOW - DAY, NOW - 10), 10, SECURE),
        (Window(NOW + 10, NOW + DAY), 9, BOGUS),
        (Window(NOW + 10, NOW + DAY), 10, SECURE),
    ],
)
def test_a_clock_may_be_wrong_by_the_skew(
    window: Window, skew: int, status: SecurityStatus
) -> None:
    made = world(job=only(RdataType.A, lambda job: replace(job, window=window)))
    settings = replace(made.settings(), skew_s=skew)
    assert made.ask("www.example.fr.", settings=settings).status is status


def test_an_answer_lives_no_longer_than_its_signature() -> None:
    """RFC 4035 section 5.3.3."""
    made = world(job=only(RdataType.A, lambda job: replace(job, window=Window(NOW, NOW + 7))))
    answer = made.ask("www.example.fr.").resolution.require(SECURE).answer
    assert answer is not None
    assert answer.rrset.ttl == 7


@pytest.mark.parametrize("islands", [("example.fr.",), ("lab.", "example.fr."), (".", "lab.")])
def test_each_island_has_its_own_anchor(islands: tuple[str, ...]) -> None:
    settings = WORLD.settings(*(name(one) for one in islands))
    assert WORLD.ask("www.example.fr.", settings=settings).status is SECURE


def test_the_closest_anchor_counts_even_if_it_is_wrong() -> None:
    wrong = replace(anchor_of(name("h.fr.")), apex=name("example.fr."))
    settings = replace(WORLD.settings(), anchors=(anchor_of(name(".")), wrong))
    found = WORLD.ask("www.example.fr.", settings=settings)
    assert_bogus(found, "anchor.matches", Ede.DNSKEY_MISSING)


def test_every_algorithm_of_the_ds_may_be_insisted_on() -> None:
    """RFC 6840 section 5.11: any path will do, unless the validator is told otherwise."""
    made = world()
    apex = name("example.fr.")
    other = key_of(apex, "ECDSAP256SHA256")
    node = made.zones[name("fr.")].nodes[apex]
    ds = node[RdataType.DS]
    more = make_ds(apex, other.dnskey, DSDigest.SHA256)
    node[RdataType.DS] = replace(ds, rdatas=(*ds.rdatas, more))
    own = made.zones[apex].nodes[apex]
    own[RdataType.DNSKEY] = replace(
        own[RdataType.DNSKEY], rdatas=(*own[RdataType.DNSKEY].rdatas, other.dnskey)
    )
    assert made.ask("www.example.fr.").status is SECURE
    strict = replace(made.settings(), paths=Paths.EVERY_ALGORITHM)
    found = made.ask("www.example.fr.", settings=strict)
    assert_bogus(found, "rrsig.every-algorithm", Ede.RRSIGS_MISSING)
    assert made.ask("www.h.fr.", settings=strict).status is SECURE

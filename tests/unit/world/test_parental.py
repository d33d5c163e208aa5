"""What a parent accepts: the rules of RFC 7344 section 4.1, one broken at a time."""

from dataclasses import replace

import pytest
from dns.rdatatype import RdataType

from lab.core.checks import Outcome
from lab.dnssec.keylife import Order
from lab.dnssec.keys import Duty, KeyRole, KeySet, generate
from lab.nameserver.tree import ds_rdatas
from lab.validator.settings import Settings
from lab.world.build import World, build
from lab.world.keylife import Succession, forced, life_of, lived, rolled, with_life
from lab.world.parental import Petition, Ruling, rule_on
from tests.fakes import NOW, Internet, name
from tests.unit.world.small import materials

OP = name("op.")


def petition(world: World) -> Petition:
    internet = Internet(world.name_servers, world.served[name(".")], world.hints)
    answers = (internet.resolve(OP, one) for one in (RdataType.CDS, RdataType.CDNSKEY))
    cds, cdnskey = answers
    return Petition(OP, world.delegations[OP], cds, cdnskey, internet.resolve(OP, "DNSKEY"))


def ruling(world: World) -> Ruling:
    return rule_on(petition(world), Settings(world.hints, (world.anchor,)), NOW)


def begun() -> World:
    return lived(build(materials()), NOW)


def rolling(order: Order = Order.DS_FIRST) -> World:
    world = begun()
    key = generate(OP, KeyRole.CSK, world.config(OP).algorithm)
    return rolled(world, Succession(OP, (key,), (KeyRole.CSK,), order), NOW)


def failed(ruled: Ruling) -> list[str]:
    return [one.rule.id for one in ruled.report.checks if one.failed]


def test_a_zone_at_rest_asks_for_what_it_has() -> None:
    ruled = ruling(begun())
    assert ruled.report.conclusion == "nothing to change"
    assert ruled.report.outcome is Outcome.PASSED


def test_a_second_ds_is_given_to_whoever_signs_with_the_first() -> None:
    world = rolling()
    ruled = ruling(world)
    assert failed(ruled) == []
    assert set(ruled.ds) == set(ds_rdatas(OP, world.signers[OP].keys))
    assert len(ruled.ds) == 2


def test_the_delete_form_ends_the_delegation() -> None:
    world = begun()
    known = life_of(world, OP, NOW)
    gone = with_life(world, OP, replace(known, life=replace(known.life, secure=False)))
    ruled = ruling(gone)
    assert (failed(ruled), ruled.ds) == ([], ())


def test_a_child_that_is_bogus_gets_nothing() -> None:
    world = forced(rolling(), OP, NOW)
    ruled = ruling(world)
    assert failed(ruled) == ["cds.secure"]
    assert ruled.ds == world.delegations[OP]


def test_a_ds_for_a_key_that_does_not_sign_would_break_the_chain() -> None:
    world = begun()
    keys = world.signers[OP].keys
    other = generate(OP, KeyRole.CSK, world.config(OP).algorithm)
    duties = world.signers[OP].keys.duties[0]
    both = KeySet((*keys.keys, other), (duties & ~Duty.DELEGATED, Duty.DELEGATED))
    assert failed(ruling(world.with_keys(OP, both))) == ["cds.continues"]


@pytest.mark.parametrize("missing", ["cds", "cdnskey"])
def test_nothing_is_done_without_both(missing: str) -> None:
    asked = petition(rolling())
    world = begun()
    nothing = Internet(world.name_servers, world.served[name(".")], world.hints).resolve(OP, "TXT")
    less = replace(asked, cds=nothing) if missing == "cds" else replace(asked, cdnskey=nothing)
    ruled = rule_on(less, Settings((), ()), NOW)
    assert failed(ruled)
    assert ruled.ds == asked.ds

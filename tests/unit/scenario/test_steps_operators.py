"""Two operators of one zone: each alone, both mixed, in the right order and in a wrong one."""

import dns.dnssec
import pytest
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CDNSKEY import CDNSKEY
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from lab.core.dialogue import answer_all
from lab.core.errors import InputError
from lab.core.question import Question, Server
from lab.core.status import SecurityStatus
from lab.faults.servers import ServerRefuses
from lab.scenario.step import Step
from lab.scenario.steps_operators import (
    ExchangeKeysStep,
    LeaveOperatorStep,
    MoveNameserverStep,
    SecondOperatorStep,
)
from lab.scenario.steps_signing import PublishDsStep
from lab.world.build import World
from lab.world.serials import changes
from lab.world.wishes import Signing, ZoneWish, with_wish
from tests.fakes import name
from tests.unit.scenario.stage import Stage

ZONE = name("shop.example.fr.")
WWW = name("www.shop.example.fr.")
ONE, TWO = name("dns1.examplehost.fr."), name("dns2.examplehost.fr.")


def stage(*steps: Step) -> Stage:
    made = Stage()
    made.world = with_wish(made.world, ZoneWish(ZONE, "www A 192.0.2.9"))
    for one in steps:
        answer_all(one.play(), made.perform)
    return made


def play(on: Stage, step: Step) -> None:
    answer_all(step.play(), on.perform)


JOINED = SecondOperatorStep(zone=ZONE)
EXCHANGED = ExchangeKeysStep(zone=ZONE)
DS = PublishDsStep(zone=ZONE)
AT_TWO, AT_ONE = (MoveNameserverStep(zone=ZONE, nameserver=one) for one in (TWO, ONE))
LEFT = LeaveOperatorStep(zone=ZONE)


def status(on: Stage, *faults: tuple[Name, RdataType | None]) -> SecurityStatus:
    """Return the status of the address where these servers refuse these questions."""
    honest = on.world
    for server, rdtype in faults:
        fault = ServerRefuses(zone=ZONE, type=rdtype)
        on.world = on.world.with_fault(fault, str(server))
    try:
        return on.validate(WWW, RdataType.A).status
    finally:
        on.world = honest


MIXTURES = (
    ((ONE, RdataType.A), (TWO, RdataType.DNSKEY)),
    ((TWO, RdataType.A), (ONE, RdataType.DNSKEY)),
)


def tags(on: Stage, server: Name, rdtype: RdataType) -> tuple[int, ...]:
    address = next(one.address for one in on.world.config(ZONE).nameservers if one.name == server)
    response = on.ask(Question(ZONE, rdtype, Server(server, address)))
    rrset = next(one for one in response.message.answer if one.rdtype == rdtype)
    return tuple(
        sorted(dns.dnssec.key_id(one) for one in rrset if isinstance(one, DNSKEY | CDNSKEY))
    )


@pytest.mark.parametrize("faults", MIXTURES)
def test_keys_of_one_and_signatures_of_the_other_are_bogus_among_strangers(
    faults: tuple[tuple[Name, RdataType], ...],
) -> None:
    assert status(stage(JOINED, DS, AT_TWO), *faults) is SecurityStatus.BOGUS


@pytest.mark.parametrize(
    "faults", [*MIXTURES, ((ONE, None),), ((TWO, None),), ()], ids=["mix", "xim", "2", "1", "both"]
)
def test_each_operator_and_every_mixture_is_secure_once_they_know_each_other(
    faults: tuple[tuple[Name, RdataType | None], ...],
) -> None:
    on = stage(JOINED, EXCHANGED, DS, AT_TWO)
    assert status(on, *faults) is SecurityStatus.SECURE


def test_a_server_of_the_second_operator_is_bogus_without_a_ds_of_his_key() -> None:
    on = stage(JOINED, EXCHANGED, AT_TWO)
    assert status(on, (ONE, None)) is SecurityStatus.BOGUS
    assert status(on, (TWO, None)) is SecurityStatus.SECURE


def test_each_publishes_his_own_ksk_and_the_zsk_of_both() -> None:
    on = stage(JOINED, EXCHANGED, AT_TWO)
    first, second = (set(tags(on, one, RdataType.DNSKEY)) for one in (ONE, TWO))
    assert (len(first), len(second), len(first & second)) == (3, 3, 2)


def test_both_ask_the_parent_for_the_same_ds() -> None:
    on = stage(JOINED, EXCHANGED, AT_TWO)
    first, second = (tags(on, one, RdataType.CDNSKEY) for one in (ONE, TWO))
    assert first == second
    assert len(first) == 2
    play(on, DS)
    assert sorted(one.key_tag for one in on.world.delegations[ZONE]) == list(first)


def test_when_the_first_operator_has_left_his_keys_are_gone() -> None:
    on = stage(JOINED, EXCHANGED, DS, AT_TWO, AT_ONE)
    old = on.world.signers[ZONE].keys
    play(on, LEFT)
    assert status(on) is SecurityStatus.SECURE
    play(on, DS)
    assert status(on, (ONE, None)) is status(on, (TWO, None)) is SecurityStatus.SECURE
    assert len(on.world.delegations[ZONE]) == 1
    assert not {key.tag for key in old.keys} & set(tags(on, ONE, RdataType.DNSKEY))


def test_the_first_operator_leaves_a_bogus_zone_if_the_parent_knows_no_other() -> None:
    assert status(stage(JOINED, LEFT)) is SecurityStatus.BOGUS


def test_time_passes_for_the_keys_of_a_zone_with_two_operators() -> None:
    on = stage(JOINED, EXCHANGED, DS, AT_TWO)
    on.travel(86_400)
    assert status(on, *MIXTURES[0]) is SecurityStatus.SECURE
    play(on, LEFT)
    play(on, DS)
    on.travel(86_400)
    assert status(on) is SecurityStatus.SECURE


@pytest.mark.parametrize("step", [JOINED, EXCHANGED, AT_ONE])
def test_whatever_the_second_operator_changes_gives_the_zone_a_new_serial(step: Step) -> None:
    on = stage(*([] if step is JOINED else [JOINED]))
    before: World = on.world
    play(on, step)
    assert set(changes(before, on.world)) == {ZONE}


def test_an_unsigned_zone_has_no_second_operator_left() -> None:
    on = stage(JOINED, EXCHANGED, AT_TWO)
    on.world = with_wish(on.world, ZoneWish(ZONE, signing=Signing.UNSIGNED))
    assert status(on, (ONE, None)) is SecurityStatus.INSECURE


@pytest.mark.parametrize("step", [EXCHANGED, AT_TWO, LEFT])
def test_without_a_second_operator_there_is_nothing_to_do(step: Step) -> None:
    with pytest.raises(InputError, match="no second operator"):
        stage(step)


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ((JOINED, JOINED), "two operators already"),
        ((SecondOperatorStep(zone=name("unsigned.example.fr.")),), "no signed zone"),
        (
            (JOINED, MoveNameserverStep(zone=ZONE, nameserver=name("ns9.example."))),
            "no such nameserver",
        ),
    ],
)
def test_what_cannot_be_is_refused(steps: tuple[Step, ...], why: str) -> None:
    with pytest.raises(InputError, match=why):
        stage(*steps)


def test_a_server_that_refuses_one_type_says_which() -> None:
    assert str(ServerRefuses(zone=ZONE)) == "server-refuses in shop.example.fr."
    assert str(ServerRefuses(zone=ZONE, type=RdataType.A)) == "server-refuses in shop.example.fr. A"


def test_the_titles_name_the_zone() -> None:
    titles = [one.title for one in (JOINED, EXCHANGED, AT_TWO, LEFT)]
    assert titles == [
        "a second operator for shop.example.fr.",
        "exchange the keys of shop.example.fr.",
        "dns2.examplehost.fr. serves shop.example.fr. for the second operator",
        "the first operator of shop.example.fr. leaves",
    ]

"""What `[world]` says is so when the play begins, or is refused with its line."""

from datetime import UTC, datetime
from textwrap import dedent

import pytest

from lab.core.dialogue import answer_all
from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError, ScenarioError
from lab.core.instant import Instant
from lab.dane.profiles import Demand
from lab.present.text import to_text
from lab.scenario.action import Begin
from lab.scenario.edits import SeedChance, SetMoment
from lab.scenario.load import load
from lab.scenario.run import Record, play
from tests.unit.scenario.stage import START, Stage

SHOP = "www A 192.0.2.80\n"
HEAD = 'title = "T"\n'
NOTE = '[[step]]\ndo = "note"\nsay = "x"\n'


def read(file: str) -> str:
    if file == "zones/shop.zone":
        return SHOP
    if file == "zones/bad.zone":
        return "\nwww A 192.0.2\n"
    raise InputError("cannot read the records", file)


def played(world: str, *validations: str) -> Record:
    """Play a scenario with that `[world]`; each validation is name, type, status, answer."""
    steps = []
    for one in validations:
        name, rdtype, status, answer = one.split()
        steps.append(
            f'[[step]]\ndo = "validate"\nname = "{name}"\ntype = "{rdtype}"\n'
            f'expect = "{status}"\nanswer = "{answer}"\n'
        )
    text = HEAD + dedent(world) + "".join(steps or [NOTE])
    return answer_all(play(load(text, "s.toml", {}, read)), Stage().perform).result


def surprises(record: Record) -> list[str]:
    return [to_text(one.observation.report) for one in record.surprises]


def mistakes(world: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load(HEAD + dedent(world) + NOTE, "s.toml", {}, read)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("settings", "no"),
    [
        ("", "nxdomain"),
        ('denial = "nsec3"\nalgorithm = "ED25519"\nkeys = "csk"', "nxdomain"),
        ('denial = "compact"', "nxdomain"),
    ],
)
def test_a_new_zone_is_served_and_proven_as_it_says(settings: str, no: str) -> None:
    world = f'[world.zone."shop.example.fr"]\n{settings}\nrecords = """\n{SHOP}"""\n'
    shop = "shop.example.fr"
    record = played(
        world,
        f"www.{shop} A secure positive",
        f"nowhere.{shop} A secure {no}",
        f"{shop} MX secure nodata",
    )
    assert surprises(record) == []


def test_a_new_zone_below_the_root_needs_no_records() -> None:
    assert surprises(played('[world.zone."shop"]\n', "shop SOA secure positive")) == []


def test_records_may_stand_in_a_file_beside_the_scenario() -> None:
    world = '[world.zone."shop.example.fr"]\nfile = "zones/shop.zone"\n'
    assert surprises(played(world, "www.shop.example.fr A secure positive")) == []


def test_a_zone_of_the_lab_may_be_unsigned_signed_or_signed_otherwise() -> None:
    world = """
    [world.zone."example.com"]
    signed = false
    records = "new A 192.0.2.1"
    [world.zone."unsigned.example.fr"]
    signed = true
    [world.zone."afnic.fr"]
    algorithm = "ED25519"
    [world.zone."example.fr"]
    denial = "compact"
    """
    record = played(
        world,
        "new.example.com A insecure positive",
        "www.unsigned.example.fr A secure positive",
        "www.afnic.fr A secure positive",
        "nowhere.example.fr A secure nxdomain",
        "www.example.fr A secure positive",
    )
    assert surprises(record) == []


def test_clock_and_chance_are_set_before_the_first_step() -> None:
    text = HEAD + '[world]\nstart = 2026-12-04T17:00:00Z\nseed = "friday"\n' + NOTE
    actions = [one for one, _ in answer_all(play(load(text, "s.toml")), lambda _: None).exchanges]
    moment = Instant(datetime(2026, 12, 4, 17, tzinfo=UTC).timestamp())
    assert actions[:2] == [SeedChance("friday"), SetMoment(moment)]
    assert isinstance(actions[2], Begin)


def test_a_time_may_be_text_too() -> None:
    text = HEAD + '[world]\nstart = "2026-12-04 17:00"\n' + NOTE
    start = load(text, "s.toml").scenery.start
    assert str(start) == "2026-12-04 17:00:00Z"


def test_a_stage_is_set_as_the_scenario_says() -> None:
    stage = Stage()
    text = HEAD + '[world]\nstart = "2027-01-01"\nseed = "x"\n[world.policy."afnic.js"]\n'
    text += f'demand = "guests"\nallow = "example.fr example.com"\n{NOTE}'
    answer_all(play(load(text, "s.toml")), stage.perform)
    assert stage.now > START
    assert stage.entropy.bytes(8) == SeededEntropy("x").bytes(8)
    policy = stage.world.policies["afnic.js"]
    assert policy.demand is Demand.GUESTS
    assert policy.allow_list is not None
    assert len(policy.allow_list) == 2


@pytest.mark.parametrize(
    ("world", "sentence"),
    [
        (
            '[world.zone."www.example.fr"]\n',
            "s.toml:2: www.example.fr. cannot be a zone: example.fr. h",
        ),
        ('[world.policy."afnix.js"]\n', "unknown identity 'afnix.js'"),
    ],
)
def test_what_cannot_be_made_of_the_lab_ends_the_play_with_a_sentence(
    world: str, sentence: str
) -> None:
    with pytest.raises(InputError) as caught:
        played(world)
    assert str(caught.value).startswith(sentence)


def test_every_mistake_of_the_world_has_its_line() -> None:
    world = '''
        [world]
        start = "soon"
        sed = "x"
        [world.zone."a..b"]
        [world.zone."shop.example.fr"]
        denail = "nsec3"
        algorithm = "ROT13"
        denial = "never"
        lifetime = "ever"
        signed = "yes"
        records = """
        www A 192.0.2
        """
        [world.zone."two.example.fr"]
        file = "x"
        records = "y"
        [world.zone."three.example.fr"]
        file = "zones/none.zone"
        [world.zone."four.example.fr"]
        file = "zones/bad.zone"
        [world.policy."afnic.js"]
        demand = "never"
        [world.policy."afnic"]
        '''
    expected = [
        "s.toml:4: start: expected a time such as 2026-11-23T08:30:00Z, not 'soon'",
        "s.toml:5: [world] has no parameter 'sed'; did you mean 'seed'?",
        "s.toml:6: 'a..b' is not a domain name: A DNS label is empty.",
        "s.toml:8: a zone has no parameter 'denail'; did you mean 'denial'?",
        "s.toml:9: unknown signing algorithm 'ROT13'; known are RSASHA256, RSASHA512, …",
        's.toml:10: expected denial = "nsec" or "nsec3" or "compact" or "nsec-minimal" or …',
        "s.toml:11: expected a span such as 3600, '90min', '2h' or '15d', not 'ever'",
        "s.toml:12: expected signed = true or false",
        "s.toml:13: records, line 1: this is not a valid master file line: …",
        "s.toml:17: expected records or a file of them, not both",
        "s.toml:20: cannot read the records",
        "s.toml:24: demand: 'never' is not one of required, optional, guests",
        "s.toml:25: server: 'afnic' is no identity; write operator and role, e.g. 'tsp.ns'",
        "zones/bad.zone:2: this is not a valid master file line: Text input is malformed.",
    ]
    for line, words in zip(mistakes(world), expected, strict=True):
        assert line.startswith(words.removesuffix("…"))

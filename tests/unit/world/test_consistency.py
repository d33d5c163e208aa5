from collections.abc import Mapping

import pytest

from lab.core.errors import ZoneError
from lab.nameserver.zone import load
from lab.world.config import read_hierarchy
from lab.world.consistency import check_world
from lab.world.operators import read_operators
from tests.fakes import name
from tests.unit.world.small import HIERARCHY, OPERATORS, TEXTS


def check(texts: Mapping[str, str], operators: str = OPERATORS) -> None:
    """Compare the small lab's configuration with *texts*."""
    zones = {name(apex): load(text, name(apex), f"{apex}zone") for apex, text in texts.items()}
    check_world(read_hierarchy(HIERARCHY, "h.toml"), read_operators(operators, "o.toml"), zones)


def test_the_small_lab_is_consistent() -> None:
    check(TEXTS)


CHANGES = {
    "NS at the apex": (
        ("op.", "@ 60 NS ns\n", "@ 60 NS other\n"),
        "op.zone: the NS records of op. name other.op., but h.toml:6 says ns.op.",
    ),
    "address in the zone": (
        ("op.", "ns 60 A 127.53.0.2", "ns 60 A 127.53.0.9"),
        "h.toml:6: expected 'ns.op. IN A 127.53.0.2' in the zone op.; found 127.53.0.9",
    ),
    "no address": (("op.", "ns 60 A 127.53.0.2\n", ""), "found none"),
    "two addresses": (
        ("op.", "ns 60 A 127.53.0.2\n", "ns 60 A 127.53.0.2\nns 60 A 127.53.0.9\n"),
        "found 127.53.0.2, 127.53.0.9",
    ),
    "no delegation": (
        (".", "op. 60 NS ns.op.\n", ""),
        "root.zone: expected NS records that delegate op. to ns.op., as h.toml:6 says; found none",
    ),
    "another delegation": ((".", "op. 60 NS ns.op.\n", "op. 60 NS ns.test.\n"), "found ns.test."),
    "glue": (
        (".", "ns.op. 60 A 127.53.0.2", "ns.op. 60 A 127.53.0.9"),
        "root.zone: expected glue 'ns.op. IN A 127.53.0.2' for op., as h.toml:6 says",
    ),
    "address of an identity": (
        ("op.", "js 60 A 127.53.0.11", "js 60 A 127.53.0.99"),
        "o.toml:6: expected 'js.op. IN A 127.53.0.11' in the zone op.; found 127.53.0.99",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_disagreement_names_both_sides(case: str) -> None:
    (apex, before, after), sentence = CHANGES[case]
    assert before in TEXTS[apex]
    with pytest.raises(ZoneError) as caught:
        check({**TEXTS, apex: TEXTS[apex].replace(before, after, 1)})
    assert sentence in str(caught.value)


def test_all_disagreements_come_at_once() -> None:
    texts = {apex: text.replace("127.53.0.2", "127.53.0.9") for apex, text in TEXTS.items()}
    with pytest.raises(ZoneError) as caught:
        check(texts)
    assert len(str(caught.value).splitlines()) == 2


OPERATOR_MISTAKES = {
    'zone = "op."\n': ('zone = "nowhere."\n', "no zone of the lab to publish it in"),
    'host = "js.op."': ('host = "js.test."', "js.test. is not in op."),
}


@pytest.mark.parametrize("before", OPERATOR_MISTAKES)
def test_a_server_lives_in_its_operators_zone(before: str) -> None:
    after, sentence = OPERATOR_MISTAKES[before]
    with pytest.raises(ZoneError, match=sentence):
        check(TEXTS, OPERATORS.replace(before, after, 1))


def test_a_server_may_have_the_name_of_its_zone() -> None:
    operators = OPERATORS.replace('host = "js.op."', 'host = "op."')
    texts = {**TEXTS, "op.": TEXTS["op."] + "@ 60 A 127.53.0.11\n"}
    check(texts, operators)

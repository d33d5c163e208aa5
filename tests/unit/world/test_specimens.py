"""faults.toml: each mistake is named by its line; a specimen is honest but for its faults."""

from dataclasses import replace

import dns.name
import pytest
from dns.rdatatype import RdataType

from lab.core.errors import InputError, ZoneError
from lab.core.rules import Ede
from lab.core.status import SecurityStatus
from lab.faults.rrsigs import RrsigMissing
from lab.world.specimens import SpecimenTree, read_specimens

HEAD = """\
[tree]
apex = "faults.op."
file = "faults.zone"
nameservers = { "ns1.faults.op." = "127.53.60.1" }
specimens = { file = "specimen.zone", address = "127.53.61.1" }
"""
WHOLE = (
    HEAD
    + """
[specimen.one]
title = "no RRSIG over A"
faults = [
    { fault = "rrsig-missing", owner = "www", zone = "@" },
    { fault = "rrsig-wrong-signer", owner = "@", signer = "other.op." },
]
ask = "www AAAA"
ede = [10]
denial = "nsec3"

[specimen.two]
ds = ["1 13 2 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]
delegated_to = "nobody"
status = "indeterminate"
"""
)


def tree(text: str = WHOLE) -> SpecimenTree:
    return read_specimens(text, "faults.toml")


def test_names_in_a_specimen_are_below_it_unless_they_end_with_a_dot() -> None:
    one, _ = tree().specimens
    missing, signer = one.faults
    apex = dns.name.from_text("one.faults.op.")
    assert missing == RrsigMissing(owner=dns.name.from_text("www", apex), zone=apex)
    assert str(signer) == "rrsig-wrong-signer on one.faults.op."
    assert getattr(signer, "signer") == dns.name.from_text("other.op.")  # noqa: B009 a field of one fault
    assert (one.qname, one.rdtype) == (dns.name.from_text("www", apex), RdataType.AAAA)


def test_what_our_validator_tells_stands_beside() -> None:
    one, two = tree().specimens
    assert str(one.expected) == "bogus, 10"
    assert one.expected.ede == (Ede.RRSIGS_MISSING,)
    assert two.expected.status is SecurityStatus.INDETERMINATE


def test_a_specimen_is_served_as_its_table_says_or_not_at_all() -> None:
    one, two = tree().specimens
    assert one.config is not None
    assert one.config.policy.denial.mode.value == "nsec3"
    assert two.config is None
    assert [str(config.apex) for config in tree().configs] == ["faults.op.", "one.faults.op."]
    assert [len(records) for records in tree().delegations.values()] == [1]


def test_the_tree_is_delegated_by_the_zone_above_it() -> None:
    texts = dict.fromkeys(map(dns.name.from_text, (".", "op.", "faults.op.", "one.faults.op.")), "")
    grown = tree().planted(texts)
    assert grown[dns.name.root] == ""
    assert grown[dns.name.from_text("op.")].split("\n")[1:3] == [
        "faults.op. 60 IN NS ns1.faults.op.",
        "ns1.faults.op. 60 IN A 127.53.60.1",
    ]
    assert "two.faults.op. 60 IN NS nobody.faults.op." in grown[dns.name.from_text("faults.op.")]


def test_a_tree_without_a_zone_above_it_is_refused() -> None:
    with pytest.raises(InputError, match=r"no zone of the lab stands above faults.op."):
        tree().planted({dns.name.from_text("faults.op."): ""})


@pytest.mark.parametrize(
    ("more", "where", "what"),
    [
        ("[specimen.x]\nnonsense = 1\n", 7, "unknown key 'nonsense'"),
        (
            '[specimen.x]\nfaults = [{ fault = "rrsig-expird" }]\n',
            7,
            "did you mean 'rrsig-expired'",
        ),
        ('[specimen.x]\nfaults = [{ fault = "rrsig-expired" }]\n', 7, "'owner' or 'zone'"),
        ('[specimen.x]\nfaults = [{ fault = "ds-mismatch" }]\n', 7, "needs the parameter 'child'"),
        ('[specimen.x]\nstatus = "fine"\n', 6, "'fine' is not a valid SecurityStatus"),
        ('[specimen.x]\nds = ["nonsense"]\n', 7, "expected ds = a list of DS records"),
        ('[specimen.x]\ndenial = "maybe"\n', 6, "expected denial ="),
    ],
)
def test_a_mistake_is_named_by_its_line(more: str, where: int, what: str) -> None:
    with pytest.raises(ZoneError) as caught:
        tree(HEAD + more)
    assert str(caught.value).startswith(f"faults.toml:{where}: ")
    assert what in str(caught.value)


def test_a_tree_needs_its_own_table() -> None:
    with pytest.raises(ZoneError, match=r"faults.toml:1: the table \[tree\] needs the key 'apex'"):
        tree("[specimen.x]\n")


def test_a_tree_without_specimens_is_its_apex_alone() -> None:
    alone = replace(tree(), specimens=())
    assert alone.configs == (tree().config,)
    assert alone.below() == ""

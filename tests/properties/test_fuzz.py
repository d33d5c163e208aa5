"""Whatever comes in, what goes out is sound: a part of `tests/fuzz.py`, and what it once found."""

import os

import pytest

from tests.fuzz import PEERS, SLOW_S, fuzz, signed, target

ROUNDS = 50 if os.environ.get("CI") else 2
INPUTS = 1_000

FOUND = {
    "malformed, but well signed": signed(bytes.fromhex("0001010000010000000000010161000001000100")),
    "a TSIG alone": signed(bytes.fromhex("000101000000000000000000")),
    "UPDATE of a zone of another type": bytes.fromhex(
        "a0d928000001000000010000076578616d706c65003f060001012a0477696c64c00c000600ff000000000000"
    ),
}


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_mutated_messages_are_answered_soundly(seed: int) -> None:
    aim = fuzz(INPUTS, seed)
    assert aim.slowest[0] < SLOW_S, aim.slowest[1].hex()


def test_the_fuzzer_reaches_every_kind_of_answer() -> None:
    fuzz(INPUTS, 0)
    kinds = {"NOERROR", "FORMERR", "NXDOMAIN", "NOTIMP", "REFUSED", "NOTAUTH", "silence"}
    assert kinds <= set(target().seen)


@pytest.mark.parametrize("case", FOUND)
def test_what_was_found_once_is_answered(case: str) -> None:
    for peer in PEERS:
        target().throw(FOUND[case], peer)

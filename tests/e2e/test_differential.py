"""Nobody judges otherwise without a reason: our validator, unbound, BIND and delv on random names.

`python -m tests.e2e.differential --questions 5000` asks more of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dns.name
import pytest
from dns.rdatatype import RdataType

from tests.e2e.breakages import breakages
from tests.e2e.differential import Tally, compare, compare_broken, running_lab
from tests.e2e.explained import EXPLAINED, Case
from tests.e2e.judges import (
    BIND,
    DELV,
    UNBOUND,
    Ours,
    ask_all,
    ask_delv,
    running_judges,
)
from tests.e2e.questions import Grounds, Question, questions, read_grounds
from tests.e2e.running import Lab, Resolver, may_bind_53, miss, running_stub

SEED, NUMBER, FEW = 20261125, 200, 12


@dataclass(frozen=True)
class Court:
    lab: Lab
    grounds: Grounds
    judges: dict[str, Resolver]
    ours: Ours


@pytest.fixture(scope="module")
def court(lab_53: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    folder = tmp_path_factory.mktemp("court")
    grounds = read_grounds(lab_53)
    with running_judges(lab_53, folder) as judges:
        yield Court(lab_53, grounds, judges, Ours(lab_53))


def examples(*who: str) -> list[Question]:
    """Return a question for each difference that there is with *who*."""
    return [
        (dns.name.from_text(one.example[0]), RdataType.from_text(one.example[1]))
        for one in EXPLAINED
        if one.example is not None and {*who} & {*one.who}
    ]


def titles(*who: str) -> set[str]:
    """Return how a tally names each difference that has an example."""
    listed = (one for one in EXPLAINED if one.example is not None)
    return {f"{whose}: {one.title}" for one in listed for whose in one.who if whose in who}


@pytest.fixture(scope="module")
def tally(court: Court) -> Tally:
    asked = [*examples(UNBOUND, BIND), *questions(court.grounds, SEED, NUMBER)]
    return compare(court.ours, court.judges, court.grounds, asked)


@pytest.mark.timeout(300)
def test_nobody_says_otherwise_without_a_reason(tally: Tally) -> None:
    assert not tally.unexplained, "\n".join(tally.unexplained)
    assert tally.standing["secure"] > NUMBER / 2
    assert tally.silent.total() < NUMBER / 20


def test_every_difference_that_is_explained_is_still_there(tally: Tally) -> None:
    assert titles(UNBOUND, BIND) <= set(tally.explained)


@pytest.mark.timeout(300)
def test_delv_judges_as_we_do(court: Court) -> None:
    found = Tally()
    for question in [*examples(DELV), *questions(court.grounds, SEED + 1, FEW)]:
        theirs = ask_delv(court.lab, court.judges[UNBOUND], question)
        found.enter(Case(court.grounds, question, DELV, court.ours.ask(question), theirs))
    assert not found.unexplained, "\n".join(found.unexplained)
    assert titles(DELV) <= set(found.explained)


def test_our_resolver_says_the_same_to_its_clients(court: Court) -> None:
    asked = list(questions(court.grounds, SEED + 2, FEW))
    with running_stub(court.lab) as stub:
        assert ask_all(stub, asked) == [court.ours.ask(one) for one in asked]


@pytest.mark.timeout(300)
def test_nobody_judges_a_fault_otherwise(court: Court, tmp_path: Path) -> None:
    found = compare_broken(court.lab, court.grounds, breakages(SEED), tmp_path)
    assert not found.unexplained, "\n".join(found.unexplained)
    assert set(found.standing) == {"secure", "insecure", "bogus"}


@pytest.mark.timeout(300)
def test_nobody_judges_a_random_tree_of_zones_otherwise(tmp_path: Path) -> None:
    if not may_bind_53("127.54.0.1"):
        miss("port 53 on 127.54.0.1 cannot be bound: run as root")
    with running_lab(tmp_path, world=SEED) as lab:
        grounds = read_grounds(lab, tmp_path / "world")
        asked = list(questions(grounds, SEED, FEW * 5))
        with running_judges(lab, tmp_path) as judges:
            found = compare(Ours(lab), judges, grounds, asked)
    assert not found.unexplained, "\n".join(found.unexplained)
    assert len(found.standing) > 1

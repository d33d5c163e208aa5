"""Nobody judges otherwise without a reason: our validator, unbound, BIND and delv on random names.

`python -m tests.e2e.differential --questions 5000` asks more of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import dns.name
import pytest
from dns.rdatatype import RdataType

from tests.e2e.differential import Tally, compare
from tests.e2e.explained import EXPLAINED, Case
from tests.e2e.judges import (
    BIND,
    DELV,
    UNBOUND,
    Ours,
    ask_all,
    ask_delv,
    running_judges,
    running_stub,
)
from tests.e2e.questions import Grounds, Question, questions, read_grounds
from tests.e2e.running import Lab, Resolver

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
    grounds = read_grounds(lab_53, folder / "zones")
    with running_judges(lab_53, folder) as judges:
        yield Court(lab_53, grounds, judges, Ours(lab_53))


def examples(*who: str) -> list[Question]:
    """Return a question for each difference that there is with *who*."""
    listed = (one.example for one in EXPLAINED if {*who} & {*one.who})
    return [(dns.name.from_text(name), RdataType.from_text(rdtype)) for name, rdtype in listed]


def titles(*who: str) -> set[str]:
    return {f"{one}: {each.title}" for each in EXPLAINED for one in each.who if one in who}


@pytest.fixture(scope="module")
def tally(court: Court) -> Tally:
    asked = [*examples(UNBOUND, BIND), *questions(court.grounds, SEED, NUMBER)]
    return compare(court.ours, court.judges, court.grounds, asked)


@pytest.mark.timeout(300)
def test_nobody_says_otherwise_without_a_reason(tally: Tally) -> None:
    assert not tally.unexplained, "\n".join(tally.unexplained)
    assert tally.standing["secure"] > NUMBER / 2


def test_every_difference_that_is_explained_is_still_there(tally: Tally) -> None:
    assert set(tally.explained) == titles(UNBOUND, BIND)


@pytest.mark.timeout(300)
def test_delv_judges_as_we_do(court: Court) -> None:
    found = Tally()
    for question in [*examples(DELV), *questions(court.grounds, SEED + 1, FEW)]:
        theirs = ask_delv(court.lab, court.judges[UNBOUND], question)
        found.enter(Case(court.grounds, question, DELV, court.ours.ask(question), theirs))
    assert not found.unexplained, "\n".join(found.unexplained)
    assert set(found.explained) == titles(DELV)


def test_our_resolver_says_the_same_to_its_clients(court: Court) -> None:
    asked = list(questions(court.grounds, SEED + 2, FEW))
    with running_stub(court.lab) as stub:
        assert ask_all(stub, asked) == [court.ours.ask(one) for one in asked]

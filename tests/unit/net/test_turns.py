"""Turns: so many at a time, and a share of them to one domain."""

import dns.name
import pytest
from twisted.internet.defer import CancelledError, Deferred

from lab.dane.bounds import LookupLimits
from lab.net.turns import Turns


class Queue:
    """Take turns by name, and remember who got which answer."""

    def __init__(self, at_once: int, of_one_domain: int, waiting: int) -> None:
        self.turns = Turns(LookupLimits(at_once, of_one_domain, waiting))
        self.got: list[str] = []
        self.refused: list[str] = []

    def come(self, *texts: str) -> "Queue":
        for text in texts:
            self.take(text)
        return self

    def take(self, text: str) -> "Deferred[None]":
        taking = Deferred.fromCoroutine(self.turns.take(dns.name.from_text(text)))
        return taking.addCallback(lambda taken: (self.got if taken else self.refused).append(text))

    def leave(self, text: str) -> "Queue":
        self.turns.give_back(dns.name.from_text(text))
        return self


def test_one_domain_gets_its_share_and_others_are_not_kept_waiting() -> None:
    queue = Queue(4, 2, 4).come("a.x.test", "b.y.X.TEST", "c.x.test", "a.z.test")
    assert queue.got == ["a.x.test", "b.y.X.TEST", "a.z.test"]
    assert queue.leave("a.x.test").got[-1] == "c.x.test"


def test_of_those_who_wait_one_domain_gets_the_same_share() -> None:
    queue = Queue(4, 2, 4).come(*(f"{host}.x.test" for host in "abcdef"))
    assert queue.refused == ["e.x.test", "f.x.test"]
    assert queue.come("a.y.test").got[-1] == "a.y.test"


def test_the_first_who_may_gets_the_turn() -> None:
    queue = Queue(2, 1, 4).come("a.x.test", "a.y.test", "b.x.test", "b.y.test")
    assert queue.leave("a.y.test").got[-1] == "b.y.test"
    assert queue.leave("a.x.test").got[-1] == "b.x.test"


def test_there_are_so_many_turns_for_all() -> None:
    queue = Queue(2, 2, 2).come(*(f"a.{domain}.test" for domain in "vwxyz"))
    assert (len(queue.got), queue.refused) == (2, ["a.z.test"])


def test_who_goes_while_waiting_leaves_his_place_to_others() -> None:
    queue = Queue(1, 1, 1).come("a.x.test")
    gone: list[object] = []
    waiting = queue.take("b.x.test")
    waiting.addErrback(lambda failure: gone.append(failure.check(CancelledError)))
    waiting.cancel()
    queue.come("c.x.test").leave("a.x.test")
    assert (queue.got, queue.refused) == (["a.x.test", "c.x.test"], [])
    assert gone == [CancelledError]


@pytest.mark.parametrize("rounds", [1, 3])
def test_everything_is_counted(rounds: int) -> None:
    queue = Queue(2, 1, 2)
    for _ in range(rounds):
        queue.come("a.x.test", "b.x.test", "c.x.test").leave("a.x.test").leave("b.x.test")
    tally = queue.turns.tally
    assert (tally.at_once, tally.waiting, tally.not_asked) == (1, 1, rounds)

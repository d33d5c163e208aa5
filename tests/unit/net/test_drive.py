from twisted.internet.defer import Deferred

from lab.core.dialogue import Dialogue
from lab.core.errors import TransportError
from lab.net.drive import drive


def add_two() -> Dialogue[str, int, int]:
    first = yield "first"
    try:
        second = yield "second"
    except TransportError:
        second = -1
    return first + second


def test_each_question_is_awaited() -> None:
    waiting: dict[str, Deferred[int]] = {"first": Deferred(), "second": Deferred()}

    async def perform(ask: str) -> int:
        return await waiting[ask]

    got: list[int] = []
    Deferred.fromCoroutine(drive(add_two(), perform)).addCallback(got.append)
    waiting["first"].callback(1)
    assert got == []
    waiting["second"].callback(2)
    assert got == [3]


def test_a_transport_error_is_thrown_into_the_dialogue() -> None:
    async def perform(ask: str) -> int:
        if ask == "second":
            raise TransportError("timed out")
        return 1

    got: list[int] = []
    Deferred.fromCoroutine(drive(add_two(), perform)).addCallback(got.append)
    assert got == [0]


def test_any_other_error_ends_the_drive() -> None:
    async def perform(_ask: str) -> int:
        raise KeyError

    failures: list[object] = []
    Deferred.fromCoroutine(drive(add_two(), perform)).addErrback(
        lambda failure: failures.append(failure.type)
    )
    assert failures == [KeyError]

"""The one idea to learn: pure code that needs something yields a question and is sent the answer.

Exactly two things run such a generator: `lab.net.drive`, which awaits real sockets, and
`answer_all` below, which calls a function (tests and replay).
"""

from collections.abc import Callable, Generator, Iterable
from typing import Generic, TypeAlias, TypeVar

from lab.core.errors import TransportError
from lab.core.frozen import dataclass

AskT = TypeVar("AskT")
AnswerT = TypeVar("AnswerT")
ResultT = TypeVar("ResultT")

Dialogue: TypeAlias = Generator[AskT, AnswerT, ResultT]


@dataclass(frozen=True, slots=True)
class Transcript(Generic[AskT, AnswerT, ResultT]):
    """Keep what was asked and answered, to explain or replay a dialogue later.

    Attributes:
        exchanges: (question, answer) in order; the answer is the error if none came.
        result: what the dialogue returned.
    """

    exchanges: tuple[tuple[AskT, AnswerT | TransportError], ...]
    result: ResultT


def answer_all(
    dialogue: Dialogue[AskT, AnswerT, ResultT], answer: Callable[[AskT], AnswerT]
) -> Transcript[AskT, AnswerT, ResultT]:
    """Run *dialogue* to its end, asking *answer* each question.

    A TransportError that *answer* raises is thrown into the dialogue, as the driver does.
    """
    exchanges: list[tuple[AskT, AnswerT | TransportError]] = []
    try:
        ask = next(dialogue)
        while True:
            try:
                reply = answer(ask)
            except TransportError as error:
                exchanges.append((ask, error))
                ask = dialogue.throw(error)
            else:
                exchanges.append((ask, reply))
                ask = dialogue.send(reply)
    except StopIteration as stop:
        return Transcript(tuple(exchanges), stop.value)


def prompted(
    dialogue: Dialogue[AskT, AnswerT, ResultT],
    heard: Iterable[tuple[AskT, AnswerT | TransportError]],
) -> Dialogue[AskT, AnswerT, ResultT]:
    """Run *dialogue*, asking nothing of which *heard* has what came of it, and hand on the rest."""
    left = dict(heard)
    try:
        ask = next(dialogue)
        while True:
            try:
                reply = left.pop(ask) if ask in left else (yield ask)
            except TransportError as error:
                reply = error
            ask = (
                dialogue.throw(reply) if isinstance(reply, TransportError) else dialogue.send(reply)
            )
    except StopIteration as stop:
        result: ResultT = stop.value
        return result

"""Run a dialogue against the world: await the answer to each thing that it yields."""

from collections.abc import Awaitable, Callable

from lab.core.dialogue import AnswerT, AskT, Dialogue, ResultT
from lab.core.errors import TransportError


async def drive(
    dialogue: Dialogue[AskT, AnswerT, ResultT], perform: Callable[[AskT], Awaitable[AnswerT]]
) -> ResultT:
    """Run *dialogue* to its end and return its result.

    A TransportError of *perform* is thrown into the dialogue, which decides what it means.
    """
    try:
        ask = next(dialogue)
        while True:
            try:
                reply = await perform(ask)
            except TransportError as error:
                ask = dialogue.throw(error)
            else:
                ask = dialogue.send(reply)
    except StopIteration as stop:
        result: ResultT = stop.value
        return result

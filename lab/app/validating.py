"""Run one validation over real sockets, and keep what was asked and answered."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.app.client import Asked
from lab.app.folders import read_text, write_text
from lab.app.plan import Plan
from lab.core.errors import TransportError
from lab.core.question import Exchange, Question, Response
from lab.net.dot_lines import DotLines
from lab.net.drive import drive
from lab.net.reactor import Reactor
from lab.validator.recording import Recording, Subject, parse, render, replay
from lab.validator.resolve import Validation, resolve


@dataclass(frozen=True, slots=True)
class Walk:
    """Hold a validation and all that it was made of.

    Attributes:
        validation: the verdict.
        recording: enough to come to it again.
    """

    validation: Validation
    recording: Recording


def walk(plan: Plan, asked: Asked) -> Callable[[Reactor], Coroutine[Any, Any, Walk]]:
    """Return the coroutine function that validates what is *asked*."""

    async def main(reactor: Reactor) -> Walk:
        lines = DotLines(reactor)
        client = plan.client(reactor, lines)
        exchanges: list[Exchange] = []

        async def ask(question: Question) -> Response:
            try:
                response = await client.ask(question)
            except TransportError as error:
                exchanges.append(Exchange(question, error))
                raise
            exchanges.append(Exchange(question, response))
            return response

        dialogue = resolve(asked.qname, asked.rdtype, plan.settings, plan.now)
        try:
            validation = await drive(dialogue, ask)
        finally:
            lines.close()
        subject = Subject(asked.qname, asked.rdtype, plan.now, plan.settings)
        return Walk(validation, Recording(subject, tuple(exchanges)))

    return main


def read_walk(file: Path) -> Walk:
    """Return the walk that *file* holds, gone through again without a network.

    Raises:
        InputError: it is no recording.
    """
    recording = parse(read_text(file, "the recording"), str(file))
    return Walk(replay(recording, str(file)), recording)


def write_walk(file: Path, recording: Recording) -> None:
    """Write *recording* to *file*.

    Raises:
        InputError: it cannot be written.
    """
    write_text(file, render(recording))

"""Run one validation over real sockets, keep what was asked and answered, and tell of it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from lab.app.plan import Plan
from lab.app.texts import read_text, write_text
from lab.app.words import Asked
from lab.core.dialogue import answer_all
from lab.core.frozen import dataclass
from lab.net.drive import drive
from lab.present import asked as questions
from lab.present.validation import validation_to_json
from lab.validator.memory import Asking
from lab.validator.recording import Recording, Subject, parse, render, replay
from lab.validator.resolve import Validation, resolve

if TYPE_CHECKING:
    # Programs read JSON, or one line.
    from rich.console import Console

    from lab.net.dot_lines import DotLines
    from lab.net.reactor import Reactor
    from lab.present.explain import Depth


@dataclass(frozen=True, slots=True)
class Walk:
    """Hold a validation and all that it was made of.

    Attributes:
        validation: the verdict.
        recording: enough to come to it again.
    """

    validation: Validation
    recording: Recording


def walk(plan: Plan, asked: Asked) -> Walk | None:
    """Validate what is *asked*; None if Ctrl-C or SIGTERM ended it while TLS was spoken."""
    if plan.privacy is None:
        return _kept(
            plan, asked, answer_all(_dialogue(plan, asked), plan.plain_client().ask).result
        )
    from lab.app.reactor import run  # noqa: PLC0415 with Twisted
    from lab.net.dot_lines import DotLines  # noqa: PLC0415 with TLS

    async def main(reactor: "Reactor") -> Walk:
        lines = DotLines(reactor)
        try:
            return await walk_on(reactor, plan, asked, lines)
        finally:
            lines.close()

    return run(main)


async def walk_on(
    reactor: "Reactor", plan: Plan, asked: Asked, lines: "DotLines | None" = None
) -> Walk:
    """Validate what is *asked* in a coroutine of *reactor*."""
    ask = plan.client(reactor, lines).ask
    return _kept(plan, asked, await drive(_dialogue(plan, asked), ask))


def _dialogue(plan: Plan, asked: Asked) -> Asking[Validation]:
    return resolve(asked.qname, asked.rdtype, plan.settings, plan.now)


def _kept(plan: Plan, asked: Asked, validation: Validation) -> Walk:
    subject = Subject(asked.qname, asked.rdtype, plan.now, plan.settings)
    return Walk(validation, Recording(subject, validation.report.exchanges))


def tell(console: "Console", walk: Walk, depth: "Depth") -> None:
    """Explain *walk* on *console*."""
    from lab.present import explain  # noqa: PLC0415 with rich

    explain.tell(console, walk.validation, depth)
    if depth is explain.Depth.FULL:
        questions.tell(console, walk.recording.exchanges)


def to_json(walk: Walk) -> str:
    """Return *walk* as JSON, after the schema that `lab validate --json-schema` prints."""
    document = validation_to_json(walk.validation, walk.recording.subject.now)
    document["asked"] = questions.to_json(walk.recording.exchanges)
    return json.dumps(document, indent=2, ensure_ascii=False)


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

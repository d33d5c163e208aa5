"""A whole walk as a file: what was told, asked and answered, so that it can be studied offline.

One JSON object a line. The first holds the question, the time and the settings; each other one a
question that was sent, with the octets of the response in base64, or why there was none. `replay`
runs the same dialogue and answers it from the file: same verdict, same report, no network.
"""

import base64
import binascii
import json
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import dns.exception
from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.dialogue import answer_all
from lab.core.errors import InputError, LabError, TransportError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.message import pull_message
from lab.core.question import Carrier, Exchange, Question, Response
from lab.core.values import from_value, to_value
from lab.validator.resolve import Validation, resolve
from lab.validator.settings import Settings

# Raised when a field is taken away or changes its meaning; new fields may come at any time.
FORMAT = 1

_MARK = "lab-walk"
_WIRE_LIMIT = 65535


@dataclass(frozen=True, slots=True)
class Subject:
    """Hold what a walk is about.

    Attributes:
        qname: as asked.
        rdtype: as asked.
        now: by which signatures were judged.
        settings: of the validator.
    """

    qname: Name
    rdtype: RdataType
    now: Instant
    settings: Settings


@dataclass(frozen=True, slots=True)
class Recording:
    """Hold a walk.

    Attributes:
        subject: what it was about.
        exchanges: in the order in which they were asked.
    """

    subject: Subject
    exchanges: tuple[Exchange, ...]


def render(recording: Recording) -> str:
    """Return *recording* as JSON lines."""
    first = {_MARK: FORMAT, **to_value(recording.subject)}
    lines = (first, *(exchange_to_json(one) for one in recording.exchanges))
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines)


def exchange_to_json(exchange: Exchange) -> dict[str, Any]:
    """Return *exchange* as plain values, the octets of the response in base64."""
    asked = to_value(exchange.question)
    outcome = exchange.outcome
    if isinstance(outcome, Response):
        wire = outcome.message.wire or outcome.message.to_wire(max_size=_WIRE_LIMIT)
        carrier = None if outcome.carrier is None else outcome.carrier.value
        return {**asked, "over": carrier, "response": base64.b64encode(wire).decode()}
    return {**asked, "error": str(outcome)}


def parse(text: str, where: str) -> Recording:
    """Return the recording that `render` wrote.

    Raises:
        InputError: names *where* and the line.
    """
    documents = tuple(_lines(text, where))
    if not documents:
        raise InputError("the recording is empty", where)
    place, first = documents[0]
    if first.get(_MARK) != FORMAT:
        raise InputError(f'a recording begins with {{"{_MARK}": {FORMAT}, ...}}', place)
    subject = from_value(Subject, first, place)
    return Recording(subject, tuple(exchange_from_json(one, at) for at, one in documents[1:]))


def _lines(text: str, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{where}:{number}"
        try:
            document = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"this line is not JSON: {error}", place) from error
        if not isinstance(document, dict):
            raise InputError("this line is no JSON object", place)
        yield place, document


def exchange_from_json(document: dict[str, Any], place: str) -> Exchange:
    """Return what `exchange_to_json` wrote.

    Raises:
        InputError: it is something else; names *place*.
    """
    question = from_value(Question, document, place)
    if "error" in document:
        return Exchange(question, TransportError(str(document["error"])))
    try:
        wire = base64.b64decode(document["response"], validate=True)
        message = pull_message(wire)
        carrier = Carrier(document["over"]) if document.get("over") is not None else None
    except (KeyError, TypeError, ValueError, binascii.Error, dns.exception.DNSException) as error:
        raise InputError(f"the response cannot be read: {error!r}", place) from error
    return Exchange(question, Response(message, question.server, carrier))


def replay(recording: Recording, where: str) -> Validation:
    """Return the verdict that the walk of *recording* comes to.

    Raises:
        InputError: the walk asks what is not in the file; names *where*.
    """
    subject = recording.subject
    answers = _by_question(recording.exchanges)

    def answer(question: Question) -> Response:
        waiting = answers.get(question)
        if not waiting:
            raise InputError(f"the walk asks {question}, which was not recorded", where)
        outcome = waiting.popleft()
        if isinstance(outcome, LabError):
            raise outcome
        return outcome

    dialogue = resolve(subject.qname, subject.rdtype, subject.settings, subject.now)
    return answer_all(dialogue, answer).result


def _by_question(exchanges: Iterable[Exchange]) -> dict[Question, deque[Response | LabError]]:
    answers: dict[Question, deque[Response | LabError]] = {}
    for one in exchanges:
        answers.setdefault(one.question, deque()).append(one.outcome)
    return answers

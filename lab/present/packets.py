"""The packets of a step as text: each question with the whole answer, in the manner of dig."""

from collections.abc import Iterable, Iterator

from dns.flags import Flag
from dns.message import Message
from dns.rcode import Rcode

from lab.core.checks import Report
from lab.core.question import Exchange, Response
from lab.present import sequence as sequence_text
from lab.present.story import Chapter

_NOTHING = "This step sent nothing of which the lab keeps the packets."


def tell(chapter: Chapter) -> str:
    """Return the packets of *chapter*: DNS messages, then sequences between servers."""
    parts = (*_exchanges(chapter.exchanges), *_sequences(chapter.report))
    return "\n".join(parts) or f"{_NOTHING}\n"


def _sequences(report: Report) -> Iterator[str]:
    for sequence in report.sequences():
        yield sequence_text.to_text(sequence)


def _exchanges(exchanges: Iterable[Exchange]) -> Iterator[str]:
    for number, one in enumerate(exchanges, start=1):
        asked = f";; Packet {number}: {one.question}"
        if isinstance(one.outcome, Response):
            carrier = one.outcome.carrier
            over = "" if carrier is None else f" over {carrier.value}"
            yield f"{asked}{over}\n{_message(one.outcome.message)}"
        else:
            yield f"{asked}\n;; no answer: {one.outcome}\n"


def _message(message: Message) -> str:
    flags = Flag(message.flags & ~0x7800 & ~0xF)
    names = " ".join(one.name.lower() for one in Flag if one in flags and one.name)
    size = f", {len(message.wire)} octets" if message.wire else ""
    lines = [f";; {Rcode.to_text(message.rcode())}, flags: {names}{size}"]
    if message.edns >= 0:
        lines.append(f";; EDNS version {message.edns}, payload {message.payload}")
        lines += [f";; EDNS option {one.to_text()}" for one in message.options]
    sections = {
        "ANSWER": message.answer,
        "AUTHORITY": message.authority,
        "ADDITIONAL": message.additional,
    }
    for title, rrsets in sections.items():
        if rrsets:
            lines += [f";; {title}", *(one.to_text() for one in rrsets)]
    return "\n".join([*lines, ""])

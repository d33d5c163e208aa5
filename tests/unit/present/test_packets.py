from dataclasses import replace

from lab.core.checks import Report
from lab.core.errors import TransportError
from lab.core.question import Exchange
from lab.present.packets import tell
from lab.present.story import Chapter
from tests.unit.present.test_sequence import JOIN
from tests.unit.present.test_story import story


def chapter() -> Chapter:
    return story("secure").chapters[0]


def test_each_question_has_its_answer_with_every_record() -> None:
    told = tell(chapter())
    packets = told.split(";; Packet ")[1:]
    assert len(packets) == len(chapter().exchanges)
    (answer,) = (one for one in packets if ": www.example.fr. A @ " in one)
    assert ";; NOERROR, flags: qr aa" in answer
    assert ";; ANSWER\nwww.example.fr. " in answer
    assert " IN RRSIG A " in answer


def test_silence_is_told_with_its_reason() -> None:
    asked = chapter().exchanges[0].question
    silent = replace(chapter(), exchanges=(Exchange(asked, TransportError("no answer in 2 s")),))
    assert tell(silent) == f";; Packet 1: {asked}\n;; no answer: no answer in 2 s\n"


def test_messages_between_servers_are_packets_too() -> None:
    told = tell(replace(chapter(), exchanges=(), report=Report("a join", sequence=JOIN)))
    assert "JoinReq" in told


def test_a_step_that_sent_nothing_says_so() -> None:
    assert tell(replace(chapter(), exchanges=())).startswith("This step sent nothing")

"""One stretch of an alias chain: what is said about one name, by whom, and the verdict on it.

Decides: whose data are used when those of one server are bogus, and whether the rest of a message
that holds an alias is enough for its target.
"""

from dataclasses import replace

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.checks import Outcome, Report
from lab.core.frozen import dataclass
from lab.core.question import Role, Server
from lab.core.status import SecurityStatus
from lab.validator.anchor import closest_anchor
from lab.validator.answer import Verdict, judge_reply, outcome_for
from lab.validator.iterate import Reply, iterate, passed_over
from lab.validator.memory import Asking, Memory
from lab.validator.reading import Kind, Reading, read_on


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hold what one response says about one name.

    Attributes:
        verdict: on it.
        reading: None if there was no useful response.
        parts: reports of what was established on the way.
        reply: where it comes from; None at the end of the patience.
    """

    verdict: Verdict
    reading: Reading | None
    parts: tuple[Report, ...] = ()
    reply: Reply | None = None

    @property
    def target(self) -> Name | None:
        """Return where an alias leads; None if this is the end."""
        if self.reading is None or self.reading.kind is not Kind.ALIAS:
            return None
        assert self.reading.alias is not None
        return self.reading.alias.target


def first_stretch(memory: Memory, name: Name, rdtype: RdataType) -> Asking[Stretch]:
    """Return the first response whose data are not bogus, else the first one."""
    avoid: list[Server] = []
    unsound: list[Stretch] = []
    for _ in range(memory.settings.limits.attempts):
        reply = yield from iterate(memory, name, rdtype, avoid)
        if reply.reading is None or reply.server is None:
            unsound.append(_unanswered(reply, name, rdtype))
            break
        stretch = yield from _judged(memory, reply)
        if sound(memory, name, stretch.verdict):
            return _after(unsound, stretch)
        unsound.append(stretch)
        avoid.append(reply.server)
    return unsound[0]


def next_stretch(memory: Memory, before: Stretch, rdtype: RdataType) -> Asking[Stretch]:
    """Return what is said about the target of the alias that *before* ends in.

    The message that held the alias is believed as far as it proves what it says; a recursive server
    is not asked twice. All else is asked for anew.
    """
    assert before.target is not None
    offered = yield from _offered(memory, before)
    if offered is not None and _enough(memory, offered):
        return offered
    asked = yield from first_stretch(memory, before.target, rdtype)
    if offered is None or sound(memory, before.target, asked.verdict):
        return asked
    return offered if _passed(offered.verdict) else asked


def _offered(memory: Memory, before: Stretch) -> Asking[Stretch | None]:
    reply, about = before.reply, before.reading
    if reply is None or reply.response is None or about is None:
        return None
    message, apex = reply.response.message, reply.contact.apex
    reading = read_on(message, apex, about, reply.response.server.role)
    if reading is None:
        return None
    return (yield from _judged(memory, replace(reply, reading=reading, checks=())))


def _enough(memory: Memory, offered: Stretch) -> bool:
    if offered.verdict.status is SecurityStatus.SECURE:
        return True
    assert offered.reply is not None
    assert offered.reply.server is not None
    assert offered.reading is not None
    whole = offered.reply.server.role is Role.RECURSIVE
    return whole and sound(memory, offered.reading.name, offered.verdict)


def _judged(memory: Memory, reply: Reply) -> Asking[Stretch]:
    verdict = yield from judge_reply(memory, reply)
    return Stretch(verdict, reply.reading, memory.take_parts(), reply)


def _passed(verdict: Verdict) -> bool:
    return outcome_for(verdict.status) is Outcome.PASSED


def _after(unsound: list[Stretch], stretch: Stretch) -> Stretch:
    """Return *stretch* with the evidence of those that it replaces before its own."""
    earlier = [part for one in unsound for part in (*one.parts, passed_over(one.verdict.report))]
    return replace(stretch, parts=(*earlier, *stretch.parts))


def sound(memory: Memory, name: Name, verdict: Verdict) -> bool:
    """Tell whether there is no use in asking another server."""
    return _passed(verdict) or closest_anchor(memory.settings.anchors, name) is None


def _unanswered(reply: Reply, name: Name, rdtype: RdataType) -> Stretch:
    report = reply.report(f"{name} {RdataType.to_text(rdtype)}")
    return Stretch(Verdict(SecurityStatus.INDETERMINATE, (), report), None)

"""A question to the participants, and what is right: a step may ask before it shows.

Asking is for the edge, which may have people before it or none. A wrong answer is never a failure
of the scenario.
"""

from lab.core.checks import Check, check
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.parameters import KINDS, Kind
from lab.scenario.rules import ANSWERED

_FEWEST_CHOICES = 2


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask something whose answer can be checked.

    Attributes:
        question: Markdown.
        answer: what is right; one of the choices if there are any.
        choices: to choose from; without them the answer is in words of one's own.
        hint: for those who do not know.
        accept: other wordings that are right, too.
    """

    question: str
    answer: str
    choices: tuple[str, ...] = ()
    hint: str = ""
    accept: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what nobody could answer."""
        for key in ("question", "answer"):
            if not _plain(getattr(self, key)):
                raise InputError(f"a question needs the parameter {key!r}", key)
        if not self.choices:
            return
        if len(set(map(_plain, self.choices))) < max(_FEWEST_CHOICES, len(self.choices)):
            raise InputError("choices: expected at least two different ones", "choices")
        if self.answer not in self.choices:
            known = ", ".join(self.choices)
            raise InputError(f"answer: {self.answer!r} is not among the choices {known}", "answer")

    def judge(self, given: str) -> Check:
        """Check what a participant has *given*: words, or the number of a choice, from 1."""
        right = {_plain(one) for one in (self.answer, *self.accept)}
        chosen = self._chosen(given)
        return check(
            ANSWERED, _plain(chosen) in right, self.question, given=chosen, answer=self.answer
        )

    def _chosen(self, given: str) -> str:
        """Return the choice that *given* numbers, unless it is the text of one."""
        texts = {_plain(one) for one in self.choices}
        by_number = {str(number): one for number, one in enumerate(self.choices, start=1)}
        return given if _plain(given) in texts else by_number.get(given.strip(), given)


def _plain(text: str) -> str:
    """Return *text* as far as it matters: letter case, spaces and a last dot do not."""
    return " ".join(text.split()).rstrip(".").rstrip().casefold()


def _ask(value: object) -> Ask:
    if not isinstance(value, Ask):
        raise InputError(f"expected a table with question and answer, not {value!r}", "ask")
    return value


KINDS.add(Ask, Kind("question: a table; see Questions", _ask))

"""What all messages of the Backend Interfaces have; each kind is a class (see `messages`)."""

from typing import Annotated

from lab.backend.header import Header
from lab.backend.results import Result, ResultCode
from lab.backend.wire import At, entries
from lab.core.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Hold one message.

    Attributes:
        header: who speaks to whom.
    """

    header: Header

    def mistake(self) -> str:
        """Return what is wrong with the fields together, as one sentence; empty if nothing is."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Message):
    """Hold what all answers have.

    Attributes:
        result: how the request ended; all else may be missing if it did not end well.
    """

    result: Annotated[Result, At("Result")]

    def mistake(self) -> str:
        """Miss what an answer with the result Success must have."""
        if self.result.code is not ResultCode.SUCCESS:
            return ""
        missing = (
            one.at.name
            for one in entries(type(self))
            if one.at.with_success and getattr(self, one.field) == one.default
        )
        return next((f"{name} is missing" for name in missing), "")

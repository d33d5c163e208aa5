"""The four verdicts of a validator, and values that cannot be read without saying which is due.

RFC 4033 section 5 calls only "no trust anchor" indeterminate. We take the wider sense of RFC 4035
section 4.3: also records that could not be fetched; the report says which of the two it was.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Generic, TypeVar

from lab.core.errors import LabError
from lab.core.frozen import dataclass

T = TypeVar("T")


class SecurityStatus(Enum):
    """State the security of an answer (RFC 4035 section 4.3), best first."""

    SECURE = "secure"
    INSECURE = "insecure"
    INDETERMINATE = "indeterminate"
    BOGUS = "bogus"


_ORDER = tuple(SecurityStatus)


def worst(statuses: Iterable[SecurityStatus]) -> SecurityStatus:
    """Return the verdict of a whole whose parts have *statuses*: its weakest link.

    SECURE for no parts at all: a judge that has nothing to object to.
    """
    return max(statuses, key=_ORDER.index, default=SecurityStatus.SECURE)


class NotProvenError(LabError):
    """Report that a value was read with a weaker status than the reader accepts."""


@dataclass(frozen=True, slots=True)
class Proven(Generic[T]):
    """Hold a value together with the status that its validation ended in.

    Attributes:
        status: the verdict.
    """

    status: SecurityStatus
    _value: T

    def require(self, *accepted: SecurityStatus) -> T:
        """Return the value to a reader who says which statuses are good enough.

        Raises:
            NotProvenError: the status is none of *accepted*.
        """
        if self.status not in accepted:
            wanted = " or ".join(status.value for status in accepted)
            raise NotProvenError(f"the value is {self.status.value}, not {wanted}")
        return self._value

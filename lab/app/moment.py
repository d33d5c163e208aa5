"""A moment that a user names, or now: for commands that run without a lab and its clock."""

import time
from datetime import UTC, datetime

from lab.core.errors import InputError
from lab.core.instant import Instant


def real_time() -> Instant:
    """Return the present where there is no lab with a clock of its own."""
    return Instant(time.time())  # noqa: TID251 there is no other time


def moment(text: str | None, where: str) -> Instant:
    """Return the moment *text* (ISO 8601; UTC unless it says otherwise), or now for None.

    Raises:
        InputError: it is none; *where* is named.
    """
    if text is None:
        return real_time()
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        example = "2027-01-01T00:00:00Z"
        raise InputError(f"{text!r} is no moment; write e.g. {example}", where) from error
    return Instant((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())

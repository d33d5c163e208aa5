"""Exit codes, and errors as one sentence: what the command says when it ends."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from lab.core.errors import InputError, LabError

SURPRISE, BAD_INPUT, NO_LAB = 1, 3, 4
MISMATCH, NO_RECORD, NO_TLS = 13, 14, 15
VERDICTS = {"secure": 0, "insecure": 10, "bogus": 11, "indeterminate": 12}


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn an error of the lab into its sentence on stderr and an exit code."""
    try:
        yield
    except LabError as error:
        sys.stderr.write(f"lab: {error}\n")
        sys.exit(BAD_INPUT if isinstance(error, InputError) else NO_LAB)

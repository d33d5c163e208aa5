"""Files of text that a user names: what goes wrong is his mistake, told in one sentence."""

from pathlib import Path

from lab.core.errors import InputError


def read_text(path: Path, wanted: str) -> str:
    """Return the text of a file.

    Raises:
        InputError: it cannot be read; the sentence says what was wanted.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InputError(f"cannot read {wanted}: {reason}", str(path)) from error


def write_text(path: Path, text: str) -> None:
    """Write *text* to a file, in a folder that is made if need be.

    Raises:
        InputError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror}", str(path)) from error

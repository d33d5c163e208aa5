"""The door of `lab`: who only asks the running lab to validate is served here, without click.

click takes longer to load than the lab takes to walk from the root. So the plainest command lines
are read by hand; all others go to the commands themselves.
"""

import os
import sys

_DEPTHS = ("line", "chain", "full")
_LIBRARIES = ("LAB_LIBSSL", "LAB_LIBCRYPTO")


def main() -> None:
    """Run `lab` with the arguments of this process."""
    plain = read_plain(sys.argv[1:])
    if plain is not None and not any(one in os.environ for one in _LIBRARIES):
        _validate(plain)
    from lab.cli.frame import main as commands

    commands()


def read_plain(arguments: list[str]) -> dict[str, str] | None:
    """Return what `lab validate NAME [TYPE]` asks, with --json, --explain, --depth and --state.

    None for anything else, and for what is wrong: click has the words for it.
    """
    if arguments[:1] != ["validate"]:
        return None
    found = {"type": "A", "depth": "chain", "state": os.environ.get("LAB_STATE") or ".lab"}
    places = ["name", "type"]
    rest = arguments[1:]
    while rest:
        word = rest.pop(0)
        if word in {"--depth", "--state"} and rest:
            found[word[2:]] = rest.pop(0)
        elif word == "--explain":
            found["depth"] = "full"
        elif word == "--json":
            found["json"] = word
        elif places and not word.startswith("-"):
            found[places.pop(0)] = word
        else:
            return None
    return found if "name" in found and found["depth"] in _DEPTHS else None


def _validate(plain: dict[str, str]) -> None:
    from pathlib import Path

    from lab.app.place import Place
    from lab.cli.asked import ask_the_lab
    from lab.cli.codes import SURPRISE, VERDICTS, one_sentence

    question = (plain["name"], plain["type"], plain["depth"])
    try:
        with one_sentence():
            status = ask_the_lab(Place(Path(plain["state"])), question, as_json="json" in plain)
    except KeyboardInterrupt:
        # As click ends a command.
        sys.stderr.write("\nAborted!\n")
        sys.exit(SURPRISE)
    sys.exit(VERDICTS[status])

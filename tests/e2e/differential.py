"""Compare what our validator, unbound and BIND say about many questions. By hand:

python -m tests.e2e.differential --questions 5000 --seed 7
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.e2e.breakages import Breakage, breakages, broken
from tests.e2e.explained import EXPLAINED, Case
from tests.e2e.judges import BIND, SILENT, Ours, ask, ask_all, running_judges
from tests.e2e.questions import ZONES, Grounds, Question, questions, read_grounds, text_of
from tests.e2e.running import Lab, Resolver, start, stop
from tests.e2e.worlds import write_world


@dataclass
class Tally:
    """Count what came of the questions.

    Attributes:
        questions: how many were asked.
        standing: how often we said secure, insecure and bogus.
        agreed: with whom, how often.
        silent: who did not answer in time, how often.
        explained: of each kind, how many.
        unexplained: all other differences, as text.
    """

    questions: int = 0
    standing: Counter[str] = field(default_factory=Counter)
    agreed: Counter[str] = field(default_factory=Counter)
    silent: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)

    def enter(self, case: Case) -> None:
        if case.same:
            self.agreed[case.who] += 1
            return
        if SILENT in {case.theirs.checked.rcode, case.theirs.unchecked.rcode}:
            self.silent[f"{case.who}: silent"] += 1
            return
        found = next((one for one in EXPLAINED if case.who in one.who and one.fits(case)), None)
        if found is not None:
            self.explained[f"{case.who}: {found.title}"] += 1
            return
        text = f"{text_of(case.question)}\n    ours: {case.ours}\n    {case.who}: {case.theirs}"
        self.unexplained.append(text)

    def add(self, other: "Tally", about: str) -> None:
        """Take in what came of more questions, *about* something."""
        self.questions += other.questions
        self.standing += other.standing
        self.agreed += other.agreed
        self.silent += other.silent
        self.explained += other.explained
        self.unexplained += [f"{about}: {one}" for one in other.unexplained]


def compare(
    ours: Ours, judges: dict[str, Resolver], grounds: Grounds, asked: Sequence[Question]
) -> Tally:
    """Ask everybody everything."""
    own = [ours.ask(one) for one in asked]
    tally = Tally(len(asked), Counter(one.checked.standing for one in own))
    for who, resolver in judges.items():
        for question, our, their in zip(asked, own, ask_all(resolver, asked), strict=True):
            if our != their:
                # Whoever lost a datagram gets another chance; a difference in judgement stays.
                our, their = ours.ask(question), ask(resolver, question)  # noqa: PLW2901
            tally.enter(Case(grounds, question, who, our, their))
    return tally


def compare_broken(lab: Lab, grounds: Grounds, some: Iterable[Breakage], folder: Path) -> Tally:
    """Let each fault act in turn, and ask near it; nobody remembers the one before."""
    tally = Tally()
    for breakage in some:
        with broken(lab, breakage), running_judges(lab, folder) as judges:
            # BIND asks a broken zone again and again.
            judges.pop(BIND)
            tally.add(compare(Ours(lab), judges, grounds, breakage.questions), str(breakage))
    return tally


@contextmanager
def running_lab(folder: Path, world: int | None) -> Iterator[Lab]:
    """Run the lab with its own zones, or with those of a random *world*."""
    options = ["--port", "53", "--tls-port", "0", "--dot-port", "0", "--quiet"]
    if world is not None:
        write_world(folder / "world", world)
        options += ["--zones", str(folder / "world")]
    lab = start(folder / "state", *options)
    try:
        yield lab
    finally:
        stop(lab)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare our validator with unbound and BIND.")
    parser.add_argument("--questions", type=int, default=1000, help="how many [1000]")
    parser.add_argument("--seed", type=int, default=1, help="of the questions [1]")
    parser.add_argument("--world", type=int, metavar="SEED", help="ask a random tree of zones")
    parser.add_argument("--fault", metavar="NAME", help="ask near this fault instead, or all")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as made, running_lab(Path(made), chosen.world) as lab:
        folder = Path(made)
        grounds = read_grounds(lab, folder / "world" if chosen.world is not None else ZONES)
        if chosen.fault is not None:
            some = breakages(chosen.seed, chosen.fault)
            tally = compare_broken(lab, grounds, some, folder)
        else:
            asked = list(questions(grounds, chosen.seed, chosen.questions))
            with running_judges(lab, folder) as judges:
                tally = compare(Ours(lab), judges, grounds, asked)
    text = json.dumps(asdict(tally), indent=2) if chosen.json else told(tally)
    sys.stdout.write(f"{text}\n")
    sys.exit(bool(tally.unexplained))


def told(tally: Tally) -> str:
    """Return *tally* as text."""
    counts = (tally.standing, tally.agreed, tally.silent, tally.explained)
    lines = (f"{number:6} {what}" for one in counts for what, number in sorted(one.items()))
    found = f"{len(tally.unexplained):6} unexplained"
    return "\n".join([f"{tally.questions:6} questions", *lines, found, *tally.unexplained])


if __name__ == "__main__":
    main()

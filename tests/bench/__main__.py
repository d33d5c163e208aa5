"""Run the benchmarks: `make bench`, or `make bench QUICK=1 ONLY=servers`.

Four parts: `servers` beside those of others, on one core each; `signing`; `validators`, inside a
process and as commands; and what is measured `inside` one process.
"""

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from tests.bench import commands, inside, servers, signing, validators
from tests.bench.chain import served
from tests.bench.figures import Findings, Progress
from tests.bench.peer import Peer
from tests.bench.peers import PEERS
from tests.bench.plot import to_svg
from tests.bench.report import to_json, to_markdown


@dataclass(frozen=True)
class Settings:
    """Say how much is measured.

    Attributes:
        servers: how servers are asked.
        peers: which ones.
        hosts: of the zone that is signed.
        rounds: how often contenders inside a process have their turn.
        count: how often they do their thing in one.
    """

    servers: servers.Effort
    peers: tuple[Peer, ...]
    hosts: int
    rounds: int
    count: int


WHOLE = servers.Effort(rounds=3, seconds=2, names=1_000_000, crowd_s=60)
QUICK = servers.Effort(rounds=1, seconds=1, names=50_000, crowd_s=4)

_ABOUT = """\
each server on a core of its own, the client on another, everything on loopback. CPU time for each
answer is the figure, as other jobs of the machine disturb it least; compare only what stands on one
page. The zone has 1,000 hosts with A, AAAA, MX and TLSA, and is signed with ECDSA P-256. Of `hot`,
100 questions come again and again; of `mix`, 60% are there, 30% are not, 10% have no such type; of
`nx`, nothing is there. No absent name comes twice. Before them everything is asked for once, so
that who keeps signatures has them: that is "asked first"."""
QUICKLY = f"one short round (`QUICK=1`), {_ABOUT}"
CAREFULLY = f"medians of three rounds and more, {_ABOUT}"


def _inside(settings: Settings, progress: Progress) -> Findings:
    return inside.measure(settings.rounds, settings.count, progress)


def _servers(settings: Settings, progress: Progress) -> Findings:
    return servers.measure(settings.peers, settings.servers, progress)


def _signing(settings: Settings, progress: Progress) -> Findings:
    progress(f"a zone of {settings.hosts} hosts")
    return signing.measure(settings.hosts)


def _validators(settings: Settings, progress: Progress) -> Findings:
    progress("inside a process")
    with served() as chain:
        found = validators.measure(chain, settings.rounds, settings.count)
        found.add(commands.measure(chain, settings.rounds, progress))
    return found


PARTS: Mapping[str, Callable[[Settings, Progress], Findings]] = {
    "servers": _servers,
    "signing": _signing,
    "validators": _validators,
    "inside": _inside,
}


def progress(line: str) -> None:
    """Say on stderr what is going on."""
    sys.stderr.write(f"\r\033[K{line}" if sys.stderr.isatty() else f"{line}\n")
    sys.stderr.flush()


def _told(part: str) -> Progress:
    return lambda line: progress(f"{part}: {line}")


def _found(part: str, settings: Settings) -> Findings:
    """Measure one part; what stops it does not stop the others."""
    try:
        return PARTS[part](settings, _told(part))
    except (RuntimeError, AssertionError, OSError, subprocess.SubprocessError) as error:
        return Findings(skipped={part: str(error) or repr(error)})


def _terminated(number: int, frame: FrameType | None) -> None:
    """End as by Ctrl-C: whoever was started is stopped."""
    del number, frame
    raise KeyboardInterrupt


def main() -> None:
    """Do what the command line says."""
    chosen = _arguments()
    signal.signal(signal.SIGTERM, _terminated)
    settings = _settings(chosen)
    found = Findings()
    parts = chosen.only.split(",") if chosen.only else [*PARTS]
    try:
        for part in parts:
            found.add(_found(part, settings))
    except KeyboardInterrupt:
        progress("")
        sys.exit("Stopped; all servers that were started are, too.")
    progress("")
    how = QUICKLY if chosen.quick else CAREFULLY
    sys.stdout.write(
        json.dumps(to_json(found, how), indent=2) + "\n" if chosen.json else to_markdown(found, how)
    )
    if chosen.write:
        chosen.write.mkdir(exist_ok=True)
        (chosen.write / "RESULTS.md").write_text(to_markdown(found, how))
        (chosen.write / "results.svg").write_text(to_svg(found))


def _settings(chosen: argparse.Namespace) -> Settings:
    effort = QUICK if chosen.quick else WHOLE
    return Settings(
        replace(effort, seconds=chosen.seconds or effort.seconds),
        tuple(one for one in PEERS if any(part in one.title for part in chosen.peers.split(","))),
        1000 if chosen.quick else 10_000,
        chosen.rounds or (1 if chosen.quick else 5),
        chosen.count or (40 if chosen.quick else 200),
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Peers are those of Debian: apt install dnsperf knot pdns-server pdns-backend-bind "
        "bind9 nsd ldnsutils libunbound8 unbound-host bind9-dnsutils. "
        "Who is missing is left out, and named.",
    )
    parser.add_argument("--quick", action="store_true", help="one short round: two minutes")
    parser.add_argument("--only", metavar="PART,…", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--peers", metavar="TITLE,…", default="", help="parts of their titles")
    parser.add_argument("--seconds", type=float, help="how long a server is asked in a turn")
    parser.add_argument("--rounds", type=int, help="how often a contender inside plays")
    parser.add_argument("--count", type=int, help="how many in such a round")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    parser.add_argument(
        "--write", type=Path, metavar="FOLDER", help="write RESULTS.md and results.svg"
    )
    chosen = parser.parse_args()
    if unknown := set((chosen.only or "inside").split(",")) - PARTS.keys():
        parser.error(f"no part is called {', '.join(sorted(unknown))}: {', '.join(PARTS)}")
    return chosen


if __name__ == "__main__":
    main()

"""What goes on in a zone while it is asked: updates, transfers, steps of the clock, new keys."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator
from itertools import count
from pathlib import Path

import dns.query
import dns.rcode
import dns.zone
from dns.exception import DNSException
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from dns.update import UpdateMessage

from lab.core.instant import DAY
from tests.bench.questions import APEX, HOSTS, host
from tests.bench.sampling import ask
from tests.bench.watching import Clock

_ADDRESS = "127.0.0.1"
_PATIENCE_S = 60


class Disturber:
    """Do one thing after the other to the zone, and see that it is done.

    Attributes:
        done: how often each was done.
        wrong: sentences about what went wrong; none is good.
    """

    def __init__(self, port: int, state: Path, clock: Clock) -> None:
        """Know the lab of *state*, which serves the zone at *port*."""
        self._port, self._state, self._clock = port, state, clock
        self._secondary = dns.zone.Zone(APEX)
        self._numbers = count(1)
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []

    def turns(self) -> Generator[None, None, None]:
        """Do the next thing whenever the next one is asked for, without end."""
        acts: dict[str, Callable[[], str]] = {
            "updates": self.update,
            "transfers": self.transfer,
            "steps of the clock": self.step,
            "key rollovers": self.roll,
        }
        while True:
            for what, act in acts.items():
                try:
                    reason = act()
                except (DNSException, OSError) as error:
                    reason = repr(error)
                self.done[what] += not reason
                self.wrong += [f"{what}: {reason}"] if reason else []
                yield

    def update(self) -> str:
        """Give a host a new address by a dynamic update; the very next answer has to have it."""
        number = next(self._numbers)
        name, address = host(number % HOSTS), f"192.0.{number >> 8 & 255}.{number & 255}"
        message = UpdateMessage(APEX)
        message.replace(name, 3600, "A", address)
        rcode = dns.query.tcp(message, _ADDRESS, _PATIENCE_S, self._port).rcode()
        if rcode != Rcode.NOERROR:
            return dns.rcode.to_text(rcode)
        answer = ask(self._port, (f"{name}.{APEX}", "A"), _PATIENCE_S)
        told = [str(one) for rrset in answer.answer for one in rrset if one.rdtype == RdataType.A]
        return "" if told == [address] else f"{name} has {told}, not {address}"

    def transfer(self) -> str:
        """Be a secondary: fetch the zone as a whole for the first time, then what has changed."""
        dns.query.inbound_xfr(_ADDRESS, self._secondary, port=self._port, timeout=_PATIENCE_S)
        (soa,) = self._secondary.find_rdataset("@", "SOA")
        served = ask(self._port, (APEX, "SOA"), _PATIENCE_S)
        (ours,) = served.find_rrset(served.answer, APEX, "IN", "SOA")  # type: ignore[arg-type] # dnspython reads text, too
        return "" if soa.serial == ours.serial else f"serial {soa.serial}, not {ours.serial}"

    def step(self) -> str:
        """Move the clock a day on."""
        # Its first answers at the new time come before this command has ended.
        self._clock.expect(DAY)
        said = self._lab("clock", "advance", "1d", "--json")
        if said.returncode == 0:
            self._clock.stands(json.loads(said.stdout)["clock"]["ahead"])
        return said.stderr.strip()

    def roll(self) -> str:
        """Replace the ZSK, unless that is going on."""
        said = self._lab("keys", "roll", APEX, "--role", "zsk")
        return said.stderr.strip()

    def _lab(self, *words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "lab", *words, "--state", str(self._state)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

"""Steps about LoRaWAN: devices join and send, servers speak for networks."""

from dataclasses import field
from enum import Enum
from functools import partial
from typing import NewType

from lab.backend.join_server import AppSKeyWay
from lab.backend.results import ResultCode
from lab.core.checks import Check, Report, check
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.parameters import KINDS, Kind, Seconds, span
from lab.core.rules import Rule
from lab.lorawan.device import Confirmation
from lab.lorawan.identifiers import NetId
from lab.scenario.action import IdentityName, Observation, Play
from lab.scenario.edits import Edit
from lab.scenario.lorawan_actions import (
    AirEnding,
    AirResult,
    AskHome,
    LetJoin,
    LetSend,
    ReadAsNetwork,
    Speaker,
)
from lab.scenario.rules import OUTCOME
from lab.scenario.step import Step, judged, reason_check, simply, step
from lab.world.agreements import with_agreement, with_app_s_key_way, without_agreement

Payload = NewType("Payload", bytes)

STATELESS = Seconds(0)


def _payload(value: object) -> Payload:
    try:
        return Payload(bytes.fromhex(str(value)))
    except ValueError as error:
        raise InputError(
            f"{value!r} is no payload; write hexadecimal digits, e.g. '00d7'"
        ) from error


KINDS.add(Payload, Kind('octets in hexadecimal digits, e.g. "00d7"', _payload))


@step("join")
@dataclass(frozen=True, slots=True, kw_only=True)
class JoinStep(Step):
    """Let a device ask to join, by radio, through gateways and network servers to its join server.

    If anything on the way is not as it must be, the device just hears nothing: there is no error
    message on air (LoRaWAN Backend Interfaces 1.0 section 8).

    Attributes:
        device: its name in zones/lorawan.toml.
        by: who really asks: the device, or a copy that somebody made with its root keys.
        expect: "joined" or "unanswered".
        because: a rule that must be among the reasons why it is not let in.
    """

    device: str
    by: Speaker = Speaker.DEVICE
    expect: AirEnding | None = None
    because: Rule | None = None

    @property
    def title(self) -> str:
        """Return it as `weather asks to join`."""
        return f"{self.by.called(self.device)} asks to join"

    def play(self) -> Play:
        """Let it ask, and compare what it hears."""
        result = yield LetJoin(self.device, self.by)
        return ended(self.title, self.expect, self.because, result)


@step("uplink")
@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkStep(Step):
    """Let a device send a payload, which only its application server can read.

    Attributes:
        device: its name in zones/lorawan.toml; it must have joined.
        payload: what it says.
        port: whose it is, 1 to 223.
        confirmation: whether the device wants an acknowledgement.
        by: who really sends: the device, or a copy that somebody made with its root keys.
        expect: "read" or "unread".
        because: a rule that must be among the reasons why nobody reads it.
    """

    device: str
    payload: Payload
    port: int = 1
    confirmation: Confirmation = Confirmation.UNCONFIRMED
    by: Speaker = Speaker.DEVICE
    expect: AirEnding | None = None
    because: Rule | None = None

    @property
    def title(self) -> str:
        """Return it as `weather sends 00d7`."""
        return f"{self.by.called(self.device)} sends {self.payload.hex()}"

    def play(self) -> Play:
        """Let it send, and compare whether it was read."""
        result = yield LetSend(self.device, self.payload, self.port, self.confirmation, self.by)
        return ended(self.title, self.expect, self.because, result)


@step("ask-home")
@dataclass(frozen=True, slots=True, kw_only=True)
class AskHomeStep(Step):
    """Let a server ask a join server which network is the home of a device, in somebody's name.

    DANE proves who connects. That he may also speak for the SenderID in his message is proven by
    the registry: its name must lead to his host.

    Attributes:
        client: who connects, with its own certificate.
        sender: the NetID in whose name it asks.
        device: whose home it wants to know; its join server is asked.
        expect: the result code of the answer.
        because: a rule that must be among the reasons of a refusal.
    """

    client: IdentityName = field(metadata={"key": "from"})
    sender: NetId = field(metadata={"key": "as"})
    device: str
    expect: ResultCode | None = None
    because: Rule | None = None

    @property
    def title(self) -> str:
        """Return it as `tsp.ns asks for the home of weather, as 00050b`."""
        return f"{self.client} asks for the home of {self.device}, as {self.sender}"

    def play(self) -> Play:
        """Let it ask, and compare the result."""
        evidence = yield AskHome(self.client, self.sender, self.device)
        expected = "" if self.expect is None else self.expect.value
        return compared(self.title, expected, self.because, evidence)


@step("roaming-agreement")
@dataclass(frozen=True, slots=True, kw_only=True)
class RoamingAgreementStep(Step):
    """Let two operators agree that devices of either may visit the other one (passive roaming).

    Attributes:
        one: an operator, e.g. "tsp".
        other: another one.
        lifetime: for how long a visited network forwards without asking again; 0: stateless.
    """

    one: str
    other: str
    lifetime: Seconds = STATELESS

    @property
    def title(self) -> str:
        """Return it as `afnic and tsp agree on roaming, stateless`."""
        how = f"for {span(self.lifetime)} at a time" if self.lifetime else "stateless"
        return f"{self.one} and {self.other} agree on roaming, {how}"

    def play(self) -> Play:
        """Let them agree."""
        edit = partial(with_agreement, one=self.one, other=self.other, lifetime=self.lifetime)
        return (yield from simply(Edit(edit), self.title))


@step("end-roaming")
@dataclass(frozen=True, slots=True, kw_only=True)
class EndRoamingStep(Step):
    """Let two operators end their agreement on roaming.

    Attributes:
        one: an operator, e.g. "tsp".
        other: another one.
    """

    one: str
    other: str

    @property
    def title(self) -> str:
        """Return it as `afnic and tsp end their agreement`."""
        return f"{self.one} and {self.other} end their agreement"

    def play(self) -> Play:
        """Let it end."""
        edit = partial(without_agreement, one=self.one, other=self.other)
        return (yield from simply(Edit(edit), self.title))


class Secrecy(Enum):
    """Tell whether a network can read what it carries."""

    HIDDEN = "hidden"
    READABLE = "readable"


@step("app-s-key")
@dataclass(frozen=True, slots=True, kw_only=True)
class AppSKeyStep(Step):
    """Let the join server of an operator hand out AppSKeys in another way, from the next join on.

    Attributes:
        operator: whose join server.
        way: wrapped for the application server; on request of that; or in the clear to the
            network, as many deployments do.
    """

    operator: str
    way: AppSKeyWay

    @property
    def title(self) -> str:
        """Return it as `AppSKeys of afnic: wrapped`."""
        return f"AppSKeys of {self.operator}: {self.way.value}"

    def play(self) -> Play:
        """Let it do so."""
        edit = partial(with_app_s_key_way, operator=self.operator, way=self.way)
        return (yield from simply(Edit(edit), self.title))


@step("read-as-network")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAsNetworkStep(Step):
    """Let the home network of a device try to read the payload that it carried last.

    Attributes:
        device: its name in zones/lorawan.toml; it must have sent something.
        expect: "hidden" or "readable".
    """

    device: str
    expect: Secrecy | None = None

    @property
    def title(self) -> str:
        """Return it as `the network tries to read meter`."""
        return f"the network tries to read {self.device}"

    def play(self) -> Play:
        """Let it try."""
        evidence = yield ReadAsNetwork(self.device)
        expected = "" if self.expect is None else self.expect.value
        return compared(self.title, expected, None, evidence)


def ended(
    title: str, expect: AirEnding | None, because: Rule | None, result: object
) -> Observation:
    """Return the observation of a step whose frame ended in some way."""
    assert isinstance(result, AirResult), "a frame results in an AirResult"
    expected, seen = "" if expect is None else expect.value, result.ending.value
    checks = _checks(title, expected, seen, because, result.report)
    return judged(title, expected, seen, checks, result.report)


def compared(title: str, expected: str, because: Rule | None, evidence: object) -> Observation:
    """Return the observation of a step whose evidence concludes with the word to be compared."""
    assert isinstance(evidence, Report), "such an action results in a Report"
    checks = _checks(title, expected, evidence.conclusion, because, evidence)
    return judged(title, expected, evidence.conclusion, checks, evidence)


def _checks(
    title: str, expected: str, seen: str, because: Rule | None, evidence: Report
) -> tuple[Check, ...]:
    checks = []
    if expected:
        checks.append(check(OUTCOME, seen == expected, title, expected=expected, seen=seen))
    if because is not None:
        checks.append(reason_check(because, evidence))
    return tuple(checks)

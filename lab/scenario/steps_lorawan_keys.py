"""A step about the key of payloads: who asks for it."""

from dataclasses import field

from lab.backend.header import AsId
from lab.backend.results import ResultCode
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.parameters import KINDS, Kind
from lab.core.rules import Rule
from lab.scenario.action import IdentityName, Play
from lab.scenario.lorawan_actions import AskAppKey
from lab.scenario.step import Step, step
from lab.scenario.steps_lorawan import compared


def _as_id(value: object) -> AsId:
    if not isinstance(value, str) or not value:
        raise InputError(f"{value!r} is no AS-ID; here it is a host name, e.g. 'as.afnic.fr'")
    return AsId(value)


KINDS.add(AsId, Kind('AS-ID: in this lab the host name, e.g. "as.afnic.fr"', _as_id))


@step("ask-app-key")
@dataclass(frozen=True, slots=True, kw_only=True)
class AskAppKeyStep(Step):
    """Let a server ask a join server for the AppSKey of a device's session (AppSKeyReq).

    DANE proves who connects, the AS-ID must be the name of his host, and the join server knows
    whose application the device belongs to.

    Attributes:
        client: who connects, with its own certificate.
        sender: the AS-ID in whose name it asks.
        device: whose session; its join server is asked.
        expect: the result code of the answer.
        because: a rule that must be among the reasons of a refusal.
    """

    client: IdentityName = field(metadata={"key": "from"})
    sender: AsId = field(metadata={"key": "as"})
    device: str
    expect: ResultCode | None = None
    because: Rule | None = None

    @property
    def title(self) -> str:
        """Return it as `tsp.as asks for the AppSKey of meter, as as.afnic.fr`."""
        return f"{self.client} asks for the AppSKey of {self.device}, as {self.sender}"

    def play(self) -> Play:
        """Let it ask, and compare the result."""
        evidence = yield AskAppKey(self.client, self.sender, self.device)
        expected = "" if self.expect is None else self.expect.value
        return compared(self.title, expected, self.because, evidence)

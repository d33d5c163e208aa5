"""Steps of an attacker on the way between those who ask and the nameservers, and of his victim."""

from dns.name import Name
from dns.rdatatype import RdataType

from lab.attacks import NamedAttack
from lab.core.checks import Report, check
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.parameters import KINDS, Kind
from lab.core.status import SecurityStatus
from lab.scenario.action import Observation, Play
from lab.scenario.attack_actions import BeginAttack, EndAttacks, LookUp, Remembers
from lab.scenario.rules import BELIEVED
from lab.scenario.step import Step, judged, step
from lab.validator.resolve import Validation

_NOTHING = "nothing"


@step("attack")
@dataclass(frozen=True, slots=True, kw_only=True)
class AttackStep(Step):
    """Begin an attack on the way; the parameters of the attack stand beside.

    From the first one on, a hostile relay stands between all resolvers of the lab and all
    nameservers. Further attacks act where the earlier ones do not; `end-attacks` ends them all.

    Attributes:
        attack: the kind of attack.
    """

    attack: NamedAttack

    @property
    def title(self) -> str:
        """Return it as `attack replay on www.example.fr. A`."""
        return f"attack {self.attack}"

    def play(self) -> Play:
        """Begin it."""
        yield BeginAttack(self.attack)
        figures = tuple(Report(one) for one in self.attack.figures)
        return Observation("", "done", Report(self.title, conclusion="done", parts=figures))


@step("end-attacks")
@dataclass(frozen=True, slots=True, kw_only=True)
class EndAttacksStep(Step):
    """Let the attacker go away, and tell how much he has done."""

    @property
    def title(self) -> str:
        """Return `end attacks`."""
        return "end attacks"

    def play(self) -> Play:
        """End them."""
        told = yield EndAttacks()
        assert isinstance(told, Report), "EndAttacks results in a Report"
        return Observation("", "done", Report(self.title, conclusion="done", parts=(told,)))


@step("believe")
@dataclass(frozen=True, slots=True, kw_only=True)
class BelieveStep(Step):
    """Look a name up as a resolver does that validates nothing, and see what it believes.

    Attributes:
        name: the name to ask for.
        type: the type to ask for.
        expect: what the record says, as in a master file; "nothing" if there shall be none.
        remembers: "answers": what it believes it keeps until its TTL is over, for all such steps
            since the first attack.
    """

    name: Name
    type: RdataType
    expect: str
    remembers: Remembers = Remembers.NOTHING

    @property
    def title(self) -> str:
        """Return it as `believe what is said about www.example.fr. A`."""
        return f"believe what is said about {self.name} {RdataType.to_text(self.type)}"

    def play(self) -> Play:
        """Look it up and compare it."""
        result = yield LookUp(self.name, self.type, self.remembers)
        assert isinstance(result, Validation), "LookUp results in a Validation"
        resolution = result.resolution.require(*SecurityStatus)
        seen = ", ".join(
            rdata.to_text()
            for one in resolution.rrsets
            if one.rrset.rdtype == self.type
            for rdata in one.rrset.rdatas
        )
        believed = check(BELIEVED, (seen or _NOTHING) == self.expect, self.title)
        evidence = Report("what came", conclusion=seen or resolution.kind.value)
        return judged(self.title, self.expect, seen or _NOTHING, (believed,), evidence)


def _attack(value: object) -> NamedAttack:
    if not isinstance(value, NamedAttack):
        raise InputError(f"{value!r} is no attack")
    return value


KINDS.add(NamedAttack, Kind("kind of attack; see Attacks", _attack))

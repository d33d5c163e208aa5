"""Steps that ask nameservers over TLS, and see what the answer came over."""

from dataclasses import replace
from enum import Enum

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.checks import Check, check
from lab.core.frozen import dataclass
from lab.core.question import Carrier, Profile
from lab.core.rules import Rule
from lab.core.status import SecurityStatus
from lab.scenario.action import Play
from lab.scenario.attack_actions import AskOverTls, CameOver
from lab.scenario.rules import CARRIED, OUTCOME
from lab.scenario.step import Step, judged, reason_check, step


class Over(Enum):
    """Tell what an answer came over, and how far the server was known by it."""

    NOTHING = "nothing"
    CLEAR = "clear"
    TLS = "tls"
    DANE = "dane"

    @classmethod
    def of(cls, carrier: Carrier | None) -> "Over":
        """Return what *carrier* is to those who want to be private; None: no answer came."""
        match carrier:
            case None:
                return cls.NOTHING
            case Carrier.UDP | Carrier.TCP:
                return cls.CLEAR
            case Carrier.TLS:
                return cls.TLS
            case Carrier.TLS_DANE | Carrier.TLS_PIN:
                return cls.DANE


@step("validate-over-tls")
@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateOverTlsStep(Step):
    """Validate a name as `validate` does, and ask nameservers over TLS as far as is wanted.

    Attributes:
        name: the name to ask for.
        type: the type to ask for.
        profile: "opportunistic": TLS where it is to be had, whoever the server is, else in clear
            (RFC 9539); "strict": where TLSA records promise it, with the server that they name, or
            not at all (RFC 8310).
        expect: the security status that the answer must have.
        over: what the answer to this question must have come over: "clear", "tls" (of a server that
            nobody has authenticated), "dane" (of one that has shown the key of its TLSA records);
            "nothing" if none may come.
        because: a rule that must be among the reasons, from the verdict down to its cause.
    """

    name: Name
    type: RdataType
    profile: Profile
    expect: SecurityStatus
    over: Over
    because: Rule | None = None

    @property
    def title(self) -> str:
        """Return it as `validate www.example.fr. A over TLS, strict`."""
        rdtype = RdataType.to_text(self.type)
        return f"validate {self.name} {rdtype} over TLS, {self.profile.value}"

    def play(self) -> Play:
        """Ask for the validation, and compare it and its way."""
        result = yield AskOverTls(self.name, self.type, self.profile)
        assert isinstance(result, CameOver), "AskOverTls results in a CameOver"
        status, over = result.validation.status, Over.of(result.carrier)
        checks = tuple(self._checks(result, over))
        expected = f"{self.expect.value}, over {self.over.value}"
        seen = f"{status.value}, over {over.value}"
        shown = judged(self.title, expected, seen, checks, result.validation.report)
        return replace(shown, validation=result.validation)

    def _checks(self, result: CameOver, over: Over) -> list[Check]:
        status = result.validation.status
        wanted = ((OUTCOME, self.expect, status), (CARRIED, self.over, over))
        checks = [
            check(rule, want is seen, self.title, expected=want.value, seen=seen.value)
            for rule, want, seen in wanted
        ]
        if self.because is not None:
            checks.append(reason_check(self.because, result.validation.report))
        return checks

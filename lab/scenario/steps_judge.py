"""Steps that ask for a verdict: validate a name, connect two servers."""

from dataclasses import field, replace
from enum import Enum

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.checks import Check, check
from lab.core.frozen import dataclass
from lab.core.rules import Rule
from lab.core.status import SecurityStatus
from lab.scenario.action import Connect, ConnectResult, Ending, IdentityName, Play, Validate
from lab.scenario.rules import ANSWER, ASKED, OUTCOME
from lab.scenario.step import Step, judged, reason_check, step
from lab.validator.resolve import ResolutionKind, Validation

_ANY_STATUS = tuple(SecurityStatus)


@step("validate")
@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateStep(Step):
    """Resolve a name from the root down and validate the answer (RFC 4035 section 5).

    Attributes:
        name: the name to ask for.
        type: the type to ask for.
        expect: the security status that the answer must have.
        answer: the kind of answer that must come.
        because: a rule that must be among the reasons, from the verdict down to its cause.
    """

    name: Name
    type: RdataType
    expect: SecurityStatus | None = None
    answer: ResolutionKind | None = None
    because: Rule | None = None

    @property
    def title(self) -> str:
        """Return it as `validate www.example.fr. A`."""
        return f"validate {self.name} {RdataType.to_text(self.type)}"

    def play(self) -> Play:
        """Ask for the validation and compare it."""
        result = yield Validate(self.name, self.type)
        assert isinstance(result, Validation), "Validate results in a Validation"
        # A scenario looks at every answer, also at those that nobody should use.
        kind = result.resolution.require(*_ANY_STATUS).kind
        expected = " ".join(one.value for one in (self.expect, self.answer) if one is not None)
        seen = f"{result.status.value} {kind.value}"
        checks = self._checks(result, kind)
        shown = judged(self.title, expected, seen, checks, result.report)
        return replace(shown, validation=result)

    def _checks(self, result: Validation, kind: ResolutionKind) -> tuple[Check, ...]:
        checks = []
        if self.expect is not None:
            checks.append(_agree(OUTCOME, self.expect, result.status, self.title))
        if self.answer is not None:
            checks.append(_agree(ANSWER, self.answer, kind, self.title))
        if self.because is not None:
            checks.append(reason_check(self.because, result.report))
        return tuple(checks)


class Asks(Enum):
    """Tell what a server asks the DNS about a client."""

    NOTHING = "nothing"
    NAME = "name"


@step("connect")
@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectStep(Step):
    """Connect one server to another by HTTPS; each authenticates the other by DANE.

    The server looks up the TLSA RRset of the client, the client that of the server, and both
    validate it down from the root (draft-ietf-dance-client-auth, RFC 6698, RFC 7671).

    Attributes:
        client: who connects.
        server: to whom.
        claims: the owner name that the client sends in its dane_clientid extension; its own one
            if this is not given.
        certificate: whose certificate the client shows; its own one if this is not given.
        path: of the HTTP request.
        trusts: names of CAs that the story has made, separated by spaces; then both sides look for
            a path to one of them (RFC 5280), as before DANE, and do not ask the DNS.
        asks: what the server must ask the DNS about the client: "nothing", or its "name".
        expect: how it must end; "deceived": the request was answered, but not by the server.
        because: a rule that must be among the reasons, from the verdict down to its cause.
    """

    client: IdentityName = field(metadata={"key": "from"})
    server: IdentityName = field(metadata={"key": "to"})
    claims: Name | None = None
    certificate: IdentityName | None = None
    path: str = "/"
    trusts: str = ""
    asks: Asks | None = None
    expect: Ending | None = None
    because: Rule | None = None

    @property
    def title(self) -> str:
        """Return it as `connect tsp.ns to afnic.js`, with what the client pretends."""
        pretence = f", claiming {self.claims}" if self.claims else ""
        shown = f", with the certificate of {self.certificate}" if self.certificate else ""
        by = f", trusting {self.trusts}" if self.trusts else ""
        return f"connect {self.client} to {self.server}{pretence}{shown}{by}"

    def play(self) -> Play:
        """Ask for the connection and compare how it ended."""
        result = yield Connect(
            self.client, self.server, self.claims, self.certificate, self.path, self.trusts
        )
        assert isinstance(result, ConnectResult), "Connect results in a ConnectResult"
        expected = self.expect.value if self.expect else ""
        return judged(
            self.title, expected, result.ending.value, self._checks(result), result.report
        )

    def _checks(self, result: ConnectResult) -> tuple[Check, ...]:
        checks = []
        if self.expect is not None:
            checks.append(_agree(OUTCOME, self.expect, result.ending, self.title))
        if self.asks is not None:
            decision = result.server_decision
            asked = decision is not None and decision.dns_lookup is not None
            seen = Asks.NAME if asked else Asks.NOTHING
            checks.append(_agree(ASKED, self.asks, seen, self.title))
        if self.because is not None:
            checks.append(reason_check(self.because, result.report))
        return tuple(checks)


def _agree(rule: Rule, expected: Enum, seen: Enum, subject: str) -> Check:
    return check(rule, seen is expected, subject, expected=expected.value, seen=seen.value)

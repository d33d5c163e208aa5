"""Steps of stories about certificates: make CAs, issue, revoke, and let others judge."""

from dataclasses import field
from enum import Enum

from dns.name import Name

from lab.core.checks import Outcome, Report, check
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.parameters import Seconds
from lab.core.rules import Rule
from lab.pki.profiles import PEER
from lab.pki.revocation import RevocationDemand
from lab.scenario.action import IdentityName, Observation, Play, Side
from lab.scenario.pki_actions import (
    CheckCertificate,
    IssueCertificate,
    MakeCa,
    Means,
    Publicity,
    RequestCertificate,
    RevokeCertificate,
    Sent,
    WatchLog,
)
from lab.scenario.rules import OUTCOME
from lab.scenario.step import Step, judged, reason_check, simply, step

NINETY_DAYS = Seconds(PEER.lifetime)


class Judgement(Enum):
    """Tell how somebody decided about a certificate."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class Alarm(Enum):
    """Tell whether somebody found what should not be there."""

    QUIET = "quiet"
    ALARM = "alarm"


@step("make-ca")
@dataclass(frozen=True, slots=True, kw_only=True)
class MakeCaStep(Step):
    """Make a certification authority for the time of the story: a root, or one below another.

    Attributes:
        ca: how the story calls it.
        organization: stands in its certificates.
        under: the CA that certifies it; a root if this is not given.
    """

    ca: str
    organization: str
    under: str = ""

    @property
    def title(self) -> str:
        """Return it as `make the CA afnic under root`."""
        return f"make the CA {self.ca}" + (f" under {self.under}" if self.under else "")

    def play(self) -> Play:
        """Make it."""
        return (yield from simply(MakeCa(self.ca, self.organization, self.under), self.title))


@step("issue-certificate")
@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCertificateStep(Step):
    """Give an identity of the lab a new key and certificate; its server shows them at once.

    Attributes:
        identity: whose.
        ca: which CA of the story issues it; "self" lets the key sign for itself.
        names: dNSNames, separated by spaces; those of the identity if this is not given.
        lifetime: how long it is valid.
        sends: what the holder sends in handshakes: its leaf alone, all but the root, or all.
        publicity: whether the CA tells a public log.
    """

    identity: IdentityName
    ca: str
    names: str = ""
    lifetime: Seconds = NINETY_DAYS
    sends: Sent = Sent.WHOLE
    publicity: Publicity = Publicity.LOGGED

    @property
    def title(self) -> str:
        """Return it as `certificate for tsp.ns by tsp, for js.afnic.fr`."""
        names = f", for {self.names}" if self.names else ""
        return f"certificate for {self.identity} by {self.ca}{names}"

    def play(self) -> Play:
        """Issue it."""
        action = IssueCertificate(
            self.identity,
            self.ca,
            tuple(self.names.split()),
            self.lifetime,
            self.sends,
            self.publicity,
        )
        return (yield from simply(action, self.title))


@step("revoke-certificate")
@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCertificateStep(Step):
    """Let a CA of the story revoke the certificate that an identity has now, and make a CRL.

    Attributes:
        identity: whose.
        ca: who issued it.
    """

    identity: IdentityName
    ca: str

    @property
    def title(self) -> str:
        """Return it as `tsp revokes the certificate of tsp.ns`."""
        return f"{self.ca} revokes the certificate of {self.identity}"

    def play(self) -> Play:
        """Revoke it."""
        return (yield from simply(RevokeCertificate(self.identity, self.ca), self.title))


@step("check-certificate")
@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCertificateStep(Step):
    """Let a verifier judge the chain that an identity sends, by one means of trust.

    Attributes:
        identity: who shows its chain.
        name: whom the verifier wants to reach.
        side: whether the identity is the server or the client of the connection.
        by: the means: a path to a trusted root, trust on first use, a public log besides, or DANE.
        trusts: the CAs in the verifier's trust store, separated by spaces.
        revocation: what the verifier makes of CRLs.
        verifier: who looks; by trust on first use each has a memory of its own.
        expect: how it must decide.
        because: a rule that must be among the reasons, from the verdict down to its cause.
    """

    identity: IdentityName
    name: Name
    side: Side = Side.SERVER
    by: Means = Means.PKIX
    trusts: str = ""
    revocation: RevocationDemand = RevocationDemand.IGNORED
    verifier: str = "a client"
    expect: Judgement | None = None
    because: Rule | None = None

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        if self.by is Means.DANE and self.side is Side.CLIENT:
            raise InputError("clients are judged by DANE in the step 'connect'", "side")
        if self.by in {Means.PKIX, Means.CT} and not self.trusts:
            raise InputError("say in 'trusts' which CAs are trusted", "by")

    @property
    def title(self) -> str:
        """Return it as `afnic.js, for js.afnic.fr. by pkix`."""
        return f"{self.verifier} looks at {self.identity} as {self.name} by {self.by.value}"

    def play(self) -> Play:
        """Ask for the verdict and compare it."""
        report = yield CheckCertificate(
            self.identity,
            self.name,
            self.side is Side.CLIENT,
            self.by,
            self.trusts,
            self.revocation,
            self.verifier,
        )
        assert isinstance(report, Report), "CheckCertificate results in a Report"
        return _judgement(self.title, report, self.expect, self.because)


@step("request-certificate")
@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCertificateStep(Step):
    """Ask the lab's public CA for a certificate, as one asks a CA of the web (RFC 8555).

    Who asks puts the proof of control into the zone of its operator, as far as the names are there.
    The CA then looks it up, and CAA (RFC 8659), through the validator.

    Attributes:
        identity: who asks; `from` in the file.
        names: dNSNames, separated by spaces.
        expect: how the CA must decide.
        because: a rule that must be among the reasons, from the verdict down to its cause.
    """

    identity: IdentityName = field(metadata={"key": "from"})
    names: str
    expect: Judgement | None = None
    because: Rule | None = None

    @property
    def title(self) -> str:
        """Return it as `afnic.js asks the public CA for js.afnic.fr`."""
        return f"{self.identity} asks the public CA for {self.names}"

    def play(self) -> Play:
        """Ask for it and compare the decision."""
        report = yield RequestCertificate(self.identity, tuple(self.names.split()))
        assert isinstance(report, Report), "RequestCertificate results in a Report"
        return _judgement(self.title, report, self.expect, self.because)


@step("watch-log")
@dataclass(frozen=True, slots=True, kw_only=True)
class WatchLogStep(Step):
    """Look into the public log for certificates of a name that its holder does not use (RFC 9162).

    Attributes:
        name: whose certificates are looked for.
        holder: the identity that has the name.
        expect: whether there must be one.
    """

    name: Name
    holder: IdentityName
    expect: Alarm

    @property
    def title(self) -> str:
        """Return it as `afnic.js watches the log for js.afnic.fr.`."""
        return f"{self.holder} watches the log for {self.name}"

    def play(self) -> Play:
        """Look and compare."""
        report = yield WatchLog(self.name, self.holder)
        assert isinstance(report, Report), "WatchLog results in a Report"
        seen = Alarm.ALARM if report.outcome is Outcome.FAILED else Alarm.QUIET
        agreed = check(
            OUTCOME, seen is self.expect, self.title, expected=self.expect.value, seen=seen.value
        )
        return judged(self.title, self.expect.value, seen.value, (agreed,), report)


def _judgement(
    title: str, report: Report, expect: Judgement | None, because: Rule | None
) -> Observation:
    failed = report.outcome is Outcome.FAILED
    seen = Judgement.REFUSED if failed else Judgement.ACCEPTED
    checks = []
    if expect is not None:
        checks.append(check(OUTCOME, seen is expect, title, expected=expect.value, seen=seen.value))
    if because is not None:
        checks.append(reason_check(because, report))
    return judged(title, expect.value if expect else "", seen.value, tuple(checks), report)

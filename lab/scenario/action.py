"""What only the edge can do: each action is a value that a step yields, and its result a value.

`lab.net.perform` has one performer for each; tests answer them from a table. A performer that
cannot do its work raises a LabError, which the driver throws into the scenario.
"""

from enum import Enum
from typing import NewType, TypeAlias

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.checks import Outcome, Report
from lab.core.dialogue import Dialogue
from lab.core.frozen import dataclass
from lab.core.parameters import Seconds
from lab.dane.decision import Decision, Verdict
from lab.dnssec.keys import KeyRole
from lab.scenario.ask import Ask
from lab.scenario.attack_actions import AttackAction, CameOver
from lab.scenario.crowd import BeginCrowd, CrowdResult, EndCrowd
from lab.scenario.edits import FaultAction, WorldAction
from lab.scenario.lorawan_actions import AirResult, LorawanAction
from lab.scenario.pki_actions import PkiAction
from lab.validator.resolve import Validation
from lab.world.parental import Ruling

IdentityName = NewType("IdentityName", str)
"""Operator and role of one server of the lab, e.g. "tsp.ns"."""


class Side(Enum):
    """Tell in which part of a TLS connection an identity appears."""

    CLIENT = "client"
    SERVER = "server"


class Haste(Enum):
    """Tell how patiently a key is replaced.

    Attributes:
        USUAL: step by step, with few records at a time.
        EMERGENCY: as fast as is safe for every cache.
        FORCE: at once, also at the parent, whatever it breaks in caches.
        CARELESS: at once in the zone; the parent is told by CDS alone.
    """

    USUAL = "usual"
    EMERGENCY = "emergency"
    FORCE = "force"
    CARELESS = "careless"


class Ending(Enum):
    """Tell how a connection ended; DECEIVED: answered, and the server knows nothing of it."""

    ACCEPTED = "accepted"
    UNAUTHENTICATED = "unauthenticated"
    REFUSED = "refused"
    DECEIVED = "deceived"


@dataclass(frozen=True, slots=True)
class Observation:
    """Compare what a step should show with what it showed.

    Attributes:
        expected: in the words of the scenario; empty if it expects nothing.
        seen: the same for what happened.
        report: PASSED if both agree; its parts are the evidence.
        validation: whose chain of trust is worth a picture; None if there is none.
    """

    expected: str
    seen: str
    report: Report
    validation: Validation | None = None

    @property
    def as_expected(self) -> bool:
        """Tell whether the step went as the scenario says."""
        return self.report.outcome is not Outcome.FAILED


@dataclass(frozen=True, slots=True)
class Begin:
    """Tell that a step starts, for whoever shows progress.

    Attributes:
        number: counted from 1.
        total: how many steps there are.
        do: the kind of step.
        title: what it is about to do.
        say: text for the workshop reader, Markdown; may be empty.
        part: heading of the part that begins here; may be empty.
        id: name of the step; may be empty.
        ask: question to the participants; None: there is none.
    """

    number: int
    total: int
    do: str
    title: str
    say: str
    part: str = ""
    id: str = ""
    ask: Ask | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """Tell that a step ended, for whoever shows progress.

    Attributes:
        number: counted from 1.
        observation: what it showed.
    """

    number: int
    observation: Observation


@dataclass(frozen=True, slots=True)
class Validate:
    """Resolve and validate one RRset from the trust anchor down; the result is a Validation.

    Attributes:
        qname: absolute.
        rdtype: the QTYPE.
    """

    qname: Name
    rdtype: RdataType


@dataclass(frozen=True, slots=True)
class AskFirstDs:
    """Look, as the parent, whether a zone without DS asks for one; the result is a Ruling.

    Attributes:
        zone: apex of the child.
    """

    zone: Name


@dataclass(frozen=True, slots=True)
class Connect:
    """Make one HTTPS request with certificates on both sides; the result is a ConnectResult.

    Attributes:
        client: who connects.
        server: to whom.
        claims: owner name that the client puts into its dane_clientid extension; None: its own.
        certificate: whose key and chain the client uses; None: its own.
        path: of the request.
        trusts: the CAs that both sides trust, by the names of a story: then both judge by path, and
            not by DANE.
    """

    client: IdentityName
    server: IdentityName
    claims: Name | None = None
    certificate: IdentityName | None = None
    path: str = "/"
    trusts: str = ""


@dataclass(frozen=True, slots=True)
class ConnectResult:
    """Tell how a connection went, as both sides saw it.

    Attributes:
        client_decision: of the client about the server; None if it did not come so far.
        server_decision: of the server about the client; None if it did not come so far.
        http_status: None if there was no response.
        body: of the response, as text.
        refusal: what the refused side learnt, e.g. the name of the TLS alert; empty if accepted.
    """

    client_decision: Decision | None
    server_decision: Decision | None
    http_status: int | None = None
    body: str = ""
    refusal: str = ""

    @property
    def ending(self) -> Ending:
        """Return how it ended; only an answered request shows that nobody refused."""
        if self.http_status is None:
            return Ending.REFUSED
        if self.server_decision is None:
            return Ending.DECEIVED
        decisions = (self.client_decision, self.server_decision)
        if all(one is not None and one.verdict is Verdict.ACCEPT for one in decisions):
            return Ending.ACCEPTED
        return Ending.UNAUTHENTICATED

    @property
    def report(self) -> Report:
        """Return both decisions as one tree, in the order of the handshake: the client's first."""
        decisions = (self.client_decision, self.server_decision)
        refused = self.ending is Ending.REFUSED
        detail = self.refusal if refused else f"HTTP status {self.http_status}"
        return Report(
            title="mutual authentication",
            outcome=Outcome.FAILED if refused else Outcome.PASSED,
            conclusion=": ".join(filter(None, (self.ending.value, detail))),
            parts=tuple(one.report for one in decisions if one is not None),
        )


@dataclass(frozen=True, slots=True)
class AddRecords:
    """Add records to a zone of the lab; no result.

    Attributes:
        zone: apex.
        text: a piece of master file, names relative to the apex.
    """

    zone: Name
    text: str


@dataclass(frozen=True, slots=True)
class RemoveRecords:
    """Remove one RRset from the zone that holds it; no result.

    Attributes:
        owner: absolute.
        rdtype: its type.
    """

    owner: Name
    rdtype: RdataType


@dataclass(frozen=True, slots=True)
class PublishTlsa:
    """Put the TLSA RRset of an identity into its operator's zone; no result.

    Attributes:
        identity: whose certificate chain it is made of.
        side: decides the owner name.
        form: usage, selector and matching type, e.g. "3 1 1"; empty: what the operator uses.
    """

    identity: IdentityName
    side: Side
    form: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawTlsa:
    """Take the TLSA RRset of an identity out of its operator's zone; no result.

    Attributes:
        identity: whose.
        side: decides the owner name.
    """

    identity: IdentityName
    side: Side


@dataclass(frozen=True, slots=True)
class AdvanceClock:
    """Move the one clock of the lab; the result is a Report: what happened on the way.

    Attributes:
        seconds: negative to go back.
    """

    seconds: Seconds


@dataclass(frozen=True, slots=True)
class RollKey:
    """Begin to replace a key of a zone; no result.

    Attributes:
        zone: apex.
        role: which key.
        algorithm: number of another algorithm; None: the same.
        how: how patiently.
    """

    zone: Name
    role: KeyRole
    algorithm: int | None
    how: Haste


Action: TypeAlias = (
    Begin
    | Finished
    | Validate
    | AskFirstDs
    | Connect
    | FaultAction
    | AddRecords
    | RemoveRecords
    | PublishTlsa
    | WithdrawTlsa
    | AdvanceClock
    | RollKey
    | PkiAction
    | AttackAction
    | LorawanAction
    | WorldAction
    | BeginCrowd
    | EndCrowd
)
Result: TypeAlias = (
    Validation | Ruling | ConnectResult | CrowdResult | AirResult | CameOver | Report | None
)
Play: TypeAlias = Dialogue[Action, Result, Observation]

"""Steps that change the lab: faults, records, TLSA RRsets, the clock; and one that only speaks."""

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.checks import Report
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.parameters import Seconds, span, suggestion
from lab.dnssec.keys import KeyRole
from lab.faults import FAULTS, NamedFault
from lab.scenario.action import (
    AddRecords,
    AdvanceClock,
    Haste,
    IdentityName,
    Observation,
    Play,
    PublishTlsa,
    RemoveRecords,
    RollKey,
    Side,
    WithdrawTlsa,
)
from lab.scenario.edits import ClearFaults, SetFault
from lab.scenario.step import Step, simply, step


@step("note")
@dataclass(frozen=True, slots=True, kw_only=True)
class NoteStep(Step):
    """Only say something."""

    def __post_init__(self) -> None:
        """Refuse a note without words."""
        if not self.say:
            raise InputError("a note needs the parameter 'say'", "say")

    @property
    def title(self) -> str:
        """Return `note`."""
        return "note"

    def play(self) -> Play:
        """Return at once."""
        yield from ()
        return Observation("", "said", Report(self.title, conclusion="said"))


@step("fault")
@dataclass(frozen=True, slots=True, kw_only=True)
class FaultStep(Step):
    """Make something wrong in the lab, from now on; the parameters of the fault stand beside.

    Attributes:
        fault: the kind of fault.
        server: name or address of the one nameserver where it is so; all of them if this is not
            given.
    """

    fault: NamedFault
    server: str = ""

    @property
    def title(self) -> str:
        """Return it as `fault rrsig-expired on www.example.fr. A at ns2.example.fr`."""
        return f"fault {self.fault}" + (f" at {self.server}" if self.server else "")

    def play(self) -> Play:
        """Set the fault."""
        return (yield from simply(SetFault(self.fault, self.server), self.title))


@step("clear-faults")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClearFaultsStep(Step):
    """Repair what earlier steps made wrong by faults.

    Attributes:
        fault: only the faults of this kind; all if this is not given.
    """

    fault: str = ""

    def __post_init__(self) -> None:
        """Refuse a kind that there is not."""
        if self.fault and self.fault not in FAULTS:
            raise InputError(
                f"there is no fault {self.fault!r}{suggestion(self.fault, FAULTS)}", "fault"
            )

    @property
    def title(self) -> str:
        """Return `clear all faults`, or `clear rrsig-expired`."""
        return f"clear {self.fault or 'all faults'}"

    def play(self) -> Play:
        """Clear the faults."""
        return (yield from simply(ClearFaults(self.fault), self.title))


@step("add-records")
@dataclass(frozen=True, slots=True, kw_only=True)
class AddRecordsStep(Step):
    """Add records to a zone of the lab, which signs them at once.

    Attributes:
        zone: apex of the zone.
        records: a piece of master file (RFC 1035 section 5); names without a dot at the end are
            below the apex.
    """

    zone: Name
    records: str

    @property
    def title(self) -> str:
        """Return it as `add records to example.fr.`."""
        return f"add records to {self.zone}"

    def play(self) -> Play:
        """Add the records."""
        return (yield from simply(AddRecords(self.zone, self.records), self.title))


@step("remove-records")
@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRecordsStep(Step):
    """Remove one RRset from the zone that holds it.

    Attributes:
        owner: owner name of the RRset.
        type: its type.
    """

    owner: Name
    type: RdataType

    @property
    def title(self) -> str:
        """Return it as `remove www.example.fr. A`."""
        return f"remove {self.owner} {RdataType.to_text(self.type)}"

    def play(self) -> Play:
        """Remove the RRset."""
        return (yield from simply(RemoveRecords(self.owner, self.type), self.title))


@step("publish-tlsa")
@dataclass(frozen=True, slots=True, kw_only=True)
class PublishTlsaStep(Step):
    """Publish the TLSA RRset of one identity, made of the certificate that it has now.

    Attributes:
        identity: whose.
        side: whether it is known as client or as server; decides the owner name.
        form: usage, selector and matching type, e.g. "3 1 1" (RFC 6698 section 2.1); what the
            operator uses if this is not given.
    """

    identity: IdentityName
    side: Side
    form: str = ""

    @property
    def title(self) -> str:
        """Return it as `publish TLSA of tsp.ns as client`."""
        return f"publish TLSA of {self.identity} as {self.side.value}"

    def play(self) -> Play:
        """Publish it."""
        action = PublishTlsa(self.identity, self.side, self.form)
        return (yield from simply(action, self.title))


@step("withdraw-tlsa")
@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawTlsaStep(Step):
    """Withdraw the TLSA RRset of one identity: this is how DANE revokes.

    Attributes:
        identity: whose.
        side: whether it is known as client or as server; decides the owner name.
    """

    identity: IdentityName
    side: Side

    @property
    def title(self) -> str:
        """Return it as `withdraw TLSA of afnic.js as server`."""
        return f"withdraw TLSA of {self.identity} as {self.side.value}"

    def play(self) -> Play:
        """Withdraw it."""
        return (yield from simply(WithdrawTlsa(self.identity, self.side), self.title))


@step("advance-clock")
@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceClockStep(Step):
    """Move the clock of the whole lab; servers sign anew when their signatures run out.

    Attributes:
        by: how far; a negative span goes back.
    """

    by: Seconds

    @property
    def title(self) -> str:
        """Return it as `advance the clock by 30d`."""
        return f"advance the clock by {span(self.by)}"

    def play(self) -> Play:
        """Move the clock and tell what happened through it."""
        passed = yield AdvanceClock(self.by)
        assert isinstance(passed, Report), "AdvanceClock results in a Report"
        return Observation("", "done", Report(self.title, conclusion="done", parts=(passed,)))


@step("roll-key")
@dataclass(frozen=True, slots=True, kw_only=True)
class RollKeyStep(Step):
    """Begin to replace a key of a zone; `advance-clock` lets the next steps come (RFC 6781).

    Attributes:
        zone: apex of the zone.
        role: which of its keys.
        algorithm: number of another algorithm, for all keys of the zone; 0: the same as before.
        how: step by step; as fast as is safe for every cache; at once, whatever it breaks there; or
            carelessly, without waiting for the parent.
    """

    zone: Name
    role: KeyRole
    algorithm: int = 0
    how: Haste = Haste.USUAL

    @property
    def title(self) -> str:
        """Return it as `roll the ksk of example.fr.`."""
        manner = "" if self.how is Haste.USUAL else f" ({self.how.value})"
        return f"roll the {self.role.value} of {self.zone}{manner}"

    def play(self) -> Play:
        """Begin the rollover."""
        action = RollKey(self.zone, self.role, self.algorithm or None, self.how)
        return (yield from simply(action, self.title))

"""Steps in which a signed zone goes from one operator to another, who has keys of his own.

Neither gives a private key away: each publishes what the other one signs with (RFC 8901 section
2.1.2, RFC 6781 section 4.3.5.1).
"""

from functools import partial

from dns.name import Name

from lab.core.frozen import dataclass
from lab.scenario.action import Play
from lab.scenario.edits import Edit
from lab.scenario.step import Step, simply, step
from lab.world.operating import exchanged, joined, left, moved


@step("second-operator")
@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOperatorStep(Step):
    """Give a signed zone to a second operator, who signs it with keys of his own (RFC 8901).

    He serves it nowhere yet, see `move-nameserver`; and neither operator knows the other's keys.

    Attributes:
        zone: its apex.
    """

    zone: Name

    @property
    def title(self) -> str:
        """Return it as `a second operator for shop.example.fr.`."""
        return f"a second operator for {self.zone}"

    def play(self) -> Play:
        """Let him make his keys."""
        return (yield from simply(Edit(partial(joined, zone=self.zone)), self.title))


@step("exchange-keys")
@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeKeysStep(Step):
    """Let both operators of a zone publish the other's zone-signing keys (RFC 8901 section 2.1.2).

    Their CDS and CDNSKEY name the key-signing keys of both from then on (RFC 8901 section 8).

    Attributes:
        zone: its apex.
    """

    zone: Name

    @property
    def title(self) -> str:
        """Return it as `exchange the keys of shop.example.fr.`."""
        return f"exchange the keys of {self.zone}"

    def play(self) -> Play:
        """Exchange the public halves."""
        return (yield from simply(Edit(partial(exchanged, zone=self.zone)), self.title))


@step("move-nameserver")
@dataclass(frozen=True, slots=True, kw_only=True)
class MoveNameserverStep(Step):
    """Let the second operator of a zone answer at one of its nameservers, instead of the first.

    Attributes:
        zone: its apex.
        nameserver: host name of one of its nameservers.
    """

    zone: Name
    nameserver: Name

    @property
    def title(self) -> str:
        """Return it as `ns2.example.com. serves shop.example.fr. for the second operator`."""
        return f"{self.nameserver} serves {self.zone} for the second operator"

    def play(self) -> Play:
        """Let him answer there."""
        edit = partial(moved, zone=self.zone, nameserver=self.nameserver)
        return (yield from simply(Edit(edit), self.title))


@step("leave-operator")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOperatorStep(Step):
    """Let the first operator of a zone go, and his keys with him; the second one serves it alone.

    What the parent says of the zone stays; see `publish-ds`.

    Attributes:
        zone: its apex.
    """

    zone: Name

    @property
    def title(self) -> str:
        """Return it as `the first operator of shop.example.fr. leaves`."""
        return f"the first operator of {self.zone} leaves"

    def play(self) -> Play:
        """Let him go."""
        return (yield from simply(Edit(partial(left, zone=self.zone)), self.title))

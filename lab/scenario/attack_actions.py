"""Actions about a hostile relay on the way: only where there are sockets is there a way."""

from enum import Enum
from typing import TypeAlias

from dns.name import Name
from dns.rdatatype import RdataType

from lab.attacks import NamedAttack
from lab.core.checks import Report
from lab.core.frozen import dataclass
from lab.core.question import Carrier, Profile
from lab.validator.resolve import Validation


class Remembers(Enum):
    """Tell what somebody who looks up keeps."""

    NOTHING = "nothing"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class BeginAttack:
    """Let the relay do something from now on, beside what it does already; no result.

    Attributes:
        attack: what.
    """

    attack: NamedAttack


@dataclass(frozen=True, slots=True)
class EndAttacks:
    """Let the relay go away; the result is a Report: what it has seen and done."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Resolve one RRset as somebody who validates nothing; the result is a Validation.

    Attributes:
        qname: absolute.
        rdtype: the QTYPE.
        remembers: what is kept for the next one who asks.
    """

    qname: Name
    rdtype: RdataType
    remembers: Remembers = Remembers.NOTHING


@dataclass(frozen=True, slots=True)
class AskOverTls:
    """Validate one RRset, and ask nameservers over TLS; the result is a CameOver.

    Attributes:
        qname: absolute.
        rdtype: the QTYPE.
        profile: how far TLS is wanted.
    """

    qname: Name
    rdtype: RdataType
    profile: Profile


@dataclass(frozen=True, slots=True)
class CameOver:
    """Tell what came of a question that was asked over TLS.

    Attributes:
        validation: the verdict.
        carrier: what the last answer to this question came over; None if there was none.
    """

    validation: Validation
    carrier: Carrier | None


AttackAction: TypeAlias = BeginAttack | EndAttacks | LookUp | AskOverTls
AttackResult: TypeAlias = Validation | Report | CameOver | None

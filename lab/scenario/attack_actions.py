"""Actions about a hostile relay on the way: only where there are sockets is there a way."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from dns.name import Name
from dns.rdatatype import RdataType

from lab.attacks import NamedAttack


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


AttackAction: TypeAlias = BeginAttack | EndAttacks | LookUp

"""What the roles of LoRaWAN need from outside: questions that their dialogues yield.

The edge answers them: it finds partners by DNS, asks them over TLS, keeps sessions on disk, and
talks to gateways. Tests answer them from a table.
"""

from typing import TypeAlias, TypeVar

from lab.backend.header import PartyId
from lab.backend.message import Answer, Message
from lab.backend.network import NetworkSession, VisitorSession
from lab.core.checks import Report
from lab.core.dialogue import Dialogue
from lab.core.frozen import dataclass
from lab.lorawan.identifiers import DevAddr, Eui64
from lab.lorawan.packets import Transmit


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask another server; the reply is `Answered` or `Unreached`.

    Attributes:
        to: whom; the DNS knows where it is.
        message: what.
    """

    to: PartyId
    message: Message


@dataclass(frozen=True, slots=True)
class Answered:
    """Hold the answer of another server.

    Attributes:
        answer: of the kind that belongs to the question.
        report: how it was found, and by what it was authenticated.
    """

    answer: Answer
    report: Report


@dataclass(frozen=True, slots=True)
class Unreached:
    """Tell why another server could not be asked.

    Attributes:
        report: says where it ended: discovery, authentication, or silence.
    """

    report: Report


@dataclass(frozen=True, slots=True)
class SessionsAt:
    """Ask for the sessions with a DevAddr; the reply is a tuple of `NetworkSession`."""

    dev_addr: DevAddr


@dataclass(frozen=True, slots=True)
class SessionOf:
    """Ask for the session of a device; the reply is a `NetworkSession` or None."""

    dev_eui: Eui64


@dataclass(frozen=True, slots=True)
class VisitorAt:
    """Ask for the visitor with a DevAddr; the reply is a `VisitorSession` or None."""

    dev_addr: DevAddr


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep a session; it is on disk when the reply, None, comes.

    Others read it at once. While one waits for the reply to this or to `Ask`, they run: so read a
    session, and keep what comes of it, without asking anybody in between.
    """

    session: NetworkSession | VisitorSession


@dataclass(frozen=True, slots=True)
class Forget:
    """Forget the visitor with a DevAddr; no reply."""

    dev_addr: DevAddr


@dataclass(frozen=True, slots=True)
class Send:
    """Have a gateway send a frame; the reply tells whether it can be reached.

    Attributes:
        gateway: which one.
        transmit: what, and when.
        otherwise: what instead, if the gateway says that it cannot; None: nothing.
    """

    gateway: Eui64
    transmit: Transmit
    otherwise: Transmit | None = None


Need: TypeAlias = Ask | SessionsAt | SessionOf | VisitorAt | Keep | Forget | Send
Reply: TypeAlias = (
    Answered
    | Unreached
    | tuple[NetworkSession, ...]
    | NetworkSession
    | VisitorSession
    | bool
    | None
)

ResultT = TypeVar("ResultT")
Working: TypeAlias = Dialogue[Need, Reply, ResultT]
"""What a role does about one thing."""


def asked(to: PartyId, message: Message) -> Working[Answered | Unreached]:
    """Ask *to* and return its answer."""
    reply = yield Ask(to, message)
    assert isinstance(reply, Answered | Unreached), "Ask is replied to by one of these"
    return reply


def session_of(dev_eui: Eui64) -> Working[NetworkSession | None]:
    """Return the session of a device, as it is now."""
    reply = yield SessionOf(dev_eui)
    assert reply is None or isinstance(reply, NetworkSession), "SessionOf is replied to so"
    return reply

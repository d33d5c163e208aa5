"""What is sent to one server for one question, one attempt after another: a dialogue.

Decides: how big an answer is asked for, when TCP is due, when EDNS is left out. Both clients run
it, the one on a reactor and the one that blocks; they only know sockets.
"""

import dns.flags
from dns.message import Message
from dns.rcode import Rcode

from lab.core.dialogue import Dialogue
from lab.core.entropy import Entropy
from lab.core.errors import TransportError
from lab.core.frozen import dataclass
from lab.core.question import Carrier, Question, Response
from lab.net.dns_query import Edns, NotResponse, Sent, make_query

# What one resolution may take in all (Unbound gives up after some 30 s).
RESOLUTION_S = 20.0

# What the datagrams offer, one after the other: smaller ones get through more often.
TRIES = (Edns.USUAL, Edns.SMALL)

# RFC 6891 section 7: from servers that do not know EDNS. (BADVERS is of those that do.)
_WITHOUT_EDNS = frozenset({Rcode.FORMERR, Rcode.NOTIMP})
_RCODE, _TC = 0x000F, int(dns.flags.TC)


class CaseLostError(TransportError):
    """Report a response that is right but for the case of the name: ask where none can forge."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Ask for a query to be sent, and for the response to it.

    Attributes:
        sent: the query.
        carrier: UDP or TCP.
    """

    sent: Sent
    carrier: Carrier


def exchange(question: Question, entropy: Entropy) -> Dialogue[Attempt, Message, Response]:
    """Return what the server of *question* answers.

    Raises:
        TransportError: the last attempt failed.
    """
    response = yield from _attempts(question, entropy, TRIES)
    message = response.message
    if int(message.flags) & _RCODE in _WITHOUT_EDNS and message.edns < 0:
        response = yield from _attempts(question, entropy, (Edns.NONE,))
    return response


def _attempts(
    question: Question, entropy: Entropy, tries: tuple[Edns, ...]
) -> Dialogue[Attempt, Message, Response]:
    """Return the answer over UDP; over TCP if UDP had no room for it, or was not safe."""
    error = TransportError("it was not asked")
    for edns in tries:
        sent = make_query(question, edns, entropy)
        try:
            message = yield Attempt(sent, Carrier.UDP)
        except CaseLostError:
            pass
        except TransportError as failed:
            error = failed
            continue
        else:
            if not int(message.flags) & _TC:
                return Response(message, question.server, Carrier.UDP)
        message = yield Attempt(sent, Carrier.TCP)
        return Response(message, question.server, Carrier.TCP)
    raise error


def read_datagram(sent: Sent, datagram: bytes) -> Message | None:
    """Return the response that *datagram* is; None if the wait goes on.

    Raises:
        CaseLostError: it may be forged.
    """
    message = sent.response(datagram)
    if message is NotResponse.CASE_LOST:
        raise CaseLostError(message.value)
    return message if isinstance(message, Message) else None

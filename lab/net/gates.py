"""Make the gates of TLS connections: the dialogues of `tls.authentication`, driven over sockets."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dns.name import Name

from lab.core.instant import Clock
from lab.core.question import Question, Response
from lab.dane.decision import Decision
from lab.dane.policy import ClientPolicy, ServerPolicy
from lab.net.drive import drive
from lab.net.tls import Gate
from lab.tls.authentication import Presented, authenticate_client, authenticate_server
from lab.validator.settings import Settings


@dataclass(frozen=True, slots=True)
class Asker:
    """Hold what a gate needs to ask the DNS.

    Attributes:
        ask: sends one question, e.g. `DnsClient.ask`.
        settings: hints and anchors of the validation.
        clock: the lab's.
    """

    ask: Callable[[Question], Awaitable[Response]]
    settings: Settings
    clock: Clock


def gate_for_clients(asker: Asker, policy: ClientPolicy) -> Gate:
    """Return the gate of a server: looks each client up in the DNS."""

    async def gate(presented: Presented) -> Decision:
        now = asker.clock.now()
        return await drive(authenticate_client(presented, policy, asker.settings, now), asker.ask)

    return gate


def gate_for_server(asker: Asker, policy: ServerPolicy, host: Name, port: int) -> Gate:
    """Return the gate of a client that wants to talk to *host* at *port*.

    The port is the one of the TLSA owner name, wherever the server listens in the lab.
    """

    async def gate(presented: Presented) -> Decision:
        now = asker.clock.now()
        return await drive(
            authenticate_server(host, port, presented, policy, asker.settings, now), asker.ask
        )

    return gate

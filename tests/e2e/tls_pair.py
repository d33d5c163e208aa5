"""Serve HTTPS behind a gate, and ask it as a client: run by test_tls_sockets.py in a subprocess.

The gates compare with TLSA records that were made here instead of looked up.

    tls_pair.py serve FOLDER REQUIRE     print the port, serve until it is killed
    tls_pair.py pair CASE                one exchange; the cases stand in test_tls_sockets.py
"""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import dns.name
from dns.name import Name
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.task import react

from lab.core.entropy import SeededEntropy
from lab.core.errors import TransportError
from lab.core.instant import Instant
from lab.core.status import Proven, SecurityStatus
from lab.dane.client_id import Profile, push_client_id, push_request
from lab.dane.decision import Decision
from lab.dane.discovery import Endpoint
from lab.dane.evidence import DnsStatus, Found, TlsaEvidence
from lab.dane.matching import match
from lab.dane.policy import ClientPolicy, ServerPolicy, decide_client, decide_server, identify
from lab.dane.tlsa import MatchingType, Selector, TlsaRecord, Usage, make_tlsa, server_owner
from lab.net.http import HttpRequest, HttpResponse
from lab.net.http_client import exchange
from lab.net.http_server import listen_https
from lab.net.ports import PortSet
from lab.net.reactor import Reactor
from lab.net.tls import Guard
from lab.pki.ca import CertificateAuthority
from lab.pki.identity import Identity
from lab.pki.path import Expected
from lab.pki.profiles import Purpose
from lab.tls.authentication import Presented, claim_of
from lab.tls.context import ClientAuth, ClientRole, Context, ServerRole
from lab.tls.extension import ClientIdSettings

NOW = Instant(1_790_000_000)
SERVER = dns.name.from_text("js.afnic.example")
WHERE = Endpoint(SERVER, 443, "tcp", (SERVER,), (), (), DnsStatus.SECURE, ())
CLIENT = dns.name.from_text("_ns-client.ns.tsp.example")
STRANGER = dns.name.from_text("_ns-client.ns.stranger.example")


def identities() -> tuple[Identity, Identity]:
    """Return those of a server and of a client, each from an operator of its own."""
    entropy = SeededEntropy("tls_pair")
    afnic = CertificateAuthority.create("Afnic", NOW, entropy)
    tsp = CertificateAuthority.create("TSP", NOW, entropy)
    names = CLIENT.to_text(omit_final_dot=True), "ns.tsp.example"
    return (
        afnic.issue((SERVER.to_text(omit_final_dot=True),), Purpose.SERVER, NOW, entropy),
        tsp.issue(names, Purpose.CLIENT, NOW, entropy),
    )


def evidence(owner: Name, identity: Identity | None) -> TlsaEvidence:
    """Return what a secure lookup would have found."""
    if identity is None:
        return TlsaEvidence(owner, Found.NXDOMAIN, Proven(SecurityStatus.SECURE, ()))
    rdata = make_tlsa(identity.leaf, Usage.DANE_EE, Selector.SPKI, MatchingType.SHA2_256)
    records = (TlsaRecord.from_rdata(rdata),)
    return TlsaEvidence(owner, Found.RECORDS, Proven(SecurityStatus.SECURE, records))


def server_gate(
    client: Identity, policy: ClientPolicy
) -> Callable[[Presented], Awaitable[Decision]]:
    """Return the gate of a server that knows one client."""

    async def gate(presented: Presented) -> Decision:
        await pause()
        claim = claim_of(presented)
        identified = identify(claim, policy)
        if isinstance(identified, Decision):
            return identified
        found = evidence(identified.name, client if identified.name == CLIENT else None)
        expected = Expected(identified.name, Purpose.CLIENT, NOW)
        compared = match(presented.chain, found.secure_records(), expected)
        return decide_client(identified, claim, policy, found, compared)

    return gate


def client_gate(known: Identity) -> Callable[[Presented], Awaitable[Decision]]:
    """Return the gate of a client that knows one server."""

    async def gate(presented: Presented) -> Decision:
        await pause()
        found = evidence(server_owner(SERVER, 443), known)
        expected = Expected(SERVER, Purpose.SERVER, NOW)
        compared = match(presented.chain, found.secure_records(), expected)
        return decide_server(WHERE, ServerPolicy(), found, compared)

    return gate


async def pause() -> None:
    """Take as long as a lookup would."""
    later: Deferred[None] = Deferred()
    cast("Reactor", installed).callLater(0.05, later.callback, None)
    await later


async def hello(request: HttpRequest, decision: Decision) -> HttpResponse:
    """Greet by the authenticated name."""
    who = decision.identity.to_text(omit_final_dot=True) if decision.identity else "stranger"
    return HttpResponse(200, body=f"{request.method} {request.target}: hello {who}\n".encode())


def listen(reactor: Reactor, ports: PortSet, *, require: bool) -> int:
    """Open the server and return its port."""
    server, client = identities()
    request = ClientIdSettings(push_request(Profile.CLIENT_AUTH_13))
    auth = ClientAuth.REQUIRED if require else ClientAuth.OPTIONAL
    context = Context(ServerRole(server, auth, request))
    policy = ClientPolicy(require_dane=require)
    guard = Guard(context, server_gate(client, policy))
    return listen_https(reactor, ports, ("127.0.0.1", 0), lambda: guard, hello)


async def pair(reactor: Reactor, case: str) -> None:
    """Play one exchange and print what the client saw."""
    server, client = identities()
    ports = PortSet()
    port = listen(reactor, ports, require=True)
    name = {"unknown": STRANGER}.get(case, CLIENT)
    settings = None if case == "no-extension" else ClientIdSettings(push_client_id(name))
    known = client if case == "other-server" else server
    guard = Guard(Context(ClientRole(client, settings)), client_gate(known))
    request = HttpRequest("POST", "/join", body=b"x" * 20000)
    if case == "nobody":
        await ports.close()
    where = "127.0.0.1", port
    try:
        result = await exchange(reactor, where, "js.afnic.example", guard, request)
    except TransportError as error:
        sys.stdout.write(f"none||{error}\n")
        return
    decided = result.decision.verdict.value if result.decision else "none"
    body = result.response.body.decode() if result.response else ""
    sys.stdout.write(f"{decided}|{body.strip()}|{result.refusal}\n")
    await ports.close()


async def serve(reactor: Reactor, *, require: bool) -> None:
    """Serve until the test ends this process."""
    port = listen(reactor, PortSet(), require=require)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await Deferred()


def main(reactor: Reactor, mode: str, *arguments: str) -> "Deferred[None]":
    """Do what the command line says."""
    if mode == "serve":
        folder, demand = arguments
        Path(folder, "client.pem").write_bytes(identities()[1].to_pem())
        return Deferred.fromCoroutine(serve(reactor, require=demand == "require"))
    return Deferred.fromCoroutine(pair(reactor, arguments[0]))


if __name__ == "__main__":
    react(main, sys.argv[1:])

"""Ask nameservers over TLS (RFC 7858), as far as the asker wants it.

OPPORTUNISTIC (RFC 9539, RFC 8310 section 5): TLS if the server speaks it, whoever it is, else in
clear. It keeps out who only listens.

STRICT keeps out also who can change packets: the server has to show the key that its TLSA records
name (RFC 6698, validated here), or one that the user has pinned (RFC 7858 section 4.2). These
records come from the DNS, and there the chicken and the egg meet: somebody has to be asked before
anybody is known. So the TLSA lookup goes another way than the questions: of a nameserver in clear,
as its name is no secret, of a resolver over TLS with nobody authenticated (RFC 8310 section 7.3).
Whoever changes an answer there is found out by DNSSEC, and whoever suppresses it stops the walk.

A nameserver whose zone proves that it has no TLSA records has promised nothing, and is asked in
clear: else no walk could begin. Mail is sent by the same rule (RFC 7672 section 2.2). A resolver
that the user has named is never asked in clear.
"""

from dataclasses import field, replace

from dns.message import Message
from dns.name import Name, root

from lab.core.checks import Report
from lab.core.errors import TransportError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.question import Carrier, Profile, Question, Response, Role, Server
from lab.core.status import Proven, SecurityStatus
from lab.dane.decision import Decision, Verdict
from lab.dane.discovery import Endpoint
from lab.dane.evidence import DnsStatus, Found, TlsaEvidence
from lab.dane.policy import ServerPolicy
from lab.dane.tlsa import TlsaRecord, parse_parameters, server_owner
from lab.net.dns_client import DnsClient
from lab.net.dns_query import Edns, make_query
from lab.net.dot_lines import DotLines, Judge, Peer
from lab.net.drive import drive
from lab.net.privacy import Privacy
from lab.tls.authentication import Presented, judge_server
from lab.tls.lookup import look_up_tlsa
from lab.validator.settings import Settings

# Two round trips more than a datagram, and arithmetic on both sides.
TLS_TIMEOUT_S = 3.0

# RFC 8467 section 4.1: queries are padded to a multiple of it, so that lengths tell less.
QUERY_BLOCK = 128

_PIN = parse_parameters("3 1 1")
_ANYBODY = Decision(
    Verdict.GENERAL_POLICY, None, Report("opportunistic TLS authenticates no server")
)
_NO_PROMISE = frozenset({DnsStatus.SECURE_ABSENT, DnsStatus.INSECURE})


@dataclass(frozen=True)
class DotClient:
    """Ask questions over TLS.

    Attributes:
        clear: asks where TLS is not to be had; its deadline is ours.
        privacy: what is wanted.
        lines: connections, kept longer than one resolution.
        settings: by which TLSA records are validated.
        now: the same.
        evidence: TLSA records of nameservers, as far as known in this resolution.
    """

    clear: DnsClient
    privacy: Privacy
    lines: DotLines
    settings: Settings
    now: Instant
    evidence: dict[Name, TlsaEvidence] = field(default_factory=dict)

    async def ask(self, question: Question) -> Response:
        """Return what the server of *question* answers.

        Raises:
            TransportError: no answer, or none that came as private as was wanted.
        """
        if self.privacy.profile is Profile.OPPORTUNISTIC:
            return await self._opportunistically(question)
        server = question.server
        evidence = await self._evidence_of(server)
        if evidence.secure_records():
            return await self._authenticated(question, evidence)
        if server.role is Role.RECURSIVE or evidence.dns_status not in _NO_PROMISE:
            raise TransportError(
                f"{server} is not asked: strict privacy wants {evidence.owner} TLSA, and it is "
                f"{evidence.dns_status.value}"
            )
        return await self.clear.ask(question)

    async def _opportunistically(self, question: Question) -> Response:
        peer = Peer(question.server, self._way_to(question.server))
        if not self.lines.avoided(peer):
            try:
                message = await self._over_tls(question, peer, lambda _: _ANYBODY)
                return Response(message, question.server, Carrier.TLS)
            except TransportError:
                self.lines.avoid(peer)
        return await self.clear.ask(question)

    async def _authenticated(self, question: Question, evidence: TlsaEvidence) -> Response:
        server = question.server
        endpoint, host = self._endpoint(server), server.name

        def judge(presented: Presented) -> Decision:
            return judge_server(endpoint, (host, evidence), presented, ServerPolicy(), self.now)

        # RFC 7671 section 7: with DANE the SNI is the name that the TLSA records are of.
        sni = "" if host == root else host.to_text(omit_final_dot=True)
        message = await self._over_tls(question, Peer(server, self._way_to(server), sni), judge)
        carrier = Carrier.TLS_PIN if self.privacy.pins else Carrier.TLS_DANE
        return Response(message, server, carrier)

    def _way_to(self, server: Server) -> tuple[str, int]:
        return self.clear.way(server.address, self.privacy.port)

    def _endpoint(self, server: Server) -> Endpoint:
        """Return *server* in the words of DANE; how its address was found plays no part."""
        bases, addresses = (server.name,), (server.address,)
        secure = DnsStatus.SECURE
        return Endpoint(server.name, self.privacy.port, "tcp", bases, (), addresses, secure, ())

    async def _over_tls(self, question: Question, peer: Peer, judge: Judge) -> Message:
        patience = replace(self.clear, timeout_s=TLS_TIMEOUT_S).patience()
        sent = make_query(question, Edns.USUAL, self.clear.entropy, QUERY_BLOCK)
        try:
            return await self.lines.ask(peer, sent, judge, patience)
        except TransportError as error:
            raise TransportError(f"no answer over TLS from {question.server}: {error}") from error

    async def _evidence_of(self, server: Server) -> TlsaEvidence:
        owner = server_owner(server.name, self.privacy.port)
        if self.privacy.pins:
            return _pinned(owner, self.privacy.pins)
        if server.name not in self.evidence:
            ask = self.clear.ask if server.role is Role.AUTHORITATIVE else self._opportunistically
            lookup = look_up_tlsa(owner, self.settings, self.now)
            self.evidence[server.name] = await drive(lookup, ask)
        return self.evidence[server.name]


def _pinned(owner: Name, pins: tuple[bytes, ...]) -> TlsaEvidence:
    """Return what the user says about a server: as good as what DNSSEC proves."""
    records = tuple(TlsaRecord(_PIN.usage, _PIN.selector, _PIN.matching, pin) for pin in pins)
    return TlsaEvidence(owner, Found.RECORDS, Proven(SecurityStatus.SECURE, records))

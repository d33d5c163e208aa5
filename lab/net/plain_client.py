"""Ask one server one question with plain blocking sockets, for programs without a reactor."""

from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.query

from lab.core.errors import TransportError
from lab.core.question import Question, Response, Role

UDP_PAYLOAD = 1232
TIMEOUT_S = 2.0
TRIES = 2


@dataclass(frozen=True, slots=True)
class PlainClient:
    """Ask questions, and wait for each answer.

    Attributes:
        port: where the servers listen.
        timeout_s: seconds to wait for one answer.
        tries: how often a datagram is sent.
    """

    port: int
    timeout_s: float = TIMEOUT_S
    tries: int = TRIES

    def ask(self, question: Question) -> Response:
        """Return what the server of *question* answers: over TCP if it was truncated.

        Raises:
            TransportError: no answer came in time, or the server is not there.
        """
        failed: Exception | None = None
        for _ in range(self.tries):
            try:
                return Response(self._exchange(question), question.server)
            except (dns.exception.DNSException, OSError, EOFError, ValueError) as error:
                failed = error
        raise TransportError(f"no answer from {question.server}: {failed}") from failed

    def _exchange(self, question: Question) -> dns.message.Message:
        query = dns.message.make_query(
            question.qname, question.rdtype, use_edns=0, want_dnssec=True, payload=UDP_PAYLOAD
        )
        server = question.server
        query.flags &= ~dns.flags.RD
        if server.role is Role.RECURSIVE:
            # RFC 6840 section 5.9: CD, or the resolver would withhold what we want to judge.
            query.flags |= dns.flags.RD | dns.flags.CD
        port = self.port if server.port is None else server.port
        # RFC 5452 section 9: what is no answer to this query is ignored, and the wait goes on.
        message, _ = dns.query.udp_with_fallback(
            query, server.address, self.timeout_s, port, ignore_unexpected=True, ignore_errors=True
        )
        return message

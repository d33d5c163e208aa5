"""Judge the peer of a connection as before DANE: a path to a trusted root, and no DNS at all.

Both sides of a handshake may do so (RFC 5280 section 6, RFC 9525); the stories about the history of
certificates compare it with DANE.
"""

from cryptography import x509
from dns.name import Name

from lab.core.checks import Outcome, Report, broken
from lab.dane.decision import Decision, Verdict, report_of
from lab.pki import rules
from lab.pki.path import Expected, find
from lab.pki.profiles import Purpose
from lab.tls.authentication import Presented


def decide_by_path(presented: Presented, expected: Expected) -> Decision:
    """Decide about the peer that showed *presented*; only a chain to a trusted root is accepted."""
    report = _path(presented.chain, expected)
    verdict = Verdict.ACCEPT if report.outcome is Outcome.PASSED else Verdict.ABORT
    side = "client" if expected.purpose is Purpose.CLIENT else "server"
    title = f"{side} {expected.name.to_text(omit_final_dot=True)}, by path"
    identity: Name | None = expected.name if verdict is Verdict.ACCEPT else None
    return Decision(verdict, identity, report_of(title, verdict, report))


def _path(chain: tuple[x509.Certificate, ...], expected: Expected) -> Report:
    if not chain:
        wanted = "from the peer a certificate"
        nothing = broken(rules.COMPLETE, "chain", roots=len(expected.roots), missing=wanted)
        return Report("chain", Outcome.FAILED, "nothing was shown", (nothing,))
    return find(chain[0], chain[1:], expected)

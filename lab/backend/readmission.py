"""Give a device a new session while its old one works (LoRaWAN 1.1 section 6.2.4, TS002-1.0 s9).

Types 0 and 2 are the network's to judge: their MIC is made with a key of the session. Type 1 is the
join server's. The new session has the address of the old one, and takes its place as soon as the
device uses it: should the Join-Accept be lost, nothing is.
"""

from dataclasses import replace
from hmac import compare_digest

from lab.backend.admission import (
    Admission,
    Applicant,
    ask_join_server,
    free_address,
    turned_away,
)
from lab.backend.join_messages import RejoinReq
from lab.backend.needs import Keep, Working, session_of
from lab.backend.network import Ground, NetworkSession, Subscriber, candidates
from lab.backend.network_rules import MIC_RIGHT, REJOIN_FRESH
from lab.backend.visits import visiting
from lab.core.checks import Outcome, Report, broken
from lab.lorawan.frames import RejoinRequest
from lab.lorawan.identifiers import Eui64, NetId
from lab.lorawan.security import rejoin_mic


def readmit(
    request: RejoinRequest,
    octets: bytes,
    subscriber: Subscriber,
    ground: Ground,
    visited: NetId | None = None,
) -> Working[Admission]:
    """Ask the join server for a new session, and keep it beside the old one.

    Heard was the request by *visited*; None: by this network.
    """
    known = yield from session_of(request.dev_eui)
    if isinstance(request.home, Eui64):
        old, join_eui = known, request.home
    else:
        found = _judged(request, known)
        if isinstance(found, Report):
            return turned_away(request.dev_eui, found)
        old, join_eui = found, found.join_eui
        yield Keep(old)
    address = free_address(ground) if old is None else old.dev_addr
    applicant = Applicant(request.dev_eui, join_eui, address, octets, RejoinReq)
    admission = yield from ask_join_server(applicant, subscriber, ground)
    offered = admission.session
    if offered is not None:
        # Counters may have gone on while the join server was asked.
        current = yield from session_of(request.dev_eui)
        offered = visiting(offered, current, visited, ground)
        yield Keep(offered if current is None else replace(current, successor=offered))
    return admission


def _judged(request: RejoinRequest, known: NetworkSession | None) -> NetworkSession | Report:
    """Return the session from which a device asks, its RJcount0 counted, or why it does not."""
    title = f"Rejoin-Request of {request.dev_eui}"
    for session in () if known is None else candidates(known):
        mic = rejoin_mic(request, session.keys.s_nwk_s_int_key)
        if not compare_digest(mic, request.mic):
            continue
        # LoRaWAN 1.1 section 6.2.4.1: a counter that is not greater than the last is a replay.
        if request.rj_count < session.rj_count_0:
            least, seen = session.rj_count_0, request.rj_count
            failed = broken(REJOIN_FRESH, title, rj_count_0=seen, least=least)
            return Report(title, Outcome.FAILED, "a replay", (failed,))
        return replace(session, rj_count_0=request.rj_count + 1)
    failed = broken(MIC_RIGHT, title, sessions=0 if known is None else 1)
    return Report(title, Outcome.FAILED, "not of a session", (failed,))

"""Know where devices of this network visit, and end a visit early (TS002-1.0 section 11.3).

A visited network forwards without asking for as long as it was told. When the device takes up a new
session elsewhere, that network is told to stop (PRStopReq): it would only forward what nobody takes
any more. It is told after the first uplink of the new session, so no window waits for it; if it
cannot be reached, the time that it was given ends the visit all the same.
"""

from dataclasses import replace

from lab.backend.downlinks import header_to
from lab.backend.header import PartyId
from lab.backend.message import Answer
from lab.backend.needs import Forget, Keep, VisitorAt, Working, asked, session_of
from lab.backend.network import Ground, NetworkSession, Visit, VisitorSession
from lab.backend.reports import report_of
from lab.backend.results import SUCCESS
from lab.backend.roaming_messages import PRStopAns, PRStopReq
from lab.core.checks import Report
from lab.lorawan.identifiers import Eui64, NetId


def visiting(
    new: NetworkSession, old: NetworkSession | None, visited: NetId | None, ground: Ground
) -> NetworkSession:
    """Return a *new* session with the visit in which it begins, and those of the *old* one to end.

    Args:
        new: of a device that joins or rejoins.
        old: that it had; None: none.
        visited: the network that heard the request; None: this one itself.
        ground: of this network.
    """
    here = _visit(visited, new, ground)
    left = () if old is None else (*old.visits, *old.left)
    return replace(new, visits=here, left=_but(visited, left))


def visited_by(dev_eui: Eui64, visited: NetId, ground: Ground) -> Working[None]:
    """Remember that a network may forward frames of a device for some time, if it may."""
    session = yield from session_of(dev_eui)
    here = () if session is None else _visit(visited, session, ground)
    if session is not None and here:
        yield Keep(replace(session, visits=(*_but(visited, session.visits), *here)))


def end_visits(dev_eui: Eui64, ground: Ground) -> Working[tuple[Report, ...]]:
    """Tell the networks in which a device was during earlier sessions that this is over."""
    session = yield from session_of(dev_eui)
    if session is None or not session.left:
        return ()
    yield Keep(replace(session, left=()))
    reports = []
    for visit in session.left:
        if visit.until >= ground.now:
            stop = PRStopReq(
                header=header_to(visit.net_id, ground), dev_eui=dev_eui, dev_addr=visit.dev_addr
            )
            reply = yield from asked(visit.net_id, stop)
            reports.append(report_of(reply, f"visit at {visit.net_id} ends"))
    return tuple(reports)


def stop(message: PRStopReq) -> Working[tuple[Answer, Report]]:
    """End a visit, as its home or as the network that the device visits wishes.

    Nobody can end what is between two others.
    """
    sender = message.header.sender_id
    visitor = None if message.dev_addr is None else (yield VisitorAt(message.dev_addr))
    if isinstance(visitor, VisitorSession) and visitor.home == sender:
        yield Forget(visitor.dev_addr)
    session = yield from session_of(message.dev_eui)
    if session is not None and any(one.net_id == sender for one in session.visits):
        yield Keep(replace(session, visits=_but(sender, session.visits)))
    answer = PRStopAns(header=message.header.back(), result=SUCCESS)
    return answer, Report(f"visit of {message.dev_eui} ends", conclusion="forgotten")


def _but(party: PartyId | None, visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
    """Return *visits* without those at *party*."""
    return tuple(one for one in visits if one.net_id != party)


def _visit(visited: NetId | None, session: NetworkSession, ground: Ground) -> tuple[Visit, ...]:
    """Return the visit that an agreement allows; none if it is stateless."""
    lifetime = 0 if visited is None else ground.network.agreements.get(visited, 0)
    if visited is None or not lifetime:
        return ()
    return (Visit(visited, session.dev_addr, ground.now + lifetime),)

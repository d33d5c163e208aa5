"""What `lab keys` says: every key with the states of its records, the next event, and why."""

from collections.abc import Mapping
from typing import Any

from dns.exception import DNSException
from dns.name import Name, from_text

from lab.app.control import Command, Emit, Event
from lab.app.server import RunningServer
from lab.core.checks import Report
from lab.core.errors import InputError, LabError
from lab.core.instant import Instant
from lab.dnssec.caches import RECORDS, Place, RecordState
from lab.dnssec.keylife import Goal, KeyLife, Member
from lab.dnssec.rollover import sorted_
from lab.world.build import World
from lab.world.keylife import life_of, timing


def describe_keys(
    world: World, rulings: Mapping[Name, Report], apex: Name, now: Instant
) -> dict[str, Any]:
    """Return the keys of zone *apex* as JSON; times in seconds UTC.

    Args:
        world: that holds them.
        rulings: what each parent last said, by child.
        apex: of the zone.
        now: the lab's present.

    Raises:
        InputError: there is no such zone, or it is not signed.
    """
    zone_life = life_of(world, apex, now)
    life = zone_life.life
    event = life.next_event(timing(world, apex))
    ruling = rulings.get(apex)
    return {
        "zone": str(apex),
        "now": int(now),
        "keys": [
            {
                "id": one.id,
                "role": one.role.value,
                "algorithm": zone_life.secrets[one.id].algorithm.mnemonic,
                "tag": int(zone_life.secrets[one.id].tag),
                "born": int(one.born),
                "goal": one.goal.value,
                "order": one.order.value,
                "records": _records(life, one, now),
            }
            for one in life.members
        ],
        "ds": [one.to_text() for one in world.delegations.get(apex, ())],
        "next_event": None if event is None else int(event),
        "why": why(life),
        "problems": list(life.problems),
        "parent": None if ruling is None else ruling.conclusion,
    }


def _records(life: KeyLife, member: Member, now: Instant) -> dict[str, Any]:
    states = {}
    for record in sorted_(RECORDS[member.role]):
        state, since = life.entered.get((member.id, record), (RecordState.HIDDEN, now))
        states[record.value] = {"state": state.value, "since": int(since)}
    return states


def why(life: KeyLife) -> str:
    """Return in one sentence what the zone waits for."""
    parent = life.histories[Place.PARENT]
    parts = []
    if parent.asked:
        names = ", ".join(sorted(key for key, _ in parent.wanted)) or "no key"
        parts.append(f"the parent is asked, by CDS, for the DS of {names}")
    for place, history in life.histories.items():
        if history.past:
            until = max(one.expires for one in history.past)
            parts.append(f"caches may hold the former {place.value} until {until}")
    if parts:
        return "; ".join(parts)
    if all(_is_settled(life, one) for one in life.members):
        return "nothing: every key is where it shall be"
    return "for the next step"


def _is_settled(life: KeyLife, member: Member) -> bool:
    target = life.target(member)
    return member.goal is not Goal.WITHDRAWN and all(
        life.state((member.id, one))
        is (RecordState.OMNIPRESENT if one in target else RecordState.HIDDEN)
        for one in RECORDS[member.role]
    )


def key_commands_of_server(server: RunningServer) -> dict[str, Command]:
    """Return what a server without parents does about keys: it shows them."""

    async def keys(request: Event, emit: Emit) -> None:
        """Describe the keys of one zone, or of all."""
        emit(described(server, {}, request))

    async def refuse(_request: Event, _emit: Emit) -> None:
        """Say why keys stay as they are."""
        raise LabError(
            "`lab serve` rolls no keys, for it does not see which DS the parent has; a lab of your"
            " own does, which has the parent, too: `lab up --zones FOLDER`"
        )

    return {"keys": keys, "roll": refuse, "secure": refuse}


def described(server: RunningServer, rulings: Mapping[Name, Report], request: Event) -> Event:
    """Return the keys of the zone of *request*, or of all zones that are not broken on purpose."""
    world, now, wanted = server.world, server.clock.now(), request.get("zone")
    honest = (one.apex for one in world.honest if one.apex in world.signers)
    apexes = tuple(honest) if wanted is None else (zone_name(wanted),)
    return {"keys": [describe_keys(world, rulings, one, now) for one in apexes]}


def zone_name(text: object) -> Name:
    """Return the name that a request gives.

    Raises:
        InputError: it gives none.
    """
    try:
        return from_text(str(text))
    except DNSException as error:
        raise InputError(f"{text!r} is not a domain name: {error}") from error

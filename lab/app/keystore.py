"""The keys of zones on disk: one PEM file for each, and what is known of their life beside them.

`keys/<zone>/life.json` is written before anything is served that it describes, and replaced at
once, so that a crash leaves a state from which the next run goes on.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dns.rdata
from dns.name import Name
from dns.rdtypes.ANY.DS import DS

from lab.app.state import StateError, StateFolder
from lab.core.errors import LabError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.dnssec.algorithms import algorithm
from lab.dnssec.caches import Content, Histories, History, Past, Place, Record, RecordState, Wish
from lab.dnssec.keylife import Goal, KeyLife, Member, Order
from lab.dnssec.keys import KeyRole, SigningKey, from_pem
from lab.dnssec.zonelife import ZoneLife
from lab.world.build import World

SCHEMA = 1
LIFE = "life.json"


@dataclass(frozen=True, slots=True)
class KeptZone:
    """Hold what an earlier run left of one zone.

    Attributes:
        zone_life: its keys.
        delegation: the DS RRset that its parent published.
    """

    zone_life: ZoneLife
    delegation: tuple[DS, ...]


class KeyStore:
    """Read and write the keys of zones in one state folder."""

    def __init__(self, state: StateFolder) -> None:
        """Use *state*."""
        self._state = state

    def load(self, apexes: Iterable[Name]) -> dict[Name, KeptZone]:
        """Return what is known of *apexes*; a zone that never ran with a life is left out.

        Raises:
            StateError: a file is damaged.
        """
        kept = {}
        for apex in apexes:
            file = self._state.key_folder(apex) / LIFE
            if file.exists():
                try:
                    kept[apex] = self._zone(apex, json.loads(file.read_text()))
                except (ValueError, KeyError, TypeError, OSError, LabError) as error:
                    raise StateError(
                        f"{file}: {error}; remove the folder of this zone's keys, or everything by"
                        " `lab reset`, to make them anew"
                    ) from error
        return kept

    def _zone(self, apex: Name, document: dict[str, Any]) -> KeptZone:
        if document["schema"] != SCHEMA:
            raise StateError("it was written by another version of the lab")
        life = _life(document)
        secrets = {one.id: self._secret(apex, one) for one in life.members}
        texts = document["delegation"]
        return KeptZone(ZoneLife(life, secrets), tuple(_ds(one) for one in texts))

    def _secret(self, apex: Name, member: Member) -> SigningKey:
        file = self._state.key_folder(apex) / f"{member.id}.pem"
        return from_pem(apex, member.role, algorithm(member.algorithm), file.read_bytes())

    def record(self, before: World | None, after: World) -> None:
        """Write down what *after* has else than *before*: new keys first, then what they do.

        Raises:
            StateError: it cannot be written; the files still say what they said.
        """
        for apex, zone_life in after.lives.items():
            was = None if before is None else before.lives.get(apex)
            delegation = after.delegations.get(apex, ())
            same_ds = before is not None and before.delegations.get(apex, ()) == delegation
            if was == zone_life and same_ds:
                continue
            gone = () if was is None else was.secrets.keys() - zone_life.secrets.keys()
            write = self._state.write_first if was is None else self._state.write_secret
            self._write(apex, KeptZone(zone_life, delegation), gone, write)

    def _write(
        self,
        apex: Name,
        kept: KeptZone,
        gone: Iterable[str],
        write: Callable[[Path, bytes], None],
    ) -> None:
        folder = self._state.key_folder(apex)
        try:
            for name, secret in kept.zone_life.secrets.items():
                file = folder / f"{name}.pem"
                if not file.exists():
                    write(file, secret.pem())
            text = json.dumps(_document(kept), indent=1)
            write(folder / LIFE, text.encode())
            for name in gone:
                (folder / f"{name}.pem").unlink(missing_ok=True)
        except OSError as error:
            raise StateError(f"cannot write the keys of {apex}: {error.strerror}") from error


def _ds(text: str) -> DS:
    rdata = dns.rdata.from_text("IN", "DS", text)
    assert isinstance(rdata, DS)
    return rdata


def _document(kept: KeptZone) -> dict[str, Any]:
    life = kept.zone_life.life
    return {
        "schema": SCHEMA,
        "secure": life.secure,
        "delegation": [one.to_text() for one in kept.delegation],
        "keys": [_member_out(one) for one in life.members],
        "places": {place.name: _history_out(one) for place, one in life.histories.items()},
        "entered": [
            [*_item_out(item), state.value, int(since)]
            for item, (state, since) in life.entered.items()
        ],
    }


def _life(document: dict[str, Any]) -> KeyLife:
    entered = {
        (key, Record(record)): (RecordState(state), Instant(since))
        for key, record, state, since in document["entered"]
    }
    return KeyLife(
        tuple(_member_in(one) for one in document["keys"]),
        _histories_in(document["places"]),
        entered,
        bool(document["secure"]),
    )


def _member_out(one: Member) -> dict[str, Any]:
    return {
        "id": one.id,
        "role": one.role.value,
        "algorithm": one.algorithm,
        "born": int(one.born),
        "goal": one.goal.value,
        "order": one.order.value,
    }


def _member_in(table: dict[str, Any]) -> Member:
    return Member(
        str(table["id"]),
        KeyRole(table["role"]),
        int(table["algorithm"]),
        Instant(table["born"]),
        Goal(table["goal"]),
        Order(table["order"]),
    )


def _item_out(item: tuple[str, Record]) -> tuple[str, str]:
    return item[0], item[1].value


def _content_out(content: Content) -> list[list[str]]:
    return sorted(list(_item_out(one)) for one in content)


def _content_in(pairs: list[list[str]]) -> Content:
    return frozenset((key, Record(record)) for key, record in pairs)


def _history_out(one: History) -> dict[str, Any]:
    return {
        "current": _content_out(one.current),
        "hold": one.ttl,
        "past": [
            {"content": _content_out(past.content), "expires": int(past.expires)}
            for past in one.past
        ],
        "asked": [
            {"content": _content_out(wish.content), "since": int(wish.since)} for wish in one.asked
        ],
    }


def _histories_in(tables: Mapping[str, Any]) -> Histories:
    return dict(_history_pairs(tables))


def _history_pairs(tables: Mapping[str, Any]) -> Iterator[tuple[Place, History]]:
    for name, table in tables.items():
        past = (Past(_content_in(one["content"]), Instant(one["expires"])) for one in table["past"])
        asked = (Wish(_content_in(one["content"]), Instant(one["since"])) for one in table["asked"])
        current = _content_in(table["current"])
        yield Place[name], History(current, int(table["hold"]), tuple(past), tuple(asked))

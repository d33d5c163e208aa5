"""The attacker of a running lab: one hostile relay, as long as there is an attack."""

from dataclasses import replace
from typing import TYPE_CHECKING

from lab.attacks import NamedAttack
from lab.core.checks import Report
from lab.net.dns_exchange import RESOLUTION_S
from lab.net.drive import drive
from lab.net.relay import Relay
from lab.scenario.attack_actions import AttackAction, BeginAttack, EndAttacks, Remembers
from lab.validator.cache import Cache, resolve_cached
from lab.validator.resolve import Validation

if TYPE_CHECKING:
    from lab.app.running import RunningLab


class Attacker:
    """Stand on the way to the nameservers of one lab.

    Attributes:
        attacks: what is being done.
        victims: what somebody has believed who validates nothing.
    """

    def __init__(self, lab: "RunningLab") -> None:
        """Look at *lab*; nothing is opened before the first attack."""
        self._lab = lab
        self._relay: Relay | None = None
        self.victims = Cache()
        self.attacks: tuple[NamedAttack, ...] = ()

    def way(self, address: str, port: int = 0) -> tuple[str, int]:
        """Return where somebody arrives who wants to ask the nameserver at *address*."""
        return (address, port) if self._relay is None else self._relay.way(address)

    @property
    def ways(self) -> dict[str, str]:
        """Return address of each nameserver to where the relay stands; empty if there is none."""
        if self._relay is None:
            return {}
        places = {one: self._relay.way(one) for one in self._lab.world.name_servers}
        return {one: f"{host}:{port}" for one, (host, port) in places.items()}

    async def act(self, action: AttackAction) -> Validation | Report | None:
        """Do what a scenario wants."""
        match action:
            case BeginAttack(attack=attack):
                self.begin(attack)
                return None
            case EndAttacks():
                return await self.end()
            case _:
                lab = self._lab
                settings = replace(lab.settings, anchors=())
                cache = self.victims if action.remembers is Remembers.ANSWERS else None
                about = action.qname, action.rdtype
                dialogue = resolve_cached(*about, settings, lab.clock.now(), cache)
                return await drive(dialogue, lab.client.within(RESOLUTION_S).ask)

    def begin(self, attack: NamedAttack) -> None:
        """Do one thing more."""
        if self._relay is None:
            self.victims.clear()
            self._relay = Relay(self._lab.reactor, self._lab.port, self._lab.clock)
        self._relay.add(attack.rules)
        self.attacks += (attack,)
        self._lab.forget()

    async def end(self) -> Report:
        """Go away, and tell what there was to see and do."""
        relay, self._relay, self.attacks = self._relay, None, ()
        self._lab.forget()
        if relay is None:
            return Report("the relay", conclusion="nobody was on the way")
        await relay.close()
        watched = relay.watched
        return Report(
            "the relay",
            conclusion=f"{watched.seen} responses came by, {watched.changed} were tampered with",
        )

"""The attacker of a running lab: hostile relays on the way, as long as there is an attack."""

from dataclasses import replace
from typing import TYPE_CHECKING

from lab.app.interception import Interception
from lab.app.validating import walk_on
from lab.app.words import Asked
from lab.attacks import NamedAttack
from lab.attacks.connections import OnTls
from lab.core.checks import Report
from lab.core.question import Response
from lab.net.dns_exchange import RESOLUTION_S
from lab.net.dot_lines import DotLines
from lab.net.drive import drive
from lab.net.privacy import Privacy
from lab.net.relay import Relay
from lab.scenario.attack_actions import (
    AskOverTls,
    AttackAction,
    AttackResult,
    BeginAttack,
    CameOver,
    EndAttacks,
    LookUp,
    Remembers,
)
from lab.validator.cache import Cache, resolve_cached

if TYPE_CHECKING:
    from lab.app.running import RunningLab


class Attacker:
    """Stand on the way to the servers of one lab.

    Attributes:
        attacks: what is being done.
        victims: what somebody has believed who validates nothing.
    """

    def __init__(self, lab: "RunningLab") -> None:
        """Look at *lab*; nothing is opened before the first attack."""
        self._lab = lab
        self._relay: Relay | None = None
        self._interception: Interception | None = None
        self.victims = Cache()
        self.attacks: tuple[NamedAttack, ...] = ()

    def way(self, address: str, port: int) -> tuple[str, int]:
        """Return where somebody arrives who wants to reach *port* at *address*."""
        if self._relay is not None and port == self._lab.port:
            return self._relay.way(address)
        ways = {} if self._interception is None else self._interception.ways
        return ways.get((address, port), (address, port))

    @property
    def ways(self) -> dict[str, str]:
        """Return where attackers stand, by the address of a nameserver; of TLS with its port."""
        if self._relay is None or self._interception is None:
            return {}
        places = {one: self._relay.way(one) for one in self._lab.world.name_servers}
        tls = {f"{host}:{port}": way for (host, port), way in self._interception.ways.items()}
        return {one: f"{host}:{port}" for one, (host, port) in {**places, **tls}.items()}

    async def act(self, action: AttackAction) -> AttackResult:
        """Do what a scenario wants."""
        match action:
            case BeginAttack(attack=attack):
                self.begin(attack)
                return None
            case EndAttacks():
                return await self.end()
            case LookUp():
                lab = self._lab
                settings = replace(lab.settings, anchors=())
                cache = self.victims if action.remembers is Remembers.ANSWERS else None
                about = action.qname, action.rdtype
                dialogue = resolve_cached(*about, settings, lab.clock.now(), cache)
                return await drive(dialogue, lab.client.within(RESOLUTION_S).ask)
            case AskOverTls():
                return await self._over_tls(action)

    async def _over_tls(self, action: AskOverTls) -> CameOver:
        plan = self._lab.plan()
        privately = replace(plan, privacy=Privacy(action.profile, plan.dot_port))
        reactor, asked = self._lab.reactor, Asked(action.qname, action.rdtype)
        lines = DotLines(reactor)
        try:
            walked = await walk_on(reactor, privately, asked, lines)
        finally:
            lines.close()
        carriers = (
            one.outcome.carrier
            for one in reversed(walked.recording.exchanges)
            if isinstance(one.outcome, Response)
            and (one.question.qname, one.question.rdtype) == (action.qname, action.rdtype)
        )
        return CameOver(walked.validation, next(carriers, None))

    def begin(self, attack: NamedAttack) -> None:
        """Do one thing more.

        Raises:
            InputError: what it is about is not there.
        """
        relay = self._relay or Relay(self._lab.reactor, self._lab.port, self._lab.clock)
        interception = self._interception or Interception(self._lab, relay)
        if isinstance(attack, OnTls):
            interception.begin(attack)
        if self._relay is None:
            self.victims.clear()
        self._relay, self._interception = relay, interception
        relay.add(attack.rules)
        self.attacks += (attack,)
        self._lab.forget()

    async def end(self) -> Report:
        """Go away, and tell what there was to see and do."""
        relay, self._relay, self.attacks = self._relay, None, ()
        interception, self._interception = self._interception, None
        self._lab.forget()
        if relay is None or interception is None:
            return Report("the relay", conclusion="nobody was on the way")
        await relay.close()
        await interception.close()
        watched, traffic = relay.watched, interception.traffic
        seen, changed = watched.seen, watched.changed
        dns = f"{seen} response{'s' * (seen != 1)} came by, {changed} tampered with"
        return Report("the relay", conclusion="; ".join(filter(None, (dns, str(traffic)))))

"""A crowd of clients that a scenario sends to a server: who is there, and how it ends."""

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime

from lab.core.checks import Report
from lab.core.errors import LabError
from lab.dane.bounds import Tally
from lab.dane.client_id import push_client_id
from lab.dane.decision import Decision, Verdict
from lab.net.http import Exchange
from lab.scenario.crowd import BeginCrowd, CrowdResult
from lab.tls.authentication import Presented

_CARELESS = Decision(Verdict.GENERAL_POLICY, None, Report("a stranger does not check servers"))


async def careless(presented: Presented) -> Decision:
    """Accept every server: what strangers want is to be looked up."""
    del presented
    return _CARELESS


class Throng:
    """Follow the clients of a crowd.

    Attributes:
        server: to whom they come.
        claims: what each sends as `dane_clientid`.
        there: fires when the server has begun to judge each of them.
    """

    def __init__(self, action: BeginCrowd, tally: Tally, reactor: IReactorTime) -> None:
        """Expect the crowd of *action*; *tally* goes on counting what the server looks up."""
        self.server = action.server
        self.claims = tuple(push_client_id(one) for one in action.claims)
        self.there: Deferred[None] = Deferred()
        self._tally, self._reactor, self._begun = tally, reactor, reactor.seconds()
        self._expected = set(self.claims)
        self._ends: list[Deferred[bool]] = []

    def send(self, claim: bytes, asking: Coroutine[Any, Any, Exchange]) -> None:
        """Let one client go, which asks by *asking*."""
        self._ends.append(Deferred.fromCoroutine(self._follow(claim, asking)))

    async def _follow(self, claim: bytes, asking: Coroutine[Any, Any, Exchange]) -> bool:
        try:
            return (await asking).response is not None
        except LabError:
            return False
        finally:
            self.see(self.server, claim)

    def see(self, server: str, claim: bytes | None) -> None:
        """Note that *server* judges who sent *claim*."""
        if server == self.server and claim in self._expected:
            self._expected.remove(claim)
            if not self._expected:
                self.there.callback(None)

    async def gone(self) -> CrowdResult:
        """Wait for the end of each."""
        answered = await gatherResults(self._ends)
        seconds = self._reactor.seconds() - self._begun
        return CrowdResult(len(self.claims), sum(answered), self._tally, seconds)

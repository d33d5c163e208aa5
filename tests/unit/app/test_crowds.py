"""A crowd at a server: when everybody is there, and when all have gone."""

import dns.name
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from lab.app.crowds import Throng
from lab.core.errors import TransportError
from lab.dane.bounds import Tally
from lab.net.http import Exchange, HttpResponse
from lab.scenario.crowd import BeginCrowd, CrowdResult

ACTION = BeginCrowd("intruder.ns", "afnic.js", 2, dns.name.from_text("x.example."))
SERVER = "afnic.js"


class Crowd:
    """Hold a crowd of two, whose ends a test brings about."""

    def __init__(self) -> None:
        self.clock, self.tally = Clock(), Tally()
        self.throng = Throng(ACTION, self.tally, self.clock)
        self.there: list[None] = []
        self.throng.there.addCallback(self.there.append)
        self.ends: list[Deferred[Exchange]] = []
        for claim in self.throng.claims:
            self.ends.append(Deferred())
            self.throng.send(claim, self._ask(self.ends[-1]))
        self.gone: list[CrowdResult] = []

    async def _ask(self, end: "Deferred[Exchange]") -> Exchange:
        return await end

    def wait(self) -> None:
        Deferred.fromCoroutine(self.throng.gone()).addCallback(self.gone.append)


def test_a_crowd_is_there_when_its_server_has_begun_with_everybody() -> None:
    crowd = Crowd()
    first, second = crowd.throng.claims
    crowd.throng.see(SERVER, first)
    crowd.throng.see("tsp.js", second)
    crowd.throng.see(SERVER, b"somebody else")
    assert crowd.there == []
    crowd.throng.see(SERVER, second)
    assert crowd.there == [None]


def test_who_could_not_even_connect_is_not_waited_for() -> None:
    crowd = Crowd()
    crowd.throng.see(SERVER, crowd.throng.claims[0])
    crowd.ends[1].errback(TransportError("nobody listens"))
    assert crowd.there == [None]


def test_a_crowd_has_gone_when_the_last_one_has() -> None:
    crowd = Crowd()
    crowd.wait()
    crowd.clock.advance(3)
    crowd.ends[0].callback(Exchange(None, HttpResponse(200)))
    assert crowd.gone == []
    crowd.ends[1].callback(Exchange(None, None, "handshake_failure (40)"))
    assert crowd.gone == [CrowdResult(2, 1, crowd.tally, 3.0)]

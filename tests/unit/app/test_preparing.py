"""Zones that are signed while something else goes on."""

from dataclasses import dataclass
from typing import cast

import pytest
from twisted.internet.defer import Deferred

from lab.app.preparing import Preparing
from lab.core.errors import LabError
from lab.nameserver.history import History, Publications
from lab.nameserver.tree import ServedZone
from lab.nameserver.whole import PART
from lab.net.reactor import Reactor
from tests.fakes import NOW, name, served
from tests.unit.net.sockets import FakeReactor

APEX = name("example.")
TEXT = "@ 60 SOA ns h {} 2 3 4 60\n@ 60 NS ns\n" + "".join(
    f"n{number} 60 A 192.0.2.1\n" for number in range(3 * PART)
)


def version(serial: int) -> ServedZone:
    return served({"example.": TEXT.format(serial)})[APEX]


@dataclass
class Server:
    """Serve one zone, which may change."""

    zone: ServedZone

    def __call__(self) -> ServedZone:
        return self.zone


class Scene:
    """Prepare one zone in one process."""

    def __init__(self) -> None:
        self.reactor, self.publications = FakeReactor(), Publications()
        self.preparing = Preparing(cast("Reactor", self.reactor), self.publications, 1)
        self.server = Server(version(1))

    def ask(self) -> "Asker":
        return Asker(self)


class Asker:
    """Want a transfer."""

    def __init__(self, scene: Scene) -> None:
        self._turns = scene.preparing.turns(scene.server, NOW)
        self._reactor = scene.reactor
        self.history: History | None = None

    def look(self) -> bool:
        """Look once whether it is there."""
        self.history = self.history or next(self._turns)
        return self.history is not None

    def wait(self) -> History:
        """Wait for it."""
        while not self.look():
            self._reactor.advance(0)
        assert self.history is not None
        return self.history


def test_a_zone_is_signed_in_several_turns_between_which_others_have_theirs() -> None:
    scene, others = Scene(), list[int]()

    def go_on() -> None:
        others.append(len(others))
        if not scene.publications.known(scene.server.zone):
            scene.reactor.callLater(0, go_on)

    asker = scene.ask()
    assert not asker.look()
    go_on()
    asker.wait()
    assert len(others) >= 3
    assert asker.wait() == Publications().of(version(1), NOW)
    assert scene.ask().look()


def test_all_who_ask_at_once_get_what_is_made_once() -> None:
    scene = Scene()
    askers = [scene.ask() for _ in range(3)]
    assert [one.look() for one in askers] == [False] * 3
    first, second, third = (one.wait() for one in askers)
    assert first is second
    assert second is third


def test_a_change_meanwhile_is_not_in_what_is_sent_and_in_what_is_sent_next() -> None:
    scene = Scene()
    early = scene.ask()
    assert not early.look()
    scene.server.zone = version(2)
    late = scene.ask()
    assert not late.look()
    assert early.wait().latest == Publications().of(version(1), NOW).latest
    history = late.wait()
    assert history.latest == Publications().of(version(2), NOW).latest
    assert [one.since for one in history.steps] == [1]


def test_who_does_not_ask_again_and_again_is_told_when_it_is_there() -> None:
    scene, done = Scene(), list[object]()
    Deferred.fromCoroutine(scene.preparing.prepared(scene.server, NOW)).addBoth(done.append)
    while not done:
        scene.reactor.advance(0)
    assert scene.publications.known(scene.server.zone) is not None


def test_whoever_waits_hears_that_it_is_given_up() -> None:
    scene = Scene()
    asker = scene.ask()
    assert not asker.look()
    scene.preparing.stop()
    with pytest.raises(LabError, match=r"example\. could not be signed"):
        asker.wait()

"""Frames of one device that are worked on at the same time count once, and never backwards."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Generic

import pytest

from lab.backend.application_server import ApplicationNeed, ApplicationReply, handle
from lab.backend.deduplication import Reception, Uplink
from lab.backend.message import Message
from lab.backend.needs import Ask, Keep, Need, Reply
from lab.backend.network_server import take
from lab.core.checks import Outcome, Report
from lab.core.dialogue import AnswerT, AskT, Dialogue, ResultT, answer_all
from lab.lorawan.device import Confirmation, Saying, join, uplink
from lab.lorawan.hearing import Joined
from lab.lorawan.hearing import Message as Heard
from lab.lorawan.packets import Received
from tests.lorawan import AS_ID, DEV_EUI, FREQUENCY, GATEWAY, NOW, Edge, World

PAYLOAD = b"21.5"


class Paused(Generic[AskT, AnswerT, ResultT]):
    """Run a dialogue as the edge does: what it needs is done at once, the reply may come later.

    That is so when others are asked, and when something goes to disk.
    """

    def __init__(
        self, dialogue: Dialogue[AskT, AnswerT, ResultT], answer: Callable[[AskT], AnswerT]
    ) -> None:
        self._steps = self._run(dialogue, answer)
        self.result: ResultT | None = None

    def _run(
        self, dialogue: Dialogue[AskT, AnswerT, ResultT], answer: Callable[[AskT], AnswerT]
    ) -> Iterator[AskT]:
        need = next(dialogue)
        while True:
            reply = answer(need)
            yield need
            try:
                need = dialogue.send(reply)
            except StopIteration as stop:
                self.result = stop.value
                return

    def goes_on(self, *, until: tuple[type, ...] = (Ask, Keep)) -> None:
        """Go on until one of these is done, but its reply has not come."""
        for need in self._steps:
            if isinstance(need, until):
                return

    def ends(self) -> ResultT:
        self.goes_on(until=())
        assert self.result is not None
        return self.result


def working(edge: Edge, octets: bytes) -> Paused[Need, Reply, Report]:
    """Start on a frame that a gateway of *edge* heard."""
    received = Received(octets, 1000, FREQUENCY, "SF7BW125", -100, 4.0)
    heard = Uplink(octets, (Reception(GATEWAY, received),))
    return Paused(take(heard, edge.ground), edge.answer)


def confirmed(world: World) -> bytes:
    saying = Saying(7, PAYLOAD, Confirmation.CONFIRMED, data_rate=5, channel=1)
    frame, world.device = uplink(world.device, saying)
    return frame.push()


@pytest.fixture
def world() -> World:
    made = World()
    assert isinstance(made.joins(made.home), Joined)
    return made


@pytest.mark.parametrize("same", [True, False], ids=["the same frame", "two frames"])
def test_in_whatever_order_two_frames_are_worked_on_each_counts_once(*, same: bool) -> None:
    for order in product((0, 1), repeat=6):
        world = World()
        world.joins(world.home)
        first = confirmed(world)
        second = first if same else confirmed(world)
        both = [working(world.home, first), working(world.home, second)]
        for which in order:
            both[which].goes_on()
        for one in both:
            one.ends()
        read = [one.f_cnt for one in world.application.readings]
        assert len(read) == len(set(read)), order
        assert world.home.sessions[DEV_EUI].f_cnt_up == (1 if same else 2), order
        sent = [transmit.octets for _, transmit in world.home.sent]
        assert len(sent) == len(set(sent)), order


def test_the_answer_to_an_earlier_request_does_not_undo_a_later_one(world: World) -> None:
    request, asking = join(world.device)
    earlier = working(world.home, request.push())
    earlier.goes_on(until=(Ask,))
    world.device, world.home.now = asking, NOW + 10
    assert isinstance(world.joins(world.home), Joined)
    sent = len(world.home.sent)
    assert earlier.ends().outcome is Outcome.FAILED
    assert len(world.home.sent) == sent
    assert world.says(world.home, Saying(7, PAYLOAD)).outcome is Outcome.PASSED


def test_nothing_is_answered_in_a_session_that_has_ended_meanwhile(world: World) -> None:
    late = working(world.home, confirmed(world))
    late.goes_on(until=(Ask,))
    assert isinstance(world.joins(world.home), Joined)
    sent = len(world.home.sent)
    late.ends()
    assert len(world.home.sent) == sent
    world.home.hears(confirmed(world))
    heard = world.listens(world.home)
    assert isinstance(heard, Heard)
    assert heard.f_cnt == 0


def test_while_a_key_is_asked_for_a_later_payload_is_not_uncounted(world: World) -> None:
    world.join_server.wraps = False
    world.joins(world.home)
    application, carried = world.application, []

    def carry(message: Message) -> None:
        carried.append(message)

    world.home.partners[AS_ID] = carry
    for _ in range(2):
        world.says(world.home, Saying(7, PAYLOAD))
    earlier, later = (
        Paused[ApplicationNeed, ApplicationReply, object](
            handle(one, application.desk), application.answer
        )
        for one in carried
    )
    earlier.goes_on(until=(Ask,))
    later.ends()
    earlier.ends()
    assert [one.f_cnt for one in application.readings] == [1]
    assert application.sessions[DEV_EUI].f_cnt_up == 2
    answer_all(handle(carried[1], application.desk), application.answer)
    assert len(application.readings) == 1

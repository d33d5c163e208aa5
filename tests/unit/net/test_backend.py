"""Messages between roles: what is answered before a role is asked, and which answer is whose."""

import json
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar

import dns.name
import pytest
from dns.name import Name
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from lab.backend.discovery import Location, Way
from lab.backend.header import Header, PartyId
from lab.backend.join_messages import HomeNSAns, HomeNSReq
from lab.backend.message import Answer, Message
from lab.backend.messages import MAX_MESSAGE, pull_message, push_message
from lab.backend.results import SUCCESS, ResultCode
from lab.core.checks import Outcome, Report
from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError, TransportError
from lab.dane.decision import Decision, Verdict
from lab.dane.discovery import Endpoint
from lab.dane.evidence import DnsStatus
from lab.lorawan.identifiers import Eui64, NetId
from lab.net.backend_client import ANSWER_S, Asked
from lab.net.backend_http import JSON, Passed, Roles, Style
from lab.net.http import Exchange, HttpRequest, HttpResponse

NS = dns.name.from_text("_ns-client.ns.afnic.example")
JS = dns.name.from_text("_js-client.js.afnic.example")
AFNIC, TSP = NetId(b"\0\5\x0a"), NetId(b"\0\5\x0b")
EUI = Eui64.from_text("00005e100000002f")
DEVICE = Eui64.from_text("0102030405060708")
SPEAKERS: dict[PartyId, Name] = {AFNIC: NS, EUI: JS}

T = TypeVar("T")


def accepted(client: Name | None) -> Decision:
    return Decision(Verdict.ACCEPT, client, Report("client"))


@dataclass
class Lab:
    """Two servers that reach each other without sockets: "ns" and "js"."""

    posted: list[tuple[str, bytes]] = field(default_factory=list)
    reachable: bool = True
    response: HttpResponse | None = None
    refusing: Exchange | None = None
    roles: Roles = field(init=False)
    clock: Clock = field(default_factory=Clock)
    passed: list[Passed] = field(default_factory=list)
    vouched: list[PartyId] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.roles = Roles(self, self.clock, SeededEntropy("roles"))
        self.roles.listeners.append(self.passed.append)

    async def find(self, party: PartyId) -> Location:
        host = dns.name.from_text("js" if party == EUI else "ns", None)
        there = Endpoint(host, 443, "tcp", (host,), (), ("",), DnsStatus.SECURE, ())
        found = (there, there) if party in SPEAKERS else ()
        return Location(host, Way.ADDRESS, found, Report("where", conclusion="nowhere"))

    async def vouch(self, party: PartyId, client: Name) -> Report:
        self.vouched.append(party)
        holds = SPEAKERS.get(party) == client
        return Report("speaks", Outcome.PASSED if holds else Outcome.FAILED)

    async def post(self, identity: str, endpoint: Endpoint, octets: bytes) -> Exchange:
        self.posted.append((identity, octets))
        if not self.reachable:
            raise TransportError("nobody listens")
        if self.refusing is not None:
            return self.refusing
        if self.response is not None:
            return Exchange(accepted(None), self.response)
        desk = self.roles.desk(str(endpoint.host))
        assert desk is not None
        request = HttpRequest("POST", "/", (("content-type", JSON),), octets)
        sender = {"ns": NS, "js": JS}[identity]
        return Exchange(accepted(None), await desk.receive(request, accepted(sender)))


@dataclass
class Home:
    """Know the home of every device."""

    error: Exception | None = None
    asked: list[Message] = field(default_factory=list)

    async def handle(self, message: Message, _identity: Name) -> Answer:
        self.asked.append(message)
        if self.error is not None:
            raise self.error
        header = message.header.back()
        return HomeNSAns(header=header, result=SUCCESS, h_net_id=AFNIC)


def request(sender: PartyId = AFNIC, receiver: PartyId = EUI) -> HomeNSReq:
    return HomeNSReq(header=Header("1.0", sender, receiver, 7), dev_eui=DEVICE)


def lab(style: Style = Style.SYNCHRONOUS, role: Home | None = None) -> Lab:
    made = Lab()
    made.roles.register("js", role or Home(), [EUI], style)
    made.roles.register("ns", Home(), [AFNIC])
    return made


def now(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine that waits for nothing returns."""
    got: list[T] = []
    Deferred.fromCoroutine(coroutine).addCallback(got.append)
    (result,) = got
    return result


def sent(
    made: Lab, body: bytes, kind: str = JSON, client: Name | None = NS, to: str = "js"
) -> HttpResponse:
    desk = made.roles.desk(to)
    assert desk is not None
    http = HttpRequest("POST", "/any/path", (("content-type", kind),), body)
    return now(desk.receive(http, accepted(client)))


def result_of(response: HttpResponse) -> ResultCode:
    assert (response.status, dict(response.headers)["content-type"]) == (200, JSON)
    answer = pull_message(response.body)
    assert isinstance(answer, Answer)
    return answer.result.code


def test_a_request_is_answered_in_the_response() -> None:
    made = lab()
    response = sent(made, push_message(request()))
    answer = pull_message(response.body)
    assert isinstance(answer, HomeNSAns)
    assert (answer.h_net_id, answer.header.transaction_id) == (AFNIC, 7)
    assert made.passed == [Passed("js", NS, request(), answer)]


def test_a_client_that_speaks_for_another_network_is_an_unknown_sender() -> None:
    role = Home()
    made = lab(role=role)
    response = sent(made, push_message(request(TSP)))
    assert result_of(response) is ResultCode.UNKNOWN_SENDER
    assert role.asked == []
    assert result_of(sent(made, push_message(request()), client=JS)) is ResultCode.UNKNOWN_SENDER


def test_a_receiver_that_is_not_served_here_is_unknown() -> None:
    body = push_message(request(receiver=DEVICE))
    response = sent(lab(), body)
    assert result_of(response) is ResultCode.UNKNOWN_RECEIVER
    assert b'"UnkownReceiver"' in response.body


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ProtocolVersion": "9.9"}, ResultCode.INVALID_PROTOCOL_VERSION),
        ({"DevEUI": "short"}, ResultCode.MALFORMED_REQUEST),
    ],
)
def test_a_protocol_error_has_status_200_and_a_result(
    change: dict[str, str], code: ResultCode
) -> None:
    members = {**json.loads(push_message(request())), **change}
    assert result_of(sent(lab(), json.dumps(members).encode())) is code


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        (b"{", JSON, 400, b"not JSON"),
        (b"{}", JSON, 400, b"ProtocolVersion is missing"),
        (b" " * (MAX_MESSAGE + 1), JSON, 413, b"at most 32768 octets"),
        (push_message(request()), "text/plain", 415, b"expected content-type: application/json"),
        (push_message(request()), "", 415, b"not none"),
    ],
)
def test_what_is_no_message_has_another_status(
    body: bytes, kind: str, status: int, words: bytes
) -> None:
    response = sent(lab(), body, kind)
    assert response.status == status
    assert words in response.body


def test_a_message_of_32_kib_is_read() -> None:
    body = push_message(request())
    assert sent(lab(), body + b" " * (MAX_MESSAGE - len(body))).status == 200


def test_a_content_type_may_have_parameters() -> None:
    assert sent(lab(), push_message(request()), "Application/JSON; charset=utf-8").status == 200


def test_a_client_without_an_authenticated_name_is_not_answered() -> None:
    assert sent(lab(), push_message(request()), client=None).status == 403


def test_trouble_of_a_role_is_told_as_other() -> None:
    made = lab(role=Home(InputError("the file is gone")))
    assert result_of(sent(made, push_message(request()))) is ResultCode.OTHER


def asked(made: Lab, message: Message) -> Asked:
    return now(made.roles.correspondent("ns").ask(message))


@pytest.mark.parametrize("style", Style)
def test_an_answer_comes_in_the_response_or_in_a_post_of_its_own(style: Style) -> None:
    made = lab(style)
    first, second = asked(made, request()), asked(made, request())
    assert isinstance(first.answer, HomeNSAns)
    assert first.answer.h_net_id == AFNIC
    ids = [one.request.header.transaction_id for one in (first, second)]
    assert ids[1] == ids[0] + 1
    late = ["ns", "js"] if style is Style.ASYNCHRONOUS else ["ns"]
    assert [name for name, _ in made.posted] == late * 2


def test_a_late_answer_that_does_not_come_is_waited_for_within_bounds() -> None:
    made = lab()
    made.response = HttpResponse(200)
    got: list[Asked] = []
    Deferred.fromCoroutine(made.roles.correspondent("ns").ask(request())).addCallback(got.append)
    made.clock.advance(ANSWER_S - 1)
    assert got == []
    made.clock.advance(1)
    assert (got[0].answer, got[0].problem) == (None, "no answer came within 10 s")


def waiting(made: Lab) -> list[Asked]:
    made.response = HttpResponse(200)
    got: list[Asked] = []
    asking = made.roles.correspondent("js").ask(request(EUI, AFNIC))
    Deferred.fromCoroutine(asking).addCallback(got.append)
    return got


def late(made: Lab, changes: Mapping[str, Any] = MappingProxyType({})) -> bytes:
    """Return an answer of the network server to what the join server waits for."""
    number = json.loads(made.posted[-1][1])["TransactionID"]
    header = replace(Header("1.0", AFNIC, EUI, number), **changes)
    return push_message(HomeNSAns(header=header, result=SUCCESS, h_net_id=TSP))


def test_a_late_answer_reaches_who_waits_for_it() -> None:
    made = lab()
    got = waiting(made)
    assert sent(made, late(made)) == HttpResponse(200)
    assert isinstance(got[0].answer, HomeNSAns)


@pytest.mark.parametrize(
    ("changes", "client"),
    [
        ({"transaction_id": 1}, NS),
        ({"sender_id": TSP}, NS),
        ({}, JS),
        ({"receiver_id": TSP}, NS),
    ],
)
def test_an_answer_that_nobody_waits_for_is_dropped(changes: dict[str, Any], client: Name) -> None:
    made = lab()
    got = waiting(made)
    assert sent(made, late(made, changes), client=client) == HttpResponse(200)
    assert (got, made.passed) == ([], [])


def test_a_second_late_answer_changes_nothing() -> None:
    made = lab()
    got = waiting(made)
    body = late(made)
    for _ in range(2):
        assert sent(made, body).status == 200
    assert len(got) == len(made.passed) == 1


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (HttpResponse(500, body=b"oops\n"), "js says 500: oops"),
        (HttpResponse(200, body=b"oops"), "the answer is malformed: this is not JSON"),
        (
            HttpResponse(200, body=push_message(request())),
            "expected HomeNSAns, not HomeNSReq",
        ),
        (
            HttpResponse(
                200,
                body=push_message(
                    HomeNSAns(header=Header("1.0", EUI, AFNIC, 1), result=SUCCESS, h_net_id=TSP)
                ),
            ),
            "the answer is to transaction 1, not",
        ),
    ],
)
def test_an_answer_that_does_not_fit_is_none(response: HttpResponse, words: str) -> None:
    made = lab()
    made.response = response
    result = asked(made, request())
    assert result.answer is None
    assert words in result.problem


def test_who_cannot_be_found_is_not_asked() -> None:
    made = lab()
    result = asked(made, request(receiver=TSP))
    assert (result.answer, result.problem, made.posted) == (None, "nowhere", [])


def test_every_endpoint_is_tried_before_giving_up() -> None:
    made = lab()
    made.reachable = False
    assert asked(made, request()).problem == "nobody listens"
    assert len(made.posted) == 2


@pytest.mark.parametrize(
    ("decision", "posts"),
    [(Decision(Verdict.ABORT, None, Report("server")), 2), (accepted(None), 1)],
)
def test_another_endpoint_is_tried_only_if_nothing_was_sent_to_the_first(
    decision: Decision, posts: int
) -> None:
    made = lab()
    made.refusing = Exchange(decision, None, "no")
    result = asked(made, request())
    assert (result.decision, result.problem, len(made.posted)) == (decision, "no", posts)


def test_an_answer_that_nobody_waits_for_makes_nobody_ask_the_dns() -> None:
    made = lab()
    waiting(made)
    assert sent(made, late(made, {"transaction_id": 1})).status == 200
    assert made.vouched == []
    assert sent(made, late(made)).status == 200
    assert made.vouched == [AFNIC]

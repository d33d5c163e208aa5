"""The messages of the LoRaWAN Backend Interfaces (TS002-1.0 section 22): octets in and out.

All messages go to the same URL of a peer and are told apart by their MessageType. ErrorNotif of
version 1.1 is not among them: no peer is known to send it.
"""

import json
from collections.abc import Iterable

from lab.backend.header import SPOKEN, Header
from lab.backend.join_messages import (
    AppSKeyAns,
    AppSKeyReq,
    HomeNSAns,
    HomeNSReq,
    JoinAns,
    JoinReq,
    RejoinAns,
    RejoinReq,
)
from lab.backend.message import Answer, Message
from lab.backend.results import MalformedError, Result, ResultCode
from lab.backend.roaming_messages import (
    ProfileAns,
    ProfileReq,
    PRStartAns,
    PRStartReq,
    PRStopAns,
    PRStopReq,
    XmitDataAns,
    XmitDataReq,
)
from lab.backend.wire import Table, read_fields, write_fields
from lab.core.errors import PeerError

MAX_MESSAGE = 32 * 1024

# What asks, and what answers it.
ANSWERS: dict[type[Message], type[Answer]] = {
    JoinReq: JoinAns,
    RejoinReq: RejoinAns,
    AppSKeyReq: AppSKeyAns,
    HomeNSReq: HomeNSAns,
    ProfileReq: ProfileAns,
    PRStartReq: PRStartAns,
    PRStopReq: PRStopAns,
    XmitDataReq: XmitDataAns,
}
MESSAGES: dict[str, type[Message]] = {cls.__name__: cls for pair in ANSWERS.items() for cls in pair}


def push_message(message: Message) -> bytes:
    """Return *message* as JSON."""
    members = {
        "MessageType": type(message).__name__,
        **write_fields(message.header),
        **write_fields(message),
    }
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def pull_message(octets: bytes) -> Message:
    """Return the message that JSON *octets* hold.

    Raises:
        MalformedError: they hold none; with the Result that its sender is to be told.
    """
    table = _object(octets)
    try:
        header = Header(**read_fields(Header, table))
    except PeerError as error:
        raise _malformed(str(error)) from error
    message_type = table.get("MessageType")
    cls = MESSAGES.get(message_type) if isinstance(message_type, str) else None
    if cls is None:
        unknown = f"MessageType: {message_type!r:.40} is unknown"
        raise _malformed(unknown, header)
    if header.protocol_version not in SPOKEN:
        spoken = " and ".join(sorted(SPOKEN))
        what = f"ProtocolVersion: {header.protocol_version!r:.40} is not spoken here, but {spoken}"
        result = Result(ResultCode.INVALID_PROTOCOL_VERSION, what)
        raise MalformedError(result, header, cls.__name__)
    try:
        message = cls(header=header, **read_fields(cls, table))
    except PeerError as error:
        raise _malformed(str(error), header, cls.__name__) from error
    if mistake := message.mistake():
        raise _malformed(mistake, header, cls.__name__)
    return message


def refuse(request: Message, code: ResultCode, why: str) -> Answer:
    """Return the answer that says no to *request*; *why* is for people."""
    return ANSWERS[type(request)](header=request.header.back(), result=Result(code, why))


def answer_malformed(error: MalformedError) -> Answer | None:
    """Return how a request is answered that cannot be understood; None: by no message."""
    cls = MESSAGES.get(error.message_type)
    if error.header is None or cls not in ANSWERS:
        return None
    return ANSWERS[cls](header=error.header.back(), result=error.result)


def _object(octets: bytes) -> Table:
    if len(octets) > MAX_MESSAGE:
        raise _malformed(f"a message has at most {MAX_MESSAGE} octets, this has {len(octets)}")
    try:
        table = json.loads(octets.decode(), object_pairs_hook=_members, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _malformed(f"this is not JSON: {error}") from error
    if not isinstance(table, dict):
        raise _malformed("expected a JSON object")
    return table


def _members(pairs: Iterable[tuple[str, object]]) -> Table:
    """Return an object, unless a name stands in it twice: readers differ in which one counts."""
    table: dict[str, object] = {}
    for name, value in pairs:
        if name in table:
            raise ValueError(f"{name!r:.40} stands twice in one object")
        table[name] = value
    return table


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON value")


def _malformed(
    what: str, header: Header | None = None, message_type: object = ""
) -> MalformedError:
    result = Result(ResultCode.MALFORMED_REQUEST, what)
    return MalformedError(result, header, message_type if isinstance(message_type, str) else "")

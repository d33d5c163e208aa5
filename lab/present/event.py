"""A query and its answer as one line for people, and as JSON for programs."""

from datetime import UTC, datetime
from typing import Any

from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.nameserver.event import QueryEvent


def event_line(event: QueryEvent) -> str:
    """Return e.g. `127.53.11.1  www.example.fr. A  NOERROR  219 octets UDP`."""
    transport = event.transport.value
    if event.rcode is None:
        return f"{event.address}  {len(event.query)} octets of {transport} ignored"
    sent = f"{event.octets} octets {transport}"
    if event.messages > 1:
        sent = f"{event.messages} messages, {sent}"
    signed = "" if event.key is None else f"  key {event.key}"
    return f"{event.address}  {_asked(event)}  {Rcode.to_text(event.rcode)}  {sent}{signed}"


def _asked(event: QueryEvent) -> str:
    if event.question is None:
        return "a malformed query"
    name, rdtype, _ = event.question
    opcode = "" if not event.opcode else f"{event.opcode.name} "
    return f"{opcode}{name} {RdataType.to_text(rdtype)}"


def event_to_json(event: QueryEvent) -> dict[str, Any]:
    """Return an event as JSON; what cannot be read is null."""
    question = event.question
    return {
        "time": datetime.fromtimestamp(event.time, UTC).isoformat(timespec="milliseconds"),
        "server": event.address,
        "client": event.peer.host,
        "client_port": event.peer.port,
        "transport": event.transport.value,
        "opcode": None if event.opcode is None else event.opcode.name,
        "qname": None if question is None else str(question[0]),
        "qtype": None if question is None else RdataType.to_text(question[1]),
        "qclass": None if question is None else RdataClass.to_text(question[2]),
        "do": event.wants_dnssec,
        "key": None if event.key is None else str(event.key),
        "rcode": None if event.rcode is None else Rcode.to_text(event.rcode),
        "flags": list(event.flags),
        "ede": list(event.errors),
        "query_octets": len(event.query),
        "answer_octets": event.octets,
        "answer_messages": event.messages,
    }

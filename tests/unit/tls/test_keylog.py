"""The key log (RFC 9850): which lines come, and only on request."""

import pytest

from lab.tls.context import ClientRole, Context, ServerRole
from lab.tls.engine import Engine
from tests.unit.tls.pair import CLIENT, SERVER, Pair

LABELS = {
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_TRAFFIC_SECRET_0",
    "CLIENT_TRAFFIC_SECRET_0",
    "EXPORTER_SECRET",
}
RANDOM_AT = 11  # after the headers of record and message, and the version


@pytest.mark.parametrize("who", ["server", "client"])
def test_each_secret_is_told_with_the_random_of_the_client_hello(who: str) -> None:
    lines: list[str] = []
    logs = {who: lines.append}
    server = Context(ServerRole(SERVER), keylog=logs.get("server"))
    client = Context(ClientRole(CLIENT), keylog=logs.get("client"))
    pair = Pair(Engine(server), Engine(client))
    hello = pair.client.out()
    pair.server.feed(hello)
    pair.pump()
    assert {line.split()[0] for line in lines} == LABELS
    random = hello[RANDOM_AT : RANDOM_AT + 32].hex()
    assert {line.split()[1] for line in lines} == {random}
    assert all(len(bytes.fromhex(line.split()[2])) == 48 for line in lines)

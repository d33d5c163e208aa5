"""s_client would resume its sessions: a server of ours does not, or asks its gate again."""

from pathlib import Path

import pytest

from lab.tls.context import Context, ServerRole
from lab.tls.extension import ClientIdSettings
from lab.tls.resumption import Resumption
from tests.e2e.engines import Met, met_by_s_client
from tests.e2e.running import Tool, free_port, listening
from tests.unit.tls.pair import CLIENT, SERVER


def serving(resumption: Resumption) -> Context:
    return Context(ServerRole(SERVER, client_id=ClientIdSettings(b"\0"), resumption=resumption))


def welcome(met: Met) -> str:
    """Let the client in, and return what it said."""
    met.engine.verified(ok=True)
    met.engine.write(b"welcome\n")
    met.engine.close()
    met.send()
    return met.said()


def test_by_default_s_client_gets_no_ticket(tmp_path: Path) -> None:
    file = tmp_path / "session.pem"
    with met_by_s_client(
        serving(Resumption.OFF), tmp_path, "-ign_eof", "-sess_out", str(file)
    ) as met:
        said = welcome(met)
    assert "welcome" in said
    assert "New Session Ticket arrived" not in said
    assert not file.exists()


@pytest.fixture
def foreign(tool: Tool, tmp_path: Path) -> Path:
    """Return a session of s_client with a server that gives tickets, of the same name."""
    file, pem, port = tmp_path / "foreign.pem", tmp_path / "server.pem", free_port()
    pem.write_bytes(SERVER.to_pem())
    own = "-cert", str(pem), "-key", str(pem)
    where = f"127.0.0.1:{port}"
    with listening(port, "openssl", "s_server", "-accept", where, *own, "-www"):
        words = "s_client", "-connect", where, "-sess_out", str(file), "-ign_eof"
        tool("openssl", *words, feed="GET / HTTP/1.0\r\n\r\n")
    assert file.exists()
    return file


@pytest.mark.parametrize("resumption", Resumption)
def test_a_foreign_ticket_leads_to_a_full_handshake(
    resumption: Resumption, foreign: Path, tmp_path: Path
) -> None:
    with met_by_s_client(
        serving(resumption), tmp_path, "-ign_eof", "-sess_in", str(foreign)
    ) as met:
        assert not met.engine.is_resumed
        assert met.engine.peer_chain == CLIENT.chain[:1]
        assert "New, TLSv1.3" in welcome(met)


def test_a_resumed_s_client_stands_before_the_gate_again(tmp_path: Path) -> None:
    context, file = serving(Resumption.BY_TICKET), tmp_path / "session.pem"
    with met_by_s_client(context, tmp_path, "-ign_eof", "-sess_out", str(file)) as met:
        assert "New, TLSv1.3" in welcome(met)
    with met_by_s_client(context, tmp_path, "-ign_eof", "-sess_in", str(file)) as met:
        assert met.engine.is_resumed
        assert met.engine.peer_chain == CLIENT.chain[:1]
        met.engine.verified(ok=False)
        met.send()
        said = met.said()
    assert "Reused, TLSv1.3" in said
    assert "alert handshake failure" in said


def test_early_data_of_s_client_are_not_read(tmp_path: Path) -> None:
    """The ticket allows none, and libssl drops what comes all the same."""
    context, file = serving(Resumption.BY_TICKET), tmp_path / "session.pem"
    early = tmp_path / "early"
    early.write_text("before the gate")
    with met_by_s_client(context, tmp_path, "-ign_eof", "-sess_out", str(file)) as met:
        welcome(met)
    options = "-ign_eof", "-sess_in", str(file), "-early_data", str(early)
    with met_by_s_client(context, tmp_path, *options) as met:
        said = welcome(met)
        assert met.engine.read() == b""
    assert "Early data was accepted" not in said

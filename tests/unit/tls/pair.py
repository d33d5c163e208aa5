"""Two engines back to back, without a network."""

from dataclasses import dataclass

from lab.core.entropy import SeededEntropy
from lab.core.instant import Instant
from lab.dane.client_id import CODE_POINT
from lab.pki.ca import CertificateAuthority
from lab.pki.identity import Identity
from lab.pki.profiles import Purpose
from lab.tls.context import ClientAuth, ClientRole, Context, ServerRole
from lab.tls.engine import Engine
from lab.tls.extension import ClientIdSettings

NOW = Instant(1_790_000_000)
AFNIC = CertificateAuthority.create("Afnic", NOW, SeededEntropy("afnic"))
TSP = CertificateAuthority.create("TSP", NOW, SeededEntropy("tsp"))
SERVER = AFNIC.issue(("js.afnic.example",), Purpose.SERVER, NOW, SeededEntropy("server"))
CLIENT = TSP.issue(("_ns.tsp.example",), Purpose.CLIENT, NOW, SeededEntropy("client"))


@dataclass
class Pair:
    """Hold both ends of one connection."""

    server: Engine
    client: Engine

    def pump(self) -> None:
        """Carry bytes back and forth until both are silent."""
        while (upstream := self.client.out()) or (downstream := self.server.out()):
            if upstream:
                self.server.feed(upstream)
                continue
            self.client.feed(downstream)


def settings(data: bytes | None, code_point: int = CODE_POINT) -> ClientIdSettings | None:
    """Return the settings of an extension with *data*, or None."""
    return None if data is None else ClientIdSettings(data, code_point)


def handshake(
    request: bytes | None = b"\0",
    client_id: bytes | None = b"\x01a",
    *,
    identity: Identity | None = CLIENT,
    auth: ClientAuth = ClientAuth.REQUIRED,
    code_points: tuple[int, int] = (CODE_POINT, CODE_POINT),
) -> Pair:
    """Return two ends after all that they have to say by themselves."""
    server = Context(ServerRole(SERVER, auth, settings(request, code_points[0])))
    client = Context(ClientRole(identity, settings(client_id, code_points[1])))
    pair = Pair(Engine(server), Engine(client, "js.afnic.example"))
    pair.pump()
    return pair

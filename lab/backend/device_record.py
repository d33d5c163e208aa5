"""What a join server keeps of one device: root keys, and which nonces are used up.

A nonce that was answered must never be answered again, whatever happens to the server: the record
that a request leaves behind is on disk before its answer leaves.
"""

from dataclasses import field, replace

from lab.backend.header import AsId
from lab.core.frozen import dataclass
from lab.lorawan.frames import JoinRequest, RejoinKind, RejoinRequest
from lab.lorawan.identifiers import Eui64, NetId
from lab.lorawan.keys import RootKeys, Version

JOIN_NONCES = 1 << 24
# From this version on DevNonce is a counter; before, a random number that must be new.
_COUNTING = (1, 0, 4)
# An application server may still ask for the key of a session after the device has the next one.
SESSIONS_KEPT = 4
_NEVER = -1


@dataclass(frozen=True, slots=True)
class KnownSession:
    """Hold what an application server can ask for.

    Attributes:
        session_key_id: as in the answer to the network.
        app_s_key: 16 octets.
    """

    session_key_id: bytes
    app_s_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeviceHistory:
    """Hold what has become of a device: all that a join server must not forget.

    Attributes:
        join_nonce: the last one that was given; the next is greater.
        dev_nonces: that were answered; only the last where they are counters.
        rj_count_1: the last one ever; -1: none.
        sessions: the last ones, newest first.
    """

    join_nonce: int = 0
    dev_nonces: frozenset[int] = frozenset()
    rj_count_1: int = _NEVER
    sessions: tuple[KnownSession, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """Hold what a join server knows of a device.

    Attributes:
        dev_eui: its name.
        join_eui: under which this join server knows it.
        root: keys shared with it.
        mac_version: what it speaks, e.g. "1.0.3".
        home: the network that may let it in.
        application: who may have its AppSKey.
        history: what has become of it.
    """

    dev_eui: Eui64
    join_eui: Eui64
    root: RootKeys
    mac_version: str
    home: NetId
    application: AsId
    history: DeviceHistory = DeviceHistory()

    @property
    def version(self) -> Version:
        """Return the version, as far as cryptography differs."""
        return Version.from_text(self.mac_version)

    @property
    def counts_nonces(self) -> bool:
        """Tell whether its DevNonce is a counter (LoRaWAN 1.0.4 and 1.1, section 6.2)."""
        parts = tuple(int(part) for part in self.mac_version.split(".") if part.isdigit())
        return parts >= _COUNTING

    def is_fresh(self, request: JoinRequest | RejoinRequest) -> bool:
        """Tell whether *request* was never answered."""
        past = self.history
        if isinstance(request, RejoinRequest):
            # LoRaWAN 1.1 section 6.2.4: RJcount0 is the network's to judge, whose key is under the
            # MIC; RJcount1 is ours, and never starts anew.
            return request.kind is not RejoinKind.ROAM or request.rj_count > past.rj_count_1
        if self.counts_nonces:
            return request.dev_nonce > max(past.dev_nonces, default=_NEVER)
        return request.dev_nonce not in past.dev_nonces

    def after(self, request: JoinRequest | RejoinRequest, session: KnownSession) -> "DeviceRecord":
        """Return the record after *request* was answered with the next JoinNonce."""
        past = self.history
        sessions = (session, *past.sessions)[:SESSIONS_KEPT]
        history = replace(past, join_nonce=past.join_nonce + 1, sessions=sessions)
        if isinstance(request, JoinRequest):
            earlier = frozenset[int]() if self.counts_nonces else past.dev_nonces
            history = replace(history, dev_nonces=earlier | {request.dev_nonce})
        elif request.kind is RejoinKind.ROAM:
            history = replace(history, rj_count_1=request.rj_count)
        return replace(self, history=history)

    def session(self, session_key_id: bytes) -> KnownSession | None:
        """Return the session of *session_key_id*, if it is kept."""
        kept = self.history.sessions
        return next((one for one in kept if one.session_key_id == session_key_id), None)

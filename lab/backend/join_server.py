"""The join server: whom to let in, with which nonce and which keys (TS002-1.0 sections 8 to 10).

Pure: a request and a record come in, an answer and the record after it go out. The edge has stored
the latter before the former leaves. Who may ask is known by then (see `senders`); here is decided
what that network or application server may have.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from lab.backend.device_record import DeviceRecord, KnownSession
from lab.backend.header import PartyId
from lab.backend.join_judgement import Refusal, judge_join
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
from lab.backend.messages import refuse
from lab.backend.results import SUCCESS, ResultCode
from lab.core.entropy import Entropy
from lab.core.frozen import dataclass
from lab.lorawan.frames import JoinAccept, JoinRequest, RejoinRequest
from lab.lorawan.identifiers import Eui64, NetId
from lab.lorawan.key_envelope import KeyEnvelope, wrap
from lab.lorawan.keys import SessionKeys, Version, derive
from lab.lorawan.security import Rejoined, seal_join_accept

SESSION_KEY_ID_OCTETS = 16


class AppSKeyWay(Enum):
    """Tell how the AppSKey comes to the application server.

    The last one is what many deployments do: the network can read all payloads.
    """

    WRAPPED = "wrapped"
    ON_REQUEST = "on request"
    CLEAR = "in the clear"


@dataclass(frozen=True, slots=True)
class Kek:
    """Hold a key-encryption key that two servers share.

    Attributes:
        label: by which both know it.
        key: 16 octets or more.
    """

    label: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class JoinServerConfig:
    """Say how a join server works.

    Attributes:
        app_s_key_way: how the AppSKey comes to the application server.
        lifetime: of sessions, in seconds; 0: without end.
        keks: by whom they are shared: networks and application servers.
        agreements: home network to those that may know that it is the home of a device.
    """

    app_s_key_way: AppSKeyWay = AppSKeyWay.WRAPPED
    lifetime: int = 0
    keks: Mapping[PartyId, Kek] = field(default_factory=dict)
    agreements: Mapping[NetId, frozenset[NetId]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Handled:
    """Hold what comes of a request.

    Attributes:
        answer: leaves when the record is stored.
        record: to store; None: nothing has changed.
    """

    answer: Answer
    record: DeviceRecord | None = None


def device_of(message: Message) -> Eui64 | None:
    """Return the device that a request to a join server is about; None: it is for others."""
    match message:
        case JoinReq() | AppSKeyReq() | HomeNSReq():
            return message.dev_eui
        case _:
            return None


@dataclass(frozen=True, slots=True)
class JoinServer:
    """Answer requests.

    Attributes:
        config: how it works.
    """

    config: JoinServerConfig

    def handle(self, request: Message, record: DeviceRecord | None, entropy: Entropy) -> Handled:
        """Answer *request*.

        Args:
            request: of a sender who is who it says.
            record: of the device that it is about; None: it is unknown here.
            entropy: for the SessionKeyID.
        """
        outcome = self._outcome(request, record, entropy)
        if isinstance(outcome, Refusal):
            return Handled(refuse(request, outcome.code, outcome.why))
        return outcome

    def _outcome(
        self, request: Message, record: DeviceRecord | None, entropy: Entropy
    ) -> Handled | Refusal:
        device = device_of(request)
        if device is None:
            why = f"a join server does not answer {type(request).__name__}"
            return Refusal(ResultCode.MALFORMED_REQUEST, why)
        receiver = request.header.receiver_id
        if record is None or record.join_eui != receiver:
            return Refusal(ResultCode.UNKNOWN_DEV_EUI, f"no device {device} at {receiver}")
        match request:
            case JoinReq():
                return self._join(request, record, entropy)
            case AppSKeyReq():
                return self._app_s_key(request, record)
            case HomeNSReq():
                return self._home(request, record)
            case _:
                raise AssertionError("device_of knows all requests")

    def _join(self, request: JoinReq, record: DeviceRecord, entropy: Entropy) -> Handled | Refusal:
        frame = judge_join(request, record)
        if isinstance(frame, Refusal):
            return frame
        accept = JoinAccept(
            record.history.join_nonce + 1,
            record.home,
            request.dev_addr,
            request.dl_settings,
            request.rx_delay,
            request.cf_list,
        )
        keys = _keys(record, frame, accept)
        session = KnownSession(entropy.bytes(SESSION_KEY_ID_OCTETS), keys.app_s_key)
        asked = frame if isinstance(frame, JoinRequest) else Rejoined(frame, record.join_eui)
        sealed = seal_join_accept(accept, record.root, record.version, asked)
        answer = self._let_in(request, record, keys, sealed, session)
        return Handled(answer, record.after(frame, session))

    def _let_in(
        self,
        request: JoinReq,
        record: DeviceRecord,
        keys: SessionKeys,
        sealed: bytes,
        session: KnownSession,
    ) -> JoinAns:
        network = request.header.sender_id
        speaks_1_1 = record.version is Version.LORAWAN_1_1 and request.dl_settings.opt_neg
        answer_type = RejoinAns if isinstance(request, RejoinReq) else JoinAns
        f_nwk_s_int_key = self._envelope(keys.f_nwk_s_int_key, network)
        return answer_type(
            header=request.header.back(),
            result=SUCCESS,
            phy_payload=sealed,
            lifetime=self.config.lifetime,
            nwk_s_key=None if speaks_1_1 else f_nwk_s_int_key,
            f_nwk_s_int_key=f_nwk_s_int_key if speaks_1_1 else None,
            s_nwk_s_int_key=self._envelope(keys.s_nwk_s_int_key, network) if speaks_1_1 else None,
            nwk_s_enc_key=self._envelope(keys.nwk_s_enc_key, network) if speaks_1_1 else None,
            app_s_key=self._app_s_key_for_network(record, keys.app_s_key),
            session_key_id=session.session_key_id,
        )

    def _app_s_key_for_network(self, record: DeviceRecord, key: bytes) -> KeyEnvelope | None:
        """Return what a network may carry of the AppSKey: nothing that it can read."""
        match self.config.app_s_key_way:
            case AppSKeyWay.CLEAR:
                return KeyEnvelope("", key)
            case AppSKeyWay.WRAPPED if record.application in self.config.keks:
                return self._envelope(key, record.application)
            case _:
                return None

    def _envelope(self, key: bytes, party: PartyId) -> KeyEnvelope:
        """Return *key* as *party* can read it: wrapped if both share a key for that."""
        kek = self.config.keks.get(party)
        return KeyEnvelope("", key) if kek is None else wrap(key, kek.label, kek.key)

    def _app_s_key(self, request: AppSKeyReq, record: DeviceRecord) -> Handled | Refusal:
        asker = request.header.sender_id
        if asker != record.application:
            why = f"{asker} is not the application of this device"
            return Refusal(ResultCode.UNKNOWN_SENDER, why)
        session = record.session(request.session_key_id)
        if session is None:
            return Refusal(ResultCode.OTHER, f"{request.session_key_id.hex()} is no session of it")
        answer = AppSKeyAns(
            header=request.header.back(),
            result=SUCCESS,
            dev_eui=record.dev_eui,
            app_s_key=self._envelope(session.app_s_key, asker),
            session_key_id=session.session_key_id,
        )
        return Handled(answer)

    def _home(self, request: HomeNSReq, record: DeviceRecord) -> Handled | Refusal:
        asker = request.header.sender_id
        if asker not in {record.home, *self.config.agreements.get(record.home, ())}:
            why = f"{asker} has no agreement with the home network"
            return Refusal(ResultCode.NO_ROAMING_AGREEMENT, why)
        answer = HomeNSAns(header=request.header.back(), result=SUCCESS, h_net_id=record.home)
        return Handled(answer)


def _keys(
    record: DeviceRecord, frame: JoinRequest | RejoinRequest, accept: JoinAccept
) -> SessionKeys:
    nonce = frame.dev_nonce if isinstance(frame, JoinRequest) else frame.rj_count
    return derive(
        record.root,
        record.version,
        accept.dl_settings.opt_neg,
        accept.join_nonce,
        accept.net_id,
        record.join_eui,
        nonce,
    )

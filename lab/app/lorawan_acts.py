"""Do on a running lab what scenarios want of LoRaWAN: let devices and servers speak."""

from lab.app.aired import Aired
from lab.app.conversation import report_of
from lab.app.lorawan import Ground, LorawanSide
from lab.backend.header import PROTOCOL_VERSION, Header
from lab.backend.join_messages import AppSKeyReq, HomeNSReq
from lab.backend.message import Message
from lab.backend.network import NetworkSession
from lab.backend.network_rules import PARTNER_AGREES, PAYLOAD_HIDDEN
from lab.backend.results import ResultCode
from lab.core.checks import Outcome, Report, check
from lab.core.errors import InputError
from lab.lorawan.device import Saying
from lab.lorawan.frames import DataFrame, Direction, pull_frame
from lab.lorawan.hearing import Joined
from lab.lorawan.identifiers import Eui64
from lab.lorawan.key_envelope import pry_open
from lab.lorawan.security import crypt
from lab.net.backend_client import Means
from lab.scenario.lorawan_actions import (
    Activate,
    AirEnding,
    AirResult,
    AskAppKey,
    AskHome,
    CutPower,
    DeviceAction,
    LetJoin,
    LetRejoin,
    LetSend,
    LorawanAction,
    ReadAsNetwork,
    Replay,
    ServerAction,
)


class Acts:
    """Perform actions."""

    def __init__(self, side: LorawanSide, ground: Ground, means: Means) -> None:
        """Act on *side*; *means* judges who may speak for whom."""
        self._side, self._ground, self._means = side, ground, means

    async def __call__(self, action: LorawanAction) -> AirResult | Report:
        """Do what a scenario wants.

        Raises:
            InputError: there is no such device.
        """
        dev_eui = self._side.device_called(action.device)
        match action:
            case AskHome() | AskAppKey() | ReadAsNetwork():
                return await self._as_server(action, dev_eui)
            case _:
                return await self._in_field(action, dev_eui)

    async def _in_field(self, action: DeviceAction, dev_eui: Eui64) -> AirResult | Report:
        match action:
            case Activate(device=name):
                self._side.activate(dev_eui)
                return Report(f"{name} is activated by hand")
            case CutPower(device=name):
                session = self._side.field.without_power(dev_eui).session
                told = "no session" if session is None else "the same keys"
                return Report(f"{name} is without power", conclusion=told)
            case LetSend():
                return await self._send(action, dev_eui)
            case _:
                return await self._on_air(action, dev_eui)

    async def _on_air(self, action: LetJoin | LetRejoin | Replay, dev_eui: Eui64) -> AirResult:
        field, name = self._side.field, action.device
        match action:
            case LetJoin(by=by):
                return self._let_in(await field.join(dev_eui, by), f"{by.called(name)} joins")
            case LetRejoin(kind=kind):
                return self._let_in(await field.rejoin(dev_eui, kind), f"{name} rejoins")
            case Replay():
                aired = await field.replay(dev_eui)
                taken = any(one.outcome is Outcome.PASSED for one in aired.reports.values())
                ending = AirEnding.TAKEN if taken else AirEnding.IGNORED
                return self._result(ending, aired, f"the last frame of {name} again")

    def _let_in(self, aired: Aired, title: str) -> AirResult:
        joined = isinstance(aired.hearing, Joined)
        return self._result(AirEnding.JOINED if joined else AirEnding.UNANSWERED, aired, title)

    async def _send(self, action: LetSend, dev_eui: Eui64) -> AirResult:
        title = f"{action.by.called(action.device)} sends {action.payload.hex()}"
        saying = Saying(action.f_port, action.payload, action.confirmation)
        try:
            aired = await self._side.field.send(dev_eui, saying, action.by)
        except InputError as error:
            return AirResult(AirEnding.UNREAD, Report(title, Outcome.FAILED, str(error)))
        read = self._side.has_read(dev_eui, aired, action.payload)
        return self._result(AirEnding.READ if read else AirEnding.UNREAD, aired, title)

    async def _as_server(self, action: ServerAction, dev_eui: Eui64) -> Report:
        match action:
            case ReadAsNetwork():
                return self._read_as_network(dev_eui)
            case AskHome(client=client, sender=sender):
                header = Header(PROTOCOL_VERSION, sender, self._join_eui(dev_eui), 0)
                return await self._ask(client, HomeNSReq(header=header, dev_eui=dev_eui))
            case AskAppKey(client=client, sender=sender):
                header = Header(PROTOCOL_VERSION, sender, self._join_eui(dev_eui), 0)
                session_key_id = self._session(dev_eui).session_key_id
                request = AppSKeyReq(header=header, dev_eui=dev_eui, session_key_id=session_key_id)
                return await self._ask(client, request)

    def _join_eui(self, dev_eui: Eui64) -> Eui64:
        return self._side.field.device(dev_eui).join_eui

    def _session(self, dev_eui: Eui64) -> NetworkSession:
        """Return what the home network of a device keeps of it."""
        home = self._side.plan.devices[dev_eui].home
        session = self._side.networks[home].sessions.get(dev_eui)
        if session is None:
            raise InputError(f"{dev_eui} has no session: let it join first")
        return session

    def _result(self, ending: AirEnding, aired: Aired, title: str) -> AirResult:
        good = ending in {AirEnding.JOINED, AirEnding.READ, AirEnding.TAKEN}
        report = Report(
            title,
            Outcome.PASSED if good else Outcome.FAILED,
            ending.value,
            parts=tuple(aired.reports.values()),
            sequence=self._side.log.sequence(title, aired.first_event - 1),
        )
        return AirResult(ending, report)

    async def _ask(self, client: str, request: Message) -> Report:
        """Ask a join server in the name of the sender of *request*, and judge that, too."""
        sender, join_eui = request.header.sender_id, request.header.receiver_id
        asked = await self._ground.roles.correspondent(client).ask(request)
        told = report_of(asked, str(join_eui))
        if asked.answer is None:
            return told
        vouched = await self._means.vouch(sender, self._ground.world.identity(client).client)
        code = asked.answer.result.code
        facts = {"result": code.value, "description": asked.answer.result.description or "-"}
        agrees = check(PARTNER_AGREES, code is ResultCode.SUCCESS, told.title, **facts)
        outcome = Outcome.FAILED if agrees.failed else Outcome.PASSED
        return Report(told.title, outcome, code.value, (agrees,), (told, vouched))

    def _read_as_network(self, dev_eui: Eui64) -> Report:
        """Try to read the last payload of a device with what its home network has."""
        home = self._side.plan.devices[dev_eui].home
        title = f"{home} reads {dev_eui}"
        session = self._session(dev_eui)
        frame = self._last_frame(session)
        if frame is None:
            raise InputError(f"{dev_eui} has sent nothing in this session")
        envelope = session.app_s_key
        keks = self._side.plan.networks[home].keks
        key = None if envelope is None else pry_open(envelope, keks)
        facts = {
            "app_s_key": "not there" if envelope is None else envelope.kek_label or "in the clear",
            "tried": ", ".join(keks) or "none",
        }
        hidden = check(PAYLOAD_HIDDEN, key is None, title, **facts)
        if key is None:
            return Report(title, conclusion="hidden", checks=(hidden,))
        f_cnt = session.f_cnt_up - 1
        clear = crypt(key, Direction.UP, session.dev_addr, f_cnt, frame.frm_payload)
        said = Report("what it reads", conclusion=clear.hex())
        return Report(title, Outcome.FAILED, "readable", (hidden,), (said,))

    def _last_frame(self, session: NetworkSession) -> DataFrame | None:
        frames = (pull_frame(one.octets) for one in self._side.log.since() if one.octets)
        own = [
            one
            for one in frames
            if isinstance(one, DataFrame)
            and one.direction is Direction.UP
            and one.dev_addr == session.dev_addr
        ]
        return own[-1] if own else None

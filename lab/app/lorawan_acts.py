"""Do on a running lab what scenarios want of LoRaWAN: let devices and servers speak."""

from lab.app.conversation import report_of
from lab.app.field import Aired
from lab.app.lorawan import Ground, LorawanSide
from lab.backend.header import PROTOCOL_VERSION, Header
from lab.backend.join_messages import HomeNSReq
from lab.backend.network import NetworkSession
from lab.backend.network_rules import PARTNER_AGREES, PAYLOAD_HIDDEN
from lab.backend.results import ResultCode
from lab.core.checks import Outcome, Report, check
from lab.core.errors import InputError
from lab.lorawan.device import Saying
from lab.lorawan.frames import DataFrame, Direction, pull_frame
from lab.lorawan.hearing import Joined
from lab.lorawan.identifiers import Eui64, NetId
from lab.lorawan.security import crypt
from lab.net.backend_client import Means
from lab.scenario.lorawan_actions import (
    AirEnding,
    AirResult,
    AskHome,
    LetJoin,
    LetSend,
    LorawanAction,
    ReadAsNetwork,
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
            case LetJoin():
                aired = await self._side.field.join(dev_eui)
                joined = isinstance(aired.hearing, Joined)
                ending = AirEnding.JOINED if joined else AirEnding.UNANSWERED
                return self._result(ending, aired, f"{action.device} joins")
            case LetSend(payload=payload, f_port=f_port, confirmation=confirmation):
                title = f"{action.device} sends {payload.hex()}"
                try:
                    aired = await self._side.field.send(
                        dev_eui, Saying(f_port, payload, confirmation)
                    )
                except InputError as error:
                    unsaid = Report(title, Outcome.FAILED, str(error))
                    return AirResult(AirEnding.UNREAD, unsaid)
                ending = AirEnding.READ if self._side.has_read(dev_eui, aired) else AirEnding.UNREAD
                return self._result(ending, aired, title)
            case ReadAsNetwork():
                return self._read_as_network(dev_eui)
            case AskHome(client=client, sender=sender):
                return await self._ask_home(client, sender, dev_eui)

    def _result(self, ending: AirEnding, aired: Aired, title: str) -> AirResult:
        good = ending in {AirEnding.JOINED, AirEnding.READ}
        report = Report(
            title,
            Outcome.PASSED if good else Outcome.FAILED,
            ending.value,
            parts=tuple(aired.reports.values()),
            sequence=self._side.log.sequence(title, aired.first_event - 1),
        )
        return AirResult(ending, report)

    async def _ask_home(self, client: str, sender: NetId, dev_eui: Eui64) -> Report:
        """Ask for the home of a device in the name of *sender*, and judge that, too."""
        join_eui = self._side.field.device(dev_eui).join_eui
        header = Header(PROTOCOL_VERSION, sender, join_eui, 0)
        request = HomeNSReq(header=header, dev_eui=dev_eui)
        asked = await self._ground.roles.correspondent(client).ask(request)
        told = report_of(asked, str(join_eui))
        if asked.answer is None:
            return told
        vouched = await self._means.vouch(sender, self._ground.world.identity(client).client)
        code = asked.answer.result.code
        agrees = check(PARTNER_AGREES, code is ResultCode.SUCCESS, told.title, result=code.value)
        outcome = Outcome.FAILED if agrees.failed else Outcome.PASSED
        return Report(told.title, outcome, code.value, (agrees,), (told, vouched))

    def _read_as_network(self, dev_eui: Eui64) -> Report:
        """Try to read the last payload of a device with what its home network has."""
        title = f"{self._side.plan.devices[dev_eui].home} reads {dev_eui}"
        session = self._side.networks[self._side.plan.devices[dev_eui].home].sessions.get(dev_eui)
        frame = self._last_frame(session)
        if session is None or frame is None:
            raise InputError(f"{dev_eui} has sent nothing in this session")
        envelope = session.app_s_key
        in_clear = envelope is not None and not envelope.kek_label
        way = "not there" if envelope is None else envelope.kek_label or "in the clear"
        hidden = check(PAYLOAD_HIDDEN, not in_clear, title, app_s_key=way)
        if envelope is None or not in_clear:
            return Report(title, conclusion="hidden", checks=(hidden,))
        key, address = envelope.aes_key, session.dev_addr
        f_cnt = session.f_cnt_up - 1
        clear = crypt(key, Direction.UP, address, f_cnt, frame.frm_payload)
        said = Report("what it reads", conclusion=clear.hex())
        return Report(title, Outcome.FAILED, "readable", (hidden,), (said,))

    def _last_frame(self, session: NetworkSession | None) -> DataFrame | None:
        frames = (pull_frame(one.octets) for one in self._side.log.since() if one.octets)
        own = [
            one
            for one in frames
            if isinstance(one, DataFrame)
            and one.direction is Direction.UP
            and session is not None
            and one.dev_addr == session.dev_addr
        ]
        return own[-1] if own else None

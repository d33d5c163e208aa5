"""The field of the running lab: simulated devices and gateways, and the air between them.

A device is on disk before its frame goes out. Frames go over real UDP to the network servers, and
so do their answers; the times of the air are those of the gateways' counters, so nobody waits five
seconds for a window. When every network server that heard a device has made up its mind, and still
nothing has come, the device has listened in vain.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from twisted.internet.interfaces import IDelayedCall

from lab.app.aired import Aired, Listening, Outgoing, kind_of, told, waits
from lab.app.lorawan_log import LorawanLog
from lab.app.lorawan_memory import Shelf
from lab.app.network_servers import Surroundings
from lab.app.stations import FieldDevice, FieldGateway
from lab.core.checks import Report
from lab.core.errors import InputError
from lab.lorawan.airtime import LoRa
from lab.lorawan.device import Device, Saying, Session, join, uplink, without_power
from lab.lorawan.frames import FCtrl, RejoinKind
from lab.lorawan.hearing import Hearing, Ignored, Joined, Message, hear
from lab.lorawan.identifiers import Eui64
from lab.lorawan.keys import RootKeys
from lab.lorawan.obeying import obey
from lab.lorawan.packets import TICKS, Received, Transmit
from lab.lorawan.radio import Air, Heard, heard_from
from lab.lorawan.regions import EU868, Region
from lab.lorawan.rejoining import rejoin
from lab.lorawan.windows import Sent, caught, data_windows, join_windows, next_sent
from lab.net.gateway_udp import SimulatedGateway, open_udp
from lab.net.ports import PortSet
from lab.scenario.lorawan_actions import Speaker

_PER_S = 1_000_000
# After the last network server has decided, what it sent is still on its way to us.
GRACE_S = 0.1
# Only if a datagram is lost, or a network server is not ours: usually it says when it has decided.
PATIENCE_S = 60.0
# One that lends its ears to a visitor hears from its home after the device has: that is told, too.
SETTLING_S = 2.0
LOOPBACK = "127.0.0.1"
# Root keys stand in the state folder once, not in what a device remembers.
_NO_ROOT = RootKeys.of_1_0(bytes(16))


class Field:
    """Hold devices and gateways.

    Attributes:
        air: between them.
        devices: what each is when it is new.
        shelf: what each has become.
        copies: what somebody made of them who has their root keys; not on disk.
    """

    def __init__(
        self,
        devices: Mapping[Eui64, FieldDevice],
        gateways: Mapping[Eui64, FieldGateway],
        around: Surroundings,
        log: LorawanLog,
        region: Region = EU868,
    ) -> None:
        """Prepare; nothing is opened."""
        self.devices = devices
        self.gateways = gateways
        self.air = Air({eui: one.place for eui, one in gateways.items()})
        self.shelf: Shelf[Device] = around.memory.shelf("device", Device)
        self.copies: dict[Eui64, Device] = {}
        self._around, self._log, self._region = around, log, region
        self._ends: dict[Eui64, SimulatedGateway] = {}
        self._listening: list[Listening] = []
        self._recorded: dict[Eui64, Outgoing] = {}

    def open(self, server_of: Callable[[FieldGateway], tuple[str, int]]) -> PortSet:
        """Open a socket for each gateway; *server_of* returns address and port of its server.

        Raises:
            BindError: the system has none left.
        """
        ports = PortSet()
        for eui, one in self.gateways.items():
            end = SimulatedGateway(eui, server_of(one), self._transmitted, self._around.entropy)
            open_udp(self._around.reactor, ports, (LOOPBACK, 0), end)
            self._ends[eui] = end
        return ports

    def device(self, dev_eui: Eui64) -> Device:
        """Return a device as it is now.

        Raises:
            InputError: there is none.
        """
        if dev_eui not in self.devices:
            known = ", ".join(str(one) for one in self.devices) or "none"
            raise InputError(f"there is no device {dev_eui}; there are {known}")
        new = self.devices[dev_eui].device
        kept = self.shelf.get(dev_eui)
        return new if kept is None else replace(kept, root=new.root, join_eui=new.join_eui)

    def _speaker(self, dev_eui: Eui64, by: Speaker) -> Device:
        """Return the device, or its copy: that has its keys for good, and goes on counting.

        Which nonce or counter comes next is no secret: the last one was on air in the clear.
        """
        device = self.device(dev_eui)
        if by is Speaker.DEVICE:
            return device
        joins = self.devices[dev_eui].joins
        copy = self.copies.get(dev_eui, replace(device, session=None) if joins else device)
        return replace(copy, root=device.root, dev_nonce=device.dev_nonce)

    async def join(self, dev_eui: Eui64, by: Speaker = Speaker.DEVICE) -> Aired:
        """Let a device ask to join, and return what came of it.

        Raises:
            InputError: it was activated by hand.
        """
        if dev_eui in self.devices and not self.devices[dev_eui].joins:
            raise InputError(f"device {dev_eui} was activated by hand (ABP): it never joins")
        request, after = join(self._speaker(dev_eui, by))
        sent = self._sent(dev_eui, request.dev_nonce)
        out = Outgoing(request.push(), sent, join_windows(sent, self._region))
        return await self._say(after, out, by)

    async def rejoin(self, dev_eui: Eui64, kind: RejoinKind) -> Aired:
        """Let a device ask for a new session, and return what came of it.

        Raises:
            InputError: it has no session of LoRaWAN 1.1.
        """
        request, after = rejoin(self.device(dev_eui), kind)
        sent = self._sent(dev_eui, request.rj_count)
        out = Outgoing(request.push(), sent, join_windows(sent, self._region))
        return await self._say(after, out, Speaker.DEVICE)

    async def replay(self, dev_eui: Eui64) -> Aired:
        """Send the last frame of a device once more, as anybody can who has recorded it.

        Raises:
            InputError: it has sent none since the lab was started.
        """
        device = self.device(dev_eui)
        if dev_eui not in self._recorded:
            raise InputError(f"device {dev_eui} has sent nothing that could be repeated")
        before = self._recorded[dev_eui]
        again = replace(before, windows=join_windows(before.sent, self._region))
        deaf = replace(device, root=_NO_ROOT, asked=None, rejoining=None, session=None)
        return await self._air(deaf, again, Speaker.COPY)

    def without_power(self, dev_eui: Eui64) -> Device:
        """Take the battery of a device out and put it in again; return what it is then.

        Raises:
            InputError: there is none.
        """
        after = without_power(self.device(dev_eui), self.devices[dev_eui].device)
        self.shelf.put(dev_eui, _without_root(after))
        self.copies.pop(dev_eui, None)
        return after

    async def send(self, dev_eui: Eui64, saying: Saying, by: Speaker = Speaker.DEVICE) -> Aired:
        """Let a device send an uplink, and return what came of it.

        Raises:
            InputError: it has not joined, or the payload is too long for its data rate.
        """
        before = self._speaker(dev_eui, by)
        if before.session is None:
            raise InputError(f"device {dev_eui} has not joined any network: let it join first")
        sent = self._sent(dev_eui, before.session.f_cnt_up, before.session)
        limit = self._region.data_rate(sent.data_rate).max_payload - len(before.session.answers)
        if len(saying.payload) > limit:
            raise InputError(f"DR{sent.data_rate} has room for {limit} octets of payload")
        channel = self._region.channels.index(sent.frequency)
        air = replace(saying, data_rate=sent.data_rate, channel=channel, flags=FCtrl.ADR)
        frame, after = uplink(before, air)
        out = Outgoing(frame.push(), sent, data_windows(sent, self._region, before.session))
        return await self._say(after, out, by)

    def _sent(self, dev_eui: Eui64, counter: int, session: Session | None = None) -> Sent:
        return next_sent(self._region, self.devices[dev_eui].data_rate, counter, session)

    async def _say(self, device: Device, out: Outgoing, by: Speaker) -> Aired:
        await self._keep(device, by)
        self._recorded[device.dev_eui] = out
        return await self._air(device, out, by)

    async def _air(self, device: Device, out: Outgoing, by: Speaker) -> Aired:
        first = self._log.last + 1
        place = self.devices[device.dev_eui].place
        heard = self.air.hearers(place, self._spreading(out.sent), self._around.entropy)
        ended = {one.gateway: self._ticks(one.gateway) for one in heard}
        servers = {self.gateways[one.gateway].server for one in heard}
        listening = Listening(device, place, out.octets, out.windows, ended, servers, by)
        self._listening.append(listening)
        timer = self._around.reactor.callLater(PATIENCE_S, listening.end)
        try:
            self._emit(listening, heard, out.sent)
            hearing = await listening.done
        finally:
            self._listening.remove(listening)
            _cancel(timer)
        if isinstance(hearing, Joined | Message):
            await self._keep(hearing.device, by)
        who = _called(device.dev_eui)
        if hearing is None:
            nothing = "nothing comes in RX1 or RX2"
            in_vain = waits(device, out.octets)
            self._log.note((who, who), "silence", nothing, refusal="in vain" if in_vain else "")
        return Aired(out.octets, tuple(ended), hearing, dict(listening.reports), first)

    def _emit(self, listening: Listening, heard: tuple[Heard, ...], sent: Sent) -> None:
        who, kind = _called(listening.device.dev_eui), kind_of(listening.octets)
        if not heard:
            far = "no gateway hears it"
            self._log.note((who, who), kind, refusal=far, octets=listening.octets)
            listening.end()
        rate = str(self._region.data_rate(sent.data_rate).modulation)
        for one in heard:
            received = Received(
                listening.octets,
                listening.ended[one.gateway],
                sent.frequency,
                rate,
                one.rssi,
                one.snr,
            )
            self._log.note((who, f"gateway {one.gateway}"), kind, rate, octets=listening.octets)
            self._ends[one.gateway].forward(received)

    def _transmitted(self, gateway: Eui64, transmit: Transmit) -> None:
        """Let every device that listens now hear what a gateway sends, if it can."""
        for one in tuple(self._listening):
            if gateway not in one.ended or one.heard is not None:
                continue
            window = caught(one.windows, one.ended[gateway], transmit)
            who = _called(one.device.dev_eui)
            if window is None:
                continue
            hearing = self._obeyed(hear(one.device, transmit.octets), gateway, one)
            said = transmit.octets
            between, kind = (f"gateway {gateway}", who), kind_of(said)
            if isinstance(hearing, Ignored):
                self._log.note(between, kind, window.name, refusal=hearing.reason, octets=said)
                continue
            self._log.note(between, kind, f"{window.name}, {told(hearing)}", octets=said)
            one.heard = hearing
            if one.undecided:
                self._around.reactor.callLater(SETTLING_S, one.end)
            else:
                one.end()

    def _obeyed(self, hearing: Hearing, gateway: Eui64, one: Listening) -> Hearing:
        """Let a device do what it was told by MAC commands."""
        if not isinstance(hearing, Message) or not hearing.commands:
            return hearing
        snr = heard_from(gateway, one.place, self.air.gateways[gateway]).snr
        after = obey(hearing.device, hearing.commands, self._region, snr)
        return replace(hearing, device=after)

    def decided(self, server: str, octets: bytes, report: Report) -> None:
        """Hear that a network server has made up its mind about a frame."""
        for one in self._listening:
            if one.octets == octets:
                one.reports[server] = report
                one.undecided.discard(server)
                if not one.undecided:
                    grace = GRACE_S if one.heard is None else 0
                    self._around.reactor.callLater(grace, self._hear_no_more, one)

    def _hear_no_more(self, listening: Listening) -> None:
        """End after one more turn of the reactor: on a busy machine datagrams wait to be read."""
        self._around.reactor.callLater(0, listening.end)

    async def _keep(self, device: Device, by: Speaker) -> None:
        if by is Speaker.COPY:
            self.copies[device.dev_eui] = device
        else:
            await self.shelf.keep(device.dev_eui, _without_root(device))

    def _spreading(self, sent: Sent) -> int:
        modulation = self._region.data_rate(sent.data_rate).modulation
        assert isinstance(modulation, LoRa), "devices here send by LoRa"
        return modulation.spreading_factor

    def _ticks(self, gateway: Eui64) -> int:
        """Return the counter of a gateway; each was switched on at another time."""
        offset = int.from_bytes(gateway.octets[-4:])
        return (round(self._around.reactor.seconds() * _PER_S) + offset) % TICKS


def _without_root(device: Device) -> Device:
    return replace(device, root=_NO_ROOT)


def _called(dev_eui: Eui64) -> str:
    return f"device {dev_eui}"


def _cancel(timer: IDelayedCall) -> None:
    if timer.active():
        timer.cancel()

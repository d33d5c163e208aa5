"""MAC commands: what device and network tell each other in FOpts or on FPort 0.

One table has the layout of every command (LoRaWAN 1.1 sections 5, 11, 14 and 18). A command's
payload is read as one number, least significant octet first, and cut into its fields from the
lowest bit up; an underscore is a reserved field.
"""

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.lorawan.mhdr import Direction

_RESERVED = "_"


@dataclass(frozen=True, slots=True)
class Layout:
    """Describe one command.

    Attributes:
        name: as the specification calls it.
        cid: the octet that it begins with.
        direction: who sends it.
        fields: name and bits of each, from the lowest bit up.
    """

    name: str
    cid: int
    direction: Direction
    fields: tuple[tuple[str, int], ...]

    @property
    def size(self) -> int:
        """Return the octets after the CID."""
        return sum(bits for _, bits in self.fields) // 8


@dataclass(frozen=True, slots=True)
class MacCommand:
    """Hold one command.

    Attributes:
        name: as the specification calls it.
        values: field and number, in the order of the layout. Frequencies are in units of 100 Hz.
    """

    name: str
    values: tuple[tuple[str, int], ...] = ()

    def __getitem__(self, field: str) -> int:
        """Return the number in *field*."""
        return dict(self.values)[field]

    def push(self) -> bytes:
        """Return the command as octets, CID first."""
        layout, number, position = LAYOUTS[self.name], 0, 0
        given = dict(self.values)
        for field, bits in layout.fields:
            number |= given.get(field, 0) << position
            position += bits
        return bytes([layout.cid]) + number.to_bytes(layout.size, "little")


@dataclass(frozen=True, slots=True)
class Commands:
    """Hold what was read.

    Attributes:
        known: the commands, in their order.
        unread: octets from the first command on that is unknown or cut short. A receiver cannot
            know where the next one begins, so it ignores them (LoRaWAN 1.1 section 5).
    """

    known: tuple[MacCommand, ...]
    unread: bytes = b""


def command(name: str, **values: int) -> MacCommand:
    """Return the command *name* with its fields set to *values*; those not given are 0.

    Raises:
        InputError: there is no such command or field, or the number does not fit.
    """
    if name not in LAYOUTS:
        raise InputError(f"there is no MAC command {name!r}")
    fields = {field: bits for field, bits in LAYOUTS[name].fields if field != _RESERVED}
    for field, value in values.items():
        if field not in fields:
            raise InputError(f"{name} has no field {field!r}")
        if not 0 <= value < 1 << fields[field]:
            raise InputError(f"{field} of {name} has {fields[field]} bits, {value} does not fit")
    return MacCommand(name, tuple((field, values.get(field, 0)) for field in fields))


def pull_commands(direction: Direction, octets: bytes) -> Commands:
    """Return the commands that travelled as *octets*, decrypted."""
    known: list[MacCommand] = []
    while octets:
        layout = _BY_CID.get((direction, octets[0]))
        if layout is None or len(octets) <= layout.size:
            break
        known.append(_pull(layout, octets[1 : 1 + layout.size]))
        octets = octets[1 + layout.size :]
    return Commands(tuple(known), octets)


def push_commands(commands: tuple[MacCommand, ...]) -> bytes:
    """Return *commands* as octets."""
    return b"".join(one.push() for one in commands)


def signed(number: int, bits: int = 6) -> int:
    """Return the two's complement number that a field of *bits* holds, e.g. a margin in dB."""
    return number - (1 << bits) if number >> (bits - 1) else number


def _pull(layout: Layout, octets: bytes) -> MacCommand:
    number = int.from_bytes(octets, "little")
    values = []
    for field, bits in layout.fields:
        if field != _RESERVED:
            values.append((field, number & ((1 << bits) - 1)))
        number >>= bits
    return MacCommand(layout.name, tuple(values))


def _layouts() -> tuple[Layout, ...]:
    table = []
    for line in _TABLE.strip().splitlines():
        cid, direction, name, *fields = line.split()
        pairs = (field.split(":") for field in fields)
        cut = tuple((field, int(bits)) for field, bits in pairs)
        table.append(Layout(name, int(cid, 16), Direction[direction.upper()], cut))
    return tuple(table)


_TABLE = """
01 up   ResetInd             minor:4 _:4
01 down ResetConf            minor:4 _:4
02 up   LinkCheckReq
02 down LinkCheckAns         margin:8 gw_cnt:8
03 down LinkADRReq           tx_power:4 data_rate:4 ch_mask:16 nb_trans:4 ch_mask_cntl:3 _:1
03 up   LinkADRAns           channel_mask_ack:1 data_rate_ack:1 power_ack:1 _:5
04 down DutyCycleReq         max_duty_cycle:4 _:4
04 up   DutyCycleAns
05 down RXParamSetupReq      rx2_data_rate:4 rx1_dr_offset:3 _:1 frequency:24
05 up   RXParamSetupAns      channel_ack:1 rx2_data_rate_ack:1 rx1_dr_offset_ack:1 _:5
06 down DevStatusReq
06 up   DevStatusAns         battery:8 margin:6 _:2
07 down NewChannelReq        ch_index:8 frequency:24 min_dr:4 max_dr:4
07 up   NewChannelAns        channel_frequency_ok:1 data_rate_range_ok:1 _:6
08 down RXTimingSetupReq     delay:4 _:4
08 up   RXTimingSetupAns
09 down TxParamSetupReq      max_eirp:4 uplink_dwell_time:1 downlink_dwell_time:1 _:2
09 up   TxParamSetupAns
0a down DlChannelReq         ch_index:8 frequency:24
0a up   DlChannelAns         channel_frequency_ok:1 uplink_frequency_exists:1 _:6
0b up   RekeyInd             minor:4 _:4
0b down RekeyConf            minor:4 _:4
0c down ADRParamSetupReq     delay_exp:4 limit_exp:4
0c up   ADRParamSetupAns
0d up   DeviceTimeReq
0d down DeviceTimeAns        seconds:32 fraction:8
0e down ForceRejoinReq       data_rate:4 rejoin_type:3 _:1 max_retries:3 period:3 _:2
0f down RejoinParamSetupReq  max_count:4 max_time:4
0f up   RejoinParamSetupAns  time_ok:1 _:7
10 up   PingSlotInfoReq      periodicity:3 _:5
10 down PingSlotInfoAns
11 down PingSlotChannelReq   frequency:24 data_rate:4 _:4
11 up   PingSlotChannelAns   channel_frequency_ok:1 data_rate_ok:1 _:6
13 down BeaconFreqReq        frequency:24
13 up   BeaconFreqAns        beacon_frequency_ok:1 _:7
20 up   DeviceModeInd        class:8
20 down DeviceModeConf       class:8
"""

LAYOUTS = {one.name: one for one in _layouts()}
_BY_CID = {(one.direction, one.cid): one for one in LAYOUTS.values()}

"""What a network server is told by its operator, and what it keeps of each device.

Values only. `network_server` decides with them; where they are kept is the edge's business.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from lab.backend.header import AsId
from lab.core.entropy import Entropy
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.lorawan.key_envelope import KeyEnvelope
from lab.lorawan.keys import SessionKeys, Version
from lab.lorawan.regions import Region


class Windows(Enum):
    """Tell into which windows of a device an answer may go.

    Attributes:
        EITHER: the first; if the gateway cannot, the second.
        SECOND: the second alone; it is on a channel of its own, and slow.
    """

    EITHER = "rx1 or rx2"
    SECOND = "rx2"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Describe a device whose home this network is.

    Attributes:
        dev_eui: its name.
        mac_version: what it speaks, as in JoinReq, e.g. "1.0.3".
        application: who gets its payloads.
    """

    dev_eui: Eui64
    mac_version: str
    application: AsId


@dataclass(frozen=True, slots=True)
class Network:
    """Say how a network server works.

    Attributes:
        net_id: its own.
        region: where its gateways are.
        subscribers: the devices at home here.
        agreements: with whom passive roaming is agreed, and for how many seconds a visited network
            may forward frames of a device without asking again; 0: stateless.
        keks: the keys by which it unwraps session keys, by label.
        windows: into which of them its answers go.
    """

    net_id: NetId
    region: Region
    subscribers: Mapping[Eui64, Subscriber]
    agreements: Mapping[NetId, int] = field(default_factory=dict)
    keks: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    windows: Windows = Windows.EITHER


@dataclass(frozen=True, slots=True)
class Ground:
    """Say on what ground a network server decides now.

    Attributes:
        network: how it works.
        now: the present.
        entropy: for addresses.
    """

    network: Network
    now: Instant
    entropy: Entropy


@dataclass(frozen=True, slots=True)
class Waiting:
    """Hold a payload that waits for the device's next uplink.

    Attributes:
        f_port: 1 to 223.
        payload: encrypted by the application server.
        f_cnt: with which it was encrypted.
        confirmed: whether the device is to acknowledge it.
    """

    f_port: int
    payload: bytes
    f_cnt: int
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """Say that another network may forward frames of a device without asking each time.

    Attributes:
        net_id: which one.
        dev_addr: by which it recognises them.
        until: last second of it.
    """

    net_id: NetId
    dev_addr: DevAddr
    until: Instant


@dataclass(frozen=True, slots=True)
class NetworkSession:
    """Hold what the home network keeps of a device that has joined.

    Attributes:
        dev_eui: of the device.
        dev_addr: that it was given.
        version: what device and network speak.
        keys: of the session; AppSKey is not among them.
        application: who gets the payloads.
        since: when it joined.
        app_s_key: wrapped for the application server; None: that asks the join server.
        session_key_id: by which it asks.
        join_eui: whom it asks.
        f_cnt_up: least counter that the next uplink may have.
        n_f_cnt_down: counter of the next downlink; in 1.1 of those without application payload.
        a_f_cnt_down: the same, in 1.1, of those with one.
        waiting: for the next uplink.
        unacknowledged: counter of a confirmed downlink that the device has not acknowledged.
        rj_count_0: least counter that the next Rejoin-Request of type 0 or 2 may have.
        successor: offered in answer to a Rejoin-Request, with the same address; both are right
            until the device uses it (LoRaWAN 1.1 section 6.2.4).
        data_rate: of the last uplink that lets the network choose it (ADR).
        margins: dB by which those with that data rate were louder than they had to be.
        refuses_adr: whether the device has refused a data rate.
        battery: of the device, 1 to 254; 0: it needs none, 255: it does not know; None: not asked.
        margin: dB with which it heard that question.
        visits: where it is known during this session.
        left: where it was known during earlier ones, and nobody has said yet that it is over.
    """

    dev_eui: Eui64
    dev_addr: DevAddr
    version: Version
    keys: SessionKeys
    application: AsId
    since: Instant
    join_eui: Eui64
    app_s_key: KeyEnvelope | None = None
    session_key_id: bytes = b""
    f_cnt_up: int = 0
    n_f_cnt_down: int = 0
    a_f_cnt_down: int = 0
    waiting: Waiting | None = None
    unacknowledged: int | None = None
    rj_count_0: int = 0
    successor: "NetworkSession | None" = None
    data_rate: int | None = None
    margins: tuple[int, ...] = ()
    refuses_adr: bool = False
    battery: int | None = None
    margin: int | None = None
    visits: tuple[Visit, ...] = ()
    left: tuple[Visit, ...] = ()

    @property
    def application_f_cnt_down(self) -> int:
        """Return the counter of the next downlink with an application payload."""
        return self.a_f_cnt_down if self.version is Version.LORAWAN_1_1 else self.n_f_cnt_down


def candidates(session: NetworkSession) -> tuple[NetworkSession, ...]:
    """Return the sessions that a device may be in: the one that it was offered, and the old one."""
    offered = () if session.successor is None else (session.successor,)
    return (*offered, session)


@dataclass(frozen=True, slots=True)
class VisitorSession:
    """Hold what a visited network keeps of a device of another network (stateful roaming).

    Attributes:
        dev_addr: by which its frames are recognised.
        dev_eui: of the device; None if the home network does not tell.
        home: who gets its frames.
        until: last second of it.
    """

    dev_addr: DevAddr
    dev_eui: Eui64 | None
    home: NetId
    until: Instant

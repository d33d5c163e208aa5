"""A crowd of simulated devices beside those of `lorawan.toml`: each is like one of them.

It has the home, the join server, the application and the place of its model; DevEUI and root keys
are its own. All parties learn of it, as they would of devices that are sold, and forget it when it
goes: nothing of it stays on disk.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from hmac import digest
from itertools import cycle
from typing import TypeVar

from lab.app.lorawan import LorawanSide
from lab.app.lorawan_plan import LorawanPlan, PlannedDevice
from lab.backend.device_record import DeviceRecord
from lab.backend.network import Subscriber
from lab.core.errors import LabError
from lab.lorawan.aes import BLOCK
from lab.lorawan.identifiers import Eui64
from lab.lorawan.keys import RootKeys, Version

MOST = 10_000
_FIRST = int.from_bytes(Eui64.from_text("00-00-5E-10-00-01-00-00").octets)

T = TypeVar("T")


def crowd_eui(number: int) -> Eui64:
    """Return the DevEUI of device *number* of a crowd, counted from 0."""
    return Eui64((_FIRST + number).to_bytes(8))


def crowd_keys(secret: bytes, dev_eui: Eui64, version: Version) -> RootKeys:
    """Return root keys, which whoever has the *secret* of a crowd can make again."""
    nwk_key, app_key = (
        digest(secret, dev_eui.octets + label, sha256)[:BLOCK] for label in (b"nwk", b"app")
    )
    if version is Version.LORAWAN_1_0:
        return RootKeys.of_1_0(nwk_key)
    return RootKeys(nwk_key, app_key)


def crowded(plan: LorawanPlan, size: int, secret: bytes) -> LorawanPlan:
    """Return *plan* with *size* more devices: one like each that is there, and again.

    Raises:
        LabError: there is none that they could be like.
    """
    joining = [eui for eui, one in plan.devices.items() if one.field.joins]
    if not joining:
        raise LabError("this lab has no LoRaWAN device that others could be like")
    models = {crowd_eui(n): model for n, model in zip(range(size), cycle(joining))}

    def device(dev_eui: Eui64, like: PlannedDevice) -> PlannedDevice:
        keys = crowd_keys(secret, dev_eui, like.field.device.version)
        own = replace(like.field.device, dev_eui=dev_eui, root=keys)
        return replace(like, name=str(dev_eui), field=replace(like.field, device=own))

    devices = _more(plan.devices, models, device)

    def subscriber(dev_eui: Eui64, like: Subscriber) -> Subscriber:
        return replace(like, dev_eui=dev_eui)

    def record(dev_eui: Eui64, like: DeviceRecord) -> DeviceRecord:
        return replace(like, dev_eui=dev_eui, root=devices[dev_eui].field.device.root)

    return replace(
        plan,
        devices=devices,
        networks={
            name: replace(one, subscribers=_more(one.subscribers, models, subscriber))
            for name, one in plan.networks.items()
        },
        applications={
            name: replace(one, devices=_more(one.devices, models, lambda _, join_eui: join_eui))
            for name, one in plan.applications.items()
        },
        join_servers={
            name: replace(one, devices=_more(one.devices, models, record))
            for name, one in plan.join_servers.items()
        },
    )


@contextmanager
def crowd(side: LorawanSide, size: int, secret: bytes) -> Iterator[tuple[Eui64, ...]]:
    """Let *size* more devices be known to all parties for a while, and give their DevEUIs.

    Raises:
        LabError: there is none that they could be like.
    """
    before = side.plan
    # A lab that was killed may have left those of another crowd behind.
    _forget(side)
    _follow(side, crowded(before, size, secret))
    try:
        yield tuple(crowd_eui(number) for number in range(size))
    finally:
        _follow(side, before)
        _forget(side)


def _more(
    known: Mapping[Eui64, T], models: Mapping[Eui64, Eui64], copy: Callable[[Eui64, T], T]
) -> dict[Eui64, T]:
    """Return what is *known*, with copies of it for those whose models are known."""
    copies = {eui: copy(eui, known[model]) for eui, model in models.items() if model in known}
    return {**known, **copies}


def _follow(side: LorawanSide, plan: LorawanPlan) -> None:
    """Tell every party of its devices."""
    side.plan = plan
    side.field.devices = {eui: one.field for eui, one in plan.devices.items()}
    for name, application in side.applications.items():
        application.application = plan.applications[name]
    for name, join_server in side.join_servers.items():
        join_server.plan = plan.join_servers[name]


def _forget(side: LorawanSide) -> None:
    first, last = crowd_eui(0), crowd_eui(MOST - 1)
    side.memory.forget(first, last)
    for network in side.networks.values():
        for visitor in network.visitors.all():
            if visitor.dev_eui is not None and first <= visitor.dev_eui <= last:
                network.visitors.drop(visitor.dev_addr)

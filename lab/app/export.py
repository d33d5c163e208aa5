"""`lab export`: signed zones, and configuration for those who serve or ask them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.app.asking import ask
from lab.app.keyring import Keyring
from lab.app.state import StateFolder, file_name
from lab.world.access import LAB_KEY
from lab.world.configurations import PROGRAMS, Fleet, unbound_conf

_PRIVATE = 0o600


def export(state: StateFolder, status: dict[str, Any], folder: Path) -> Iterator[Path]:
    """Write everything below *folder*, and iterate over the files as they are written.

    Args:
        state: of a running lab.
        status: what it says of itself.
        folder: made if it is not there.

    Raises:
        LabError: the lab has stopped.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for zone in status["zones"]:
        target = folder / f"{file_name(zone['name'])}.zone"
        for event in ask(state, {"do": "zone", "name": zone["name"]}):
            target.write_text(event["zone"])
        yield target
    yield from _resolver(status, folder / "unbound")
    yield from _servers(state, status, folder)


def _resolver(status: dict[str, Any], folder: Path) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    for source, name in (
        (status["root_hints"], "root.hints"),
        (status["trust_anchor"]["ds"], "anchor.ds"),
    ):
        yield Path(shutil.copyfile(source, folder / name))
    servers = {
        zone["name"]: [one["address"] for one in zone["nameservers"]] for zone in status["zones"]
    }
    yield _written(folder / "unbound.conf", unbound_conf(folder, servers, status["port"]))


def _servers(state: StateFolder, status: dict[str, Any], folder: Path) -> Iterator[Path]:
    distribution = status["distribution"]
    if distribution is None:
        return
    fleet = Fleet(
        zones={one["name"]: f"{file_name(one['name'])}.zone" for one in status["zones"]},
        primary=distribution["address"],
        port=status["port"],
        catalog=distribution["catalog"],
        key=Keyring(state).get(LAB_KEY),
    )
    for name, program in PROGRAMS.items():
        for role, write, port in (
            ("secondary", program.secondary, program.secondary_port),
            ("primary", program.primary, program.primary_port),
        ):
            own = folder / role / name
            own.mkdir(parents=True, exist_ok=True)
            yield _written(own / program.file, write(fleet, own, port))


def _written(path: Path, text: str) -> Path:
    """Write a file that may hold a key."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path

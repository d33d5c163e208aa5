"""The identities of a running lab, for other processes: where their files are."""

from pathlib import Path

from dns.name import Name, from_text

from lab.app.client import live_status
from lab.app.state import StateFolder
from lab.core.errors import InputError


def identity_of(state: Path, name: str) -> tuple[Path, Name]:
    """Return the file of an identity of the running lab, and its TLSA owner name.

    It is that of the server; for those who are clients only, that of the client.

    Raises:
        InputError: there is no such identity.
        NotRunningError: no lab is running.
    """
    status = live_status(StateFolder(state))
    owners = {one["identity"]: one["tlsa_owner"] for one in (*status["clients"], *status["tls"])}
    if name not in owners:
        known = ", ".join(owners)
        raise InputError(f"unknown identity {name!r}; known are {known}", "--identity")
    return Path(status["state"]) / "identities" / f"{name}.pem", from_text(owners[name])

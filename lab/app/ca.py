"""Do one task of `lab ca`: in the lab that runs, by its clock, else in this process."""

import time

from lab.app.authorities import AuthorityStore
from lab.app.control import Event, NotRunningError, ask
from lab.app.registrar import Registrar
from lab.app.state import StateFolder
from lab.core.instant import Instant
from lab.net.entropy import SystemEntropy


def perform(state: StateFolder, request: Event) -> Event:
    """Return what there is to tell of the task of *request*, which `app.registrar` does.

    Raises:
        LabError: it cannot be done.
    """
    try:
        return next(ask(state, {"do": "ca", **request}))
    except NotRunningError:
        with state.held():
            now = Instant(time.time())  # noqa: TID251 without a lab there is no other time
            return Registrar(AuthorityStore(state), now, SystemEntropy()).perform(request)

"""Do one task of `lab ca`: in the lab that runs, by its clock, else in this process."""

from lab.app.asking import Event, NotRunningError, ask
from lab.app.authorities import AuthorityStore
from lab.app.moment import real_time
from lab.app.registrar import Registrar
from lab.app.state import StateFolder
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
            registrar = Registrar(AuthorityStore(state), real_time(), SystemEntropy())
            return registrar.perform(request)

"""The library in a running lab: what endpoints look names up with."""

from pathlib import Path

from lab.app.client import live_status
from lab.app.moment import real_time
from lab.app.plan import plan_in_lab
from lab.app.state import StateFolder
from lab.net.dns_client import DnsClient
from lab.net.entropy import SystemEntropy
from lab.net.reactor import Reactor
from lab.net.resolver import Resolver


def lab_resolver(reactor: Reactor, state: str | Path = ".lab") -> Resolver:
    """Return what `dane_server` and `dane_client` look names up with in a running lab.

    If the lab's clock is moved later, ask for another one.

    Args:
        reactor: for sockets and time.
        state: state folder of the lab.

    Raises:
        NotRunningError: no lab is running there.
    """
    plan = plan_in_lab(live_status(StateFolder(Path(state))))
    ahead = plan.now - real_time()
    client = DnsClient(reactor, plan.port, SystemEntropy())
    return Resolver(client, plan.settings, lambda: real_time() + ahead)

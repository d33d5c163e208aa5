"""A DNSSEC and DANE lab that runs on one machine, offline: `lab up`.

For other programs it is a library: a validating resolver (`lab.api` says more), and endpoints for
Twisted whose peers are authenticated by DANE (`lab.net.endpoints`).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.api import Cache, Explaining, Result, resolve, resolve_with, resolver
    from lab.app.library import lab_resolver
    from lab.dane.policy import ClientPolicy, ServerPolicy
    from lab.net.agent import dane_agent
    from lab.net.endpoints import RefusedError, dane_client, dane_server
    from lab.pki.identity import Identity
    from lab.tls.handshake import Handshake

__all__ = [
    "Cache",
    "ClientPolicy",
    "Explaining",
    "Handshake",
    "Identity",
    "RefusedError",
    "Result",
    "ServerPolicy",
    "dane_agent",
    "dane_client",
    "dane_server",
    "lab_resolver",
    "resolve",
    "resolve_with",
    "resolver",
]

_ELSEWHERE = {
    "ClientPolicy": "lab.dane.policy",
    "Handshake": "lab.tls.handshake",
    "Identity": "lab.pki.identity",
    "RefusedError": "lab.net.endpoints",
    "ServerPolicy": "lab.dane.policy",
    "dane_agent": "lab.net.agent",
    "dane_client": "lab.net.endpoints",
    "dane_server": "lab.net.endpoints",
    "lab_resolver": "lab.app.library",
}


def __getattr__(name: str) -> object:
    """Return a name of the library, whose module is only imported when it is used."""
    if name in __all__:
        return getattr(import_module(_ELSEWHERE.get(name, "lab.api")), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

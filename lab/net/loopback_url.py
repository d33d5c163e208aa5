"""Read the URL of a program on this machine: nothing that devices say goes to another one."""

from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import urlsplit

from lab.core.errors import InputError
from lab.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class LoopbackUrl:
    """Hold the parts of such a URL.

    Attributes:
        scheme: in lower case.
        address: on loopback.
        port: TCP.
        path: with its leading slash; empty if there is none.
        query: behind the question mark; empty if there is none.
    """

    scheme: str
    address: str
    port: int
    path: str
    query: str


def pull_loopback_url(text: str, ports: Mapping[str, int], wanted: str) -> LoopbackUrl:
    """Return the parts of *text*.

    Args:
        text: what a user gave.
        ports: by scheme, the port to take if *text* names none.
        wanted: the end of a sentence that begins with *text*, if it will not do.

    Raises:
        InputError: it is no URL, of another scheme, or of another machine.
    """
    try:
        parts = urlsplit(text)
        address, port = IPv4Address(parts.hostname or ""), parts.port
    except (AddressValueError, ValueError) as error:
        raise InputError(f"{text!r} {wanted}") from error
    strange = parts.username is not None or "#" in text
    if parts.scheme not in ports or not address.is_loopback or strange:
        raise InputError(f"{text!r} {wanted}")
    port = port or ports[parts.scheme]
    return LoopbackUrl(parts.scheme, str(address), port, parts.path, parts.query)

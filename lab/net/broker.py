"""Say which MQTT broker is told of readings; `lab.net.mqtt` speaks to it."""

from pathlib import Path
from typing import Self

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.net.loopback_url import pull_loopback_url

PREFIX = "lab"
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_WANTED = (
    "is no MQTT broker; expected a URL such as mqtt://127.0.0.1:1883 or mqtts://127.0.0.1/home"
)


@dataclass(frozen=True, slots=True)
class Broker:
    """Name a broker on this machine.

    Attributes:
        address: on loopback; over TLS, its certificate must name it.
        port: TCP.
        prefix: first levels of all topics.
        ca: whose certificates to believe, in PEM, over TLS; None: no TLS.
    """

    address: str
    port: int
    prefix: str = PREFIX
    ca: Path | None = None

    def __str__(self) -> str:
        """Return its URL, without the prefix."""
        return f"{'mqtt' if self.ca is None else 'mqtts'}://{self.address}:{self.port}"

    @classmethod
    def from_text(cls, url: str, ca: Path | None = None) -> Self:
        """Return what *url* names, e.g. "mqtt://127.0.0.1:1883/home".

        Raises:
            InputError: it is no such URL of a loopback address, or *ca* does not go with it.
        """
        parts = pull_loopback_url(url, _PORTS, _WANTED)
        prefix = parts.path.strip("/") or PREFIX
        # MQTT 5.0 section 4.7.1: these are wildcards, for those who subscribe.
        if parts.query or any(one in prefix for one in "+#\0"):
            raise InputError(f"{url!r} {_WANTED}")
        if (parts.scheme == "mqtts") != (ca is not None):
            raise InputError(
                "--mqtt-ca names the authority of a broker whose URL begins with mqtts:"
            )
        return cls(parts.address, parts.port, prefix, ca)

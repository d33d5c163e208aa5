"""Where a validation starts: at the root of the lab, at that of the Internet, or at a resolver."""

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dns.name import Name, from_text, root

from lab.api import DNS_PORT, settings_of
from lab.app.client import live_status
from lab.app.moment import real_time
from lab.app.place import Place
from lab.app.texts import read_text
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.question import Profile, Role, Server
from lab.net.dns_exchange import RESOLUTION_S
from lab.net.entropy import SystemEntropy
from lab.net.plain_client import PlainClient
from lab.net.privacy import DOT_PORT, Privacy
from lab.net.way import Way, straight
from lab.validator.anchor import parse_anchors
from lab.validator.settings import Minimisation, Settings, Stub
from lab.validator.start import parse_hints, read_anchors

if TYPE_CHECKING:
    # Who asks in clear and waits for each answer needs neither Twisted nor TLS.
    from lab.net.dns_client import DnsClient
    from lab.net.dot_client import DotClient
    from lab.net.dot_lines import DotLines
    from lab.net.reactor import Reactor


@dataclass(frozen=True, slots=True)
class Plan:
    """Say where a validation starts.

    Attributes:
        settings: of the validator.
        port: of every nameserver.
        now: by which signatures are judged.
        dot_port: where nameservers speak TLS.
        privacy: how they are asked; None for in clear.
        way: by which they are reached.
    """

    settings: Settings
    port: int
    now: Instant
    dot_port: int = DOT_PORT
    privacy: Privacy | None = None
    way: Way = straight

    def plain_client(self) -> PlainClient:
        """Return the sockets of a validation in clear that waits for each answer."""
        assert self.privacy is None
        return PlainClient(self.port, SystemEntropy(), way=self.way).within(RESOLUTION_S)

    def client(
        self, reactor: "Reactor", lines: "DotLines | None" = None
    ) -> "DnsClient | DotClient":
        """Return the sockets of a validation; *lines* are open from earlier ones."""
        from lab.net.dns_client import DnsClient  # noqa: PLC0415 with Twisted

        clear = DnsClient(reactor, self.port, SystemEntropy(), way=self.way).within(RESOLUTION_S)
        if self.privacy is None:
            return clear
        from lab.net.dot_client import DotClient  # noqa: PLC0415 with TLS
        from lab.net.dot_lines import DotLines  # noqa: PLC0415 as above

        lines = lines or DotLines(reactor)
        return DotClient(clear, self.privacy, lines, self.settings, self.now)


Planner = Callable[[], Plan]
"""Returns where the next validation starts: time goes on, and a lab changes."""


def plan_in_lab(status: dict[str, Any]) -> Plan:
    """Return how to start in the running lab that *status* describes."""
    file = status["trust_anchor"]["ds"]
    anchors = parse_anchors(read_text(Path(file), "the trust anchor"), file)
    hints = tuple(Server(from_text(one["name"]), one["address"]) for one in status["root_servers"])
    # Without a root there is nothing to walk from: the zones themselves are where one starts.
    stubs = () if hints else tuple(_stubs(status))
    now = Instant(status["clock"]["now"])
    ports = [one["port"] for one in status["dot"]]
    dot_port = ports[0] if ports else DOT_PORT
    return Plan(Settings(hints, anchors, stubs), status["port"], now, dot_port, way=_way(status))


def _way(status: dict[str, Any]) -> Way:
    """Return the way to the servers of a running lab, over whoever stands there."""
    ways, clear = status.get("ways", {}), status["port"]

    def way(address: str, port: int) -> tuple[str, int]:
        place = address if port == clear else f"{address}:{port}"
        host, _, number = ways.get(place, f"{address}:{port}").rpartition(":")
        return host, int(number)

    return way


def _stubs(status: dict[str, Any]) -> Iterator[Stub]:
    for zone in status["zones"]:
        apex = from_text(zone["name"])
        yield Stub(apex, tuple(Server(apex, one["address"]) for one in zone["nameservers"]))


@dataclass(frozen=True, slots=True)
class Origin:
    """Say where validations start, in the words of a command line.

    Attributes:
        state: where the running lab is; None for the Internet.
        anchor: file of trust anchors; None for those of the lab or of IANA.
        hints: file of root hints; None for those of the lab or of the Internet.
        port: of all nameservers; None for that of the lab, or 53.
        forward: address and port of a recursive resolver to ask instead of nameservers.
        minimisation: how much of a name nameservers are told.
        forward_name: of that resolver; the root if it is not known.
        tls: how far TLS is wanted; None for not at all.
        tls_port: where it is spoken; None for that of the lab, or 853.
        tls_pins: SHA-256 of the key of the resolver, in base64.
    """

    state: Place | None
    anchor: Path | None = None
    hints: Path | None = None
    port: int | None = None
    forward: tuple[str, int] | None = None
    minimisation: Minimisation = Minimisation.RELAXED
    forward_name: Name = root
    tls: Profile | None = None
    tls_port: int | None = None
    tls_pins: tuple[str, ...] = ()

    def plan(self) -> Plan:
        """Return where a validation that begins now starts.

        Raises:
            LabError: no lab is running, a file is none of the kind, or options do not fit.
        """
        plan = self._walking()
        plan = replace(plan, settings=replace(plan.settings, minimisation=self.minimisation))
        if self.forward is not None:
            address, port = self.forward
            resolver = Server(self.forward_name, address, Role.RECURSIVE, port)
            plan = replace(plan, settings=plan.settings.through(resolver), dot_port=DOT_PORT)
        return replace(plan, privacy=self._privacy(plan.dot_port))

    def _privacy(self, dot_port: int) -> Privacy | None:
        if self.tls is None:
            if self.tls_port is not None or self.tls_pins or self.forward_name != root:
                raise InputError("--tls-port, --tls-pin and --tls-name mean nothing without --tls")
            return None
        if self.forward is None:
            if self.tls_pins or self.forward_name != root:
                raise InputError("--tls-pin and --tls-name are about a resolver: --forward ADDR")
        elif self.tls is Profile.STRICT and not self.tls_pins and self.forward_name == root:
            raise InputError("how is the resolver to be known? Give --tls-name or --tls-pin")
        pins = tuple(_pin(text) for text in self.tls_pins)
        return Privacy(self.tls, self.tls_port or dot_port, pins)

    def _walking(self) -> Plan:
        if self.state is None:
            now = real_time()
            port = DNS_PORT if self.port is None else self.port
            return Plan(settings_of(self.anchor, self.hints, now), port, now)
        plan = plan_in_lab(live_status(self.state))
        settings = plan.settings
        if self.anchor is not None:
            text = read_text(self.anchor, "the trust anchor")
            anchors = read_anchors(text, str(self.anchor), plan.now)
            settings = replace(settings, anchors=anchors)
        if self.hints is not None:
            text = read_text(self.hints, "the root hints")
            settings = replace(settings, hints=parse_hints(text, str(self.hints)))
        return replace(plan, settings=settings, port=self.port or plan.port)


def _pin(text: str) -> bytes:
    """Return a digest from base64, as `kdig +tls-pin` takes it (RFC 7858 section 4.2)."""
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"--tls-pin takes base64, not {text!r}") from error
    if len(octets) != sha256().digest_size:
        raise InputError(f"--tls-pin takes a SHA-256 digest, not {len(octets)} octets")
    return octets

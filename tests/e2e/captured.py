"""A connection between two engines as a capture file: what tshark would have seen on the wire."""

import struct
from dataclasses import dataclass, field
from pathlib import Path

from tests.unit.tls.pair import Pair

# A file of libpcap whose packets begin with the IP header.
_MAGIC, _LINKTYPE_RAW = 0xA1B2C3D4, 101
_PORTS = {"client": (40000, 443), "server": (443, 40000)}
_HOSTS = {"client": bytes([127, 0, 0, 1]), "server": bytes([127, 0, 0, 2])}
_SYN, _ACK, _PUSH = 2, 16, 8
_SEGMENT = 1400


@dataclass
class Capture:
    """Carry octets between two engines and write them down, as segments of TCP."""

    pair: Pair
    packets: list[bytes] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=lambda: {"client": 0, "server": 0})

    def __post_init__(self) -> None:
        self._packet("client", _SYN, b"")
        self._packet("server", _SYN | _ACK, b"")
        self._packet("client", _ACK, b"")

    def pump(self) -> None:
        """Carry octets until both ends are silent."""
        while (upstream := self.pair.client.out()) or (downstream := self.pair.server.out()):
            if upstream:
                self._segments("client", upstream)
                self.pair.server.feed(upstream)
                continue
            self._segments("server", downstream)
            self.pair.client.feed(downstream)

    def write(self, file: Path) -> None:
        """Write the file."""
        head = struct.pack("!IHHIIII", _MAGIC, 2, 4, 0, 0, 65535, _LINKTYPE_RAW)
        body = (
            struct.pack("!IIII", at, 0, len(packet), len(packet)) + packet
            for at, packet in enumerate(self.packets)
        )
        file.write_bytes(head + b"".join(body))

    def _segments(self, sender: str, octets: bytes) -> None:
        for at in range(0, len(octets), _SEGMENT):
            self._packet(sender, _ACK | _PUSH, octets[at : at + _SEGMENT])

    def _packet(self, sender: str, flags: int, octets: bytes) -> None:
        other = "server" if sender == "client" else "client"
        acknowledged = self.sent[other] if flags & _ACK else 0
        numbers = self.sent[sender], acknowledged
        tcp = struct.pack("!HHIIBBHHH", *_PORTS[sender], *numbers, 5 << 4, flags, 65535, 0, 0)
        size = 20 + len(tcp) + len(octets)
        ip = struct.pack("!BBHHHBBH", 0x45, 0, size, 0, 0, 64, 6, 0)
        self.packets.append(ip + _HOSTS[sender] + _HOSTS[other] + tcp + octets)
        self.sent[sender] += len(octets) + (1 if flags & _SYN else 0)

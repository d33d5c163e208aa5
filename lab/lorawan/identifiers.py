"""The numbers by which LoRaWAN names devices and operators, and their names in DNS.

All are kept big-endian, as people, JSON and DNS write them; on air they travel little-endian. Which
NetID a DevAddr belongs to is readable from its first bits (LoRaWAN 1.1 section 6.1.1); where the
join server of a JoinEUI or the network server of a NetID is found is a question to the DNS
(Backend Interfaces 1.0 section 19).
"""

from typing import ClassVar, Self

import dns.exception
import dns.name
from dns.name import Name

from lab.core.errors import InputError
from lab.core.frozen import dataclass

JOINEUIS = dns.name.from_text("joineuis.lora-alliance.org.")
NETIDS = dns.name.from_text("netids.lora-alliance.org.")

_SEPARATORS = str.maketrans("", "", "-:")


@dataclass(frozen=True, order=True, slots=True)
class Identifier:
    """Hold a number of fixed size.

    Attributes:
        octets: big-endian, `SIZE` of them.
    """

    octets: bytes

    SIZE: ClassVar[int] = 0
    CALLED: ClassVar[str] = "identifier"

    def __post_init__(self) -> None:
        """Refuse any other size."""
        if len(self.octets) != self.SIZE:
            raise InputError(
                f"a {self.CALLED} has {self.SIZE} octets, this has {len(self.octets)}: "
                f"{self.octets.hex()}"
            )

    def __str__(self) -> str:
        """Return lower-case hexadecimal digits without separators."""
        return self.octets.hex()

    @property
    def wire(self) -> bytes:
        """Return the octets as they travel: least significant first."""
        return self.octets[::-1]

    @classmethod
    def from_wire(cls, octets: bytes) -> Self:
        """Return the identifier that travelled as *octets*."""
        return cls(octets[::-1])

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the identifier that people or JSON write as *text*.

        Either case, `0x` before it and `-` or `:` between octets are accepted (Backend Interfaces
        1.0 section 22.2 allows peers the first two).

        Raises:
            InputError: *text* is something else.
        """
        digits = text.strip().lower().removeprefix("0x").translate(_SEPARATORS)
        try:
            octets = bytes.fromhex(digits)
        except ValueError:
            octets = b""
        # `bytes.fromhex` skips white space, which no identifier has.
        if len(octets) != cls.SIZE or len(digits) != 2 * cls.SIZE:
            raise InputError(f"{text!r} is no {cls.CALLED}: expected {2 * cls.SIZE} hex digits")
        return cls(octets)


class Eui64(Identifier):
    """Name one device (DevEUI) or one join server (JoinEUI, once called AppEUI)."""

    __slots__ = ()
    SIZE = 8
    CALLED = "EUI-64"


class DevAddr(Identifier):
    """Name a device within a session; the first bits tell its network."""

    __slots__ = ()
    SIZE = 4
    CALLED = "DevAddr"


class NetId(Identifier):
    """Name a network; the first three bits are its type (LoRaWAN 1.1 section 6.1.1)."""

    __slots__ = ()
    SIZE = 3
    CALLED = "NetID"

    # How many of the lowest bits of a NetID stand in a DevAddr, by its type.
    _NWK_ID_BITS: ClassVar[tuple[int, ...]] = (6, 6, 9, 11, 12, 13, 15, 17)

    @property
    def type(self) -> int:
        """Return 0 to 7; the higher, the smaller the network's part of the addresses."""
        return self.octets[0] >> 5

    @property
    def nwk_id(self) -> int:
        """Return the part of the NetID that stands in its addresses."""
        return int.from_bytes(self.octets, "big") & ((1 << self._NWK_ID_BITS[self.type]) - 1)

    @property
    def prefix_bits(self) -> int:
        """Return how many bits of a DevAddr tell the network: the type, unary, and the NwkID."""
        return self.type + 1 + self._NWK_ID_BITS[self.type]

    def dev_addr(self, nwk_addr: int) -> DevAddr:
        """Return the address number *nwk_addr* of this network.

        Raises:
            InputError: the network has fewer addresses.
        """
        room = 32 - self.prefix_bits
        if not 0 <= nwk_addr < 1 << room:
            raise InputError(f"NetID {self} has {1 << room} addresses, there is none {nwk_addr}")
        type_prefix = (1 << (self.type + 1)) - 2
        network = type_prefix << self._NWK_ID_BITS[self.type] | self.nwk_id
        return DevAddr((network << room | nwk_addr).to_bytes(4, "big"))

    def owns(self, dev_addr: DevAddr) -> bool:
        """Tell whether *dev_addr* may be of this network; several NetIDs can share a prefix."""
        room = 32 - self.prefix_bits
        first = int.from_bytes(self.dev_addr(0).octets, "big")
        return int.from_bytes(dev_addr.octets, "big") >> room == first >> room


def join_eui_name(eui: Eui64, suffix: Name = JOINEUIS) -> Name:
    """Return where DNS knows the join server: each digit one label, the last first."""
    return _below(tuple(reversed(str(eui))), suffix)


def net_id_name(net_id: NetId, suffix: Name = NETIDS) -> Name:
    """Return where DNS knows the network server: one label, not reversed."""
    return _below((str(net_id),), suffix)


def _below(labels: tuple[str, ...], suffix: Name) -> Name:
    try:
        return Name((*(label.encode("ascii") for label in labels), *suffix.labels))
    except dns.exception.DNSException as error:
        raise InputError(f"{'.'.join(labels)} below {suffix} is no domain name") from error

"""Words of a command line that mean a question, a name or an address."""

from ipaddress import AddressValueError, IPv4Address

from dns.exception import DNSException
from dns.name import Name, from_text
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.frozen import dataclass

DNS_PORT = 53
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what a user wants to know.

    Attributes:
        qname: absolute.
        rdtype: the QTYPE.
    """

    qname: Name
    rdtype: RdataType

    @classmethod
    def parse(cls, name: str, rdtype: str) -> "Asked":
        """Return what the words of a command line mean.

        Raises:
            InputError: the name or the type is none.
        """
        try:
            return cls(from_text(name), RdataType.from_text(rdtype))
        except (DNSException, ValueError) as error:
            raise InputError(f"cannot ask for {name!r} {rdtype!r}: {error}") from error


def parse_name(text: str) -> Name:
    """Return *text* as an absolute name.

    Raises:
        InputError: it is none.
    """
    try:
        name = from_text(text)
    except DNSException as error:
        raise InputError(f"{text!r} is no domain name: {error}") from error
    if not text or len(name.labels) == 1:
        raise InputError("expected the name of a host")
    return name


def parse_address(text: str, default_port: int) -> tuple[str, int]:
    """Return what `ADDRESS` or `ADDRESS:PORT` means.

    Raises:
        InputError: it is neither.
    """
    address, colon, port = text.partition(":")
    try:
        number = int(port) if colon else default_port
        parsed = IPv4Address(address)
    except (AddressValueError, ValueError) as error:
        raise InputError(f"expected ADDRESS or ADDRESS:PORT, not {text!r}") from error
    if not 0 <= number <= _LAST_PORT:
        raise InputError(f"there is no port {number}")
    return str(parsed), number


def parse_loopback(text: str, default_port: int = DNS_PORT) -> tuple[str, int]:
    """Return the address and port to listen on: never outside 127.0.0.0/8.

    Raises:
        InputError: it is neither `ADDRESS` nor `ADDRESS:PORT`, or not of this machine alone.
    """
    address, port = parse_address(text, default_port)
    if not IPv4Address(address).is_loopback:
        # An open resolver is a weapon for others (RFC 5358): ours is for this machine.
        raise InputError(f"{address} is not in 127.0.0.0/8: the resolver is for this machine only")
    return address, port

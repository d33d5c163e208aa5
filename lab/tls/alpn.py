"""Agree on the application protocol of a connection (RFC 7301)."""

from ctypes import addressof, c_void_p, create_string_buffer, string_at
from typing import Any

from lab.tls import abi
from lab.tls.libssl import Library


class Protocols:
    """Answer libssl for one `SSL_CTX`; must live as long as that."""

    def __init__(self, names: tuple[str, ...]) -> None:
        """Offer *names*, the most welcome first."""
        # libssl keeps the address that it is given, so the octets must stay where they are.
        self._offered = {name.encode(): create_string_buffer(name.encode()) for name in names}
        self._kept = abi.ALPN_CALLBACK(self._select)

    def register(self, library: Library, context: int) -> None:
        """Be asked whenever a client names protocols."""
        library.ssl.SSL_CTX_set_alpn_select_cb(context, self._kept, None)

    def _select(
        self,
        _ssl: int,
        out: Any,  # noqa: ANN401 a pointer of ctypes
        out_size: Any,  # noqa: ANN401 a pointer of ctypes
        wanted: int,
        size: int,
        _argument: int,
    ) -> int:
        names = protocol_names(string_at(wanted, size))
        for name, octets in self._offered.items():
            if name in names:
                out[0] = c_void_p(addressof(octets))
                out_size[0] = len(name)
                return abi.ALPN_SELECTED
        # RFC 7301 section 3.2: no protocol in common ends the handshake.
        return abi.ALPN_FATAL


def offer(library: Library, context: int, names: tuple[str, ...]) -> None:
    """Let the clients of one `SSL_CTX` name *names*, the most welcome first.

    A server may ignore them: then none is agreed on (RFC 7301 section 3.2).
    """
    octets = b"".join(bytes([len(name)]) + name.encode() for name in names)
    refused = library.ssl.SSL_CTX_set_alpn_protos(context, octets, len(octets))
    library.demand(not refused, f"the protocols {', '.join(names)}")


def protocol_names(octets: bytes) -> tuple[bytes, ...]:
    """Return the names of a ProtocolNameList, which libssl has checked (RFC 7301 section 3.1)."""
    names, at = [], 0
    while at < len(octets):
        end = at + 1 + octets[at]
        names.append(octets[at + 1 : end])
        at = end
    return tuple(names)

"""Names that a resolver on a host answers itself and never asks the DNS for (RFC 6761 section 6).

They are not signed and never marked as authentic. In a walk they would only tell the root servers
about the habits of programs.
"""

import dns.rdata
from dns.name import Name, from_text
from dns.rcode import Rcode
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.frozen import dataclass

TTL = 60


@dataclass(frozen=True, slots=True)
class Local:
    """Hold an answer that needs no question.

    Attributes:
        rcode: NOERROR or NXDOMAIN.
        rdatas: the answer; empty for a denial.
    """

    rcode: Rcode
    rdatas: tuple[Rdata, ...] = ()


def _rdata(rdtype: RdataType, text: str) -> Rdata:
    return dns.rdata.from_text(RdataClass.IN, rdtype, text)


_LOCALHOST = from_text("localhost.")
_LOCALHOST_DATA = {
    RdataType.A: _rdata(RdataType.A, "127.0.0.1"),
    RdataType.AAAA: _rdata(RdataType.AAAA, "::1"),
}
_LOOPBACK = {
    from_text("1.0.0.127.in-addr.arpa."): _LOCALHOST,
    from_text("1." + "0." * 31 + "ip6.arpa."): _LOCALHOST,
}
# RFC 6761 section 6.4 and RFC 7686 section 2: there are no such names, and nobody is to be asked.
_NOWHERE = (from_text("invalid."), from_text("onion."))
# RFC 9462 section 6.4: a resolver without designated resolvers says NODATA.
_NO_DATA = (from_text("resolver.arpa."),)


def special(qname: Name, rdtype: RdataType) -> Local | None:
    """Return the answer to a special-use name; None for all others."""
    if qname.is_subdomain(_LOCALHOST):
        # RFC 6761 section 6.3: localhost and all names below it are the loopback address.
        data = _LOCALHOST_DATA.get(rdtype)
        return Local(Rcode.NOERROR, () if data is None else (data,))
    if qname in _LOOPBACK:
        pointer = _rdata(RdataType.PTR, _LOOPBACK[qname].to_text())
        return Local(Rcode.NOERROR, (pointer,) if rdtype == RdataType.PTR else ())
    if any(qname.is_subdomain(one) for one in _NOWHERE):
        return Local(Rcode.NXDOMAIN)
    if any(qname.is_subdomain(one) for one in _NO_DATA):
        return Local(Rcode.NOERROR)
    return None

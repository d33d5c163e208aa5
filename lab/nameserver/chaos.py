"""Class CH: what a server tells about itself to those who debug it (RFC 4892)."""

from collections.abc import Mapping

import dns.flags
import dns.rrset
from dns.message import Message
from dns.name import Name, from_text
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.TXT import TXT

from lab.nameserver.exchange import Service

_TTL = 0

_ABOUT: Mapping[Name, str] = {
    # RFC 4892 section 2: the names of BIND, and those without its name.
    from_text("version.bind."): "version",
    from_text("version.server."): "version",
    from_text("hostname.bind."): "identity",
    from_text("id.server."): "identity",
}


def answer_chaos(response: Message, service: Service) -> None:
    """Fill the response to a query of class CH; REFUSED for what we do not tell."""
    question = response.question[0]
    text = getattr(service, _ABOUT.get(question.name, ""), "")
    if not text:
        response.set_rcode(Rcode.REFUSED)
        return
    response.flags |= dns.flags.AA
    if question.rdtype in {RdataType.TXT, RdataType.ANY}:
        rdata = TXT(RdataClass.CH, RdataType.TXT, [text.encode()])
        response.answer.append(dns.rrset.from_rdata(question.name, _TTL, rdata))

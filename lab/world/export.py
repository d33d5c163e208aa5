"""The lab in the forms that other programs read: trust anchor, root hints, signed zones."""

from base64 import b64encode

from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from lab.core.instant import Instant
from lab.core.question import Server
from lab.core.rrsets import RRset
from lab.nameserver.publication import publication
from lab.nameserver.tree import ServedZone
from lab.validator.anchor import TrustAnchor

# Some tools refuse a DNSKEY or DS without TTL ("no ttl").
ANCHOR_TTL = 3600
HINTS_TTL = 3600000


def anchor_ds_text(*anchors: TrustAnchor) -> str:
    """Return anchors as DS records in presentation form."""
    return "".join(_lines(RRset(one.apex, RdataType.DS, ANCHOR_TTL, one.ds)) for one in anchors)


def anchor_dnskey_text(*anchors: TrustAnchor) -> str:
    """Return anchors as DNSKEY records in presentation form: for unbound, drill, kdig."""
    rrsets = (RRset(one.apex, RdataType.DNSKEY, ANCHOR_TTL, one.dnskeys) for one in anchors)
    return "".join(_lines(rrset) for rrset in rrsets)


def anchor_named_conf_text(*anchors: TrustAnchor) -> str:
    """Return anchors in the syntax of named.conf: for `delv -a` and BIND."""
    keys = "".join(
        f"    {one.apex} static-key {_named_key(key)};\n" for one in anchors for key in one.dnskeys
    )
    return f"trust-anchors {{\n{keys}}};\n"


def _named_key(key: DNSKEY) -> str:
    encoded = b64encode(key.key).decode("ascii")
    return f'{int(key.flags)} {key.protocol} {int(key.algorithm)} "{encoded}"'


def hints_text(servers: tuple[Server, ...]) -> str:
    """Return the root hints file (RFC 9609) that leads a resolver to the lab's root."""
    lines = [f". {HINTS_TTL} IN NS {server.name}" for server in servers]
    lines += [f"{server.name} {HINTS_TTL} IN A {server.address}" for server in servers]
    return "\n".join(lines) + "\n"


def signed_zone_text(served: ServedZone, now: Instant) -> str:
    """Return the whole zone as a master file, signed as of *now*."""
    return "".join(_lines(rrset) for rrset in publication(served, now))


def _lines(rrset: RRset) -> str:
    head = f"{rrset.owner} {rrset.ttl} {RdataClass.IN.name} {RdataType.to_text(rrset.rdtype)}"
    return "".join(f"{head} {rdata.to_text()}\n" for rdata in rrset.rdatas)

"""RFC 8976 appendix A: digests over small zones, computed by others."""

from collections.abc import Iterator

import dns.rdata
import pytest
from dns.name import from_text, root
from dns.rdatatype import RdataType

from lab.core.errors import UnsupportedError
from lab.core.rrsets import RRset
from lab.dnssec.zonemd import make_zonemd, zone_digest

APEX = from_text("example.")
IGNORED = "616c6c6f776564206275742069676e6f7265642e20" * 3
# Sections A.1 to A.3; one record of A.2 is outside the zone.
SIMPLE = """
example.      86400  IN  SOA     ns1.example. admin.example. 2018031900 1800 900 604800 86400
example.      86400  IN  NS      ns1.example.
example.      86400  IN  NS      ns2.example.
ns1.example.  3600   IN  A       203.0.113.63
ns2.example.  3600   IN  AAAA    2001:db8::63
"""
COMPLEX = f"""{SIMPLE}
occluded.sub.example.  7200  IN  TXT  "I'm occluded but must be digested"
sub.example.           7200  IN  NS   ns1.example.
duplicate.example.     300   IN  TXT  "I must be digested just once"
duplicate.example.     300   IN  TXT  "I must be digested just once"
foo.test.              555   IN  TXT  "out-of-zone data must be excluded"
UPPERCASE.example.     3600  IN  TXT  "canonicalize uppercase owner names"
*.example.             777   IN  PTR  dont-forget-about-wildcards.example.
mail.example.          3600  IN  MX   20 MAIL1.example.
mail.example.          3600  IN  MX   10 Mail2.Example.
sortme.example.        3600  IN  AAAA 2001:db8::5:61
sortme.example.        3600  IN  AAAA 2001:db8::3:62
sortme.example.        3600  IN  AAAA 2001:db8::4:63
sortme.example.        3600  IN  AAAA 2001:db8::1:65
sortme.example.        3600  IN  AAAA 2001:db8::2:64
non-apex.example. 900 IN ZONEMD 2018031900 1 1 {IGNORED[:96]}
"""
MULTIPLE = f"""{SIMPLE}
ns2.example.  86400  IN  TXT     "This example has multiple digests"
"""
DIGESTS = {
    "A.1": (
        SIMPLE,
        1,
        (
            "c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9"
            "a9713b3c9ae5cc27777f98b8e730044c"
        ),
    ),
    "A.2": (
        COMPLEX,
        1,
        (
            "a3b69bad980a3504e1cffcb0fd6397f93848071c93151f552ae2f6b1711d4bd2"
            "d8b39808226d7b9db71e34b72077f8fe"
        ),
    ),
    "A.3, SHA-384": (
        MULTIPLE,
        1,
        (
            "62e6cf51b02e54b9b5f967d547ce43136792901f9f88e637493daaf401c92c27"
            "9dd10f0edb1c56f8080211f8480ee306"
        ),
    ),
    "A.3, SHA-512": (
        MULTIPLE,
        2,
        (
            "08cfa1115c7b948c4163a901270395ea226a930cd2cbcf2fa9a5e6eb85f37c8a"
            "4e114d884e66f176eab121cb02db7d652e0cc4827e7a3204f166b47e5613fd27"
        ),
    ),
}


def records(text: str) -> Iterator[RRset]:
    """Return each line as an RRset: how records are grouped makes no difference."""
    for line in filter(None, text.splitlines()):
        owner, ttl, _, rdtype, rdata = line.split(maxsplit=4)
        made = dns.rdata.from_text("IN", rdtype, rdata, origin=root)
        yield RRset(from_text(owner), RdataType.from_text(rdtype), int(ttl), (made,))


@pytest.mark.parametrize("case", DIGESTS)
def test_the_digest_is_that_of_the_rfc(case: str) -> None:
    text, algorithm, digest = DIGESTS[case]
    assert zone_digest(APEX, records(text), algorithm).hex() == digest


def test_the_digest_itself_is_not_digested() -> None:
    rrsets = list(records(SIMPLE))
    digest = zone_digest(APEX, rrsets)
    rdata = make_zonemd(2018031900, digest, 1)
    itself = RRset(APEX, RdataType.ZONEMD, 86400, (rdata,))
    assert zone_digest(APEX, [*rrsets, itself]) == digest


def test_an_unknown_hash_algorithm_is_named() -> None:
    with pytest.raises(UnsupportedError, match="ZONEMD hash algorithm 240 is not implemented"):
        zone_digest(APEX, (), 240)
